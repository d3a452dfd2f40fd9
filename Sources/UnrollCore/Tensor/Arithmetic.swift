import CUnrollKernels

// Element by element. Tensors must have equal shapes; a number stands for itself everywhere.
extension Tensor {
  /// Every element through a function.
  public func map(_ transform: (Element) -> Element) -> Tensor { mapping(transform) }

  /// Pairs of elements through a function.
  ///
  /// - Precondition: the shapes are equal.
  public func combined(
    with other: Tensor, _ combine: (Element, Element) -> Element
  ) -> Tensor {
    combining(other, combine)
  }

  // Inlined into the operators, which are compiled for Float: called for each element, a function
  // costs many times what it does.
  @inline(__always)
  private func mapping(_ transform: (Element) -> Element) -> Tensor {
    Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in for i in x.indices { y[i] = transform(x[i]) } }
    }
  }

  @inline(__always)
  private func combining(_ other: Tensor, _ combine: (Element, Element) -> Element) -> Tensor {
    expectSameShape(as: other, "a combination")
    return Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { a in
        other.withUnsafeBufferPointer { b in for i in a.indices { y[i] = combine(a[i], b[i]) } }
      }
    }
  }

  @specialized(where Element == Float)
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    var sum = a
    sum += b
    return sum
  }

  @specialized(where Element == Float)
  public static func - (a: Tensor, b: Tensor) -> Tensor { a.combining(b) { $0 - $1 } }
  @specialized(where Element == Float)
  public static func * (a: Tensor, b: Tensor) -> Tensor { a.combining(b) { $0 * $1 } }
  @specialized(where Element == Float)
  public static func / (a: Tensor, b: Tensor) -> Tensor { a.combining(b) { $0 / $1 } }

  @specialized(where Element == Float)
  public static prefix func - (a: Tensor) -> Tensor { a.mapping { -$0 } }

  @specialized(where Element == Float)
  public static func + (a: Tensor, b: Element) -> Tensor { a.mapping { $0 + b } }
  @specialized(where Element == Float)
  public static func - (a: Tensor, b: Element) -> Tensor { a.mapping { $0 - b } }
  @specialized(where Element == Float)
  public static func * (a: Tensor, b: Element) -> Tensor { a.mapping { $0 * b } }
  @specialized(where Element == Float)
  public static func / (a: Tensor, b: Element) -> Tensor { a.mapping { $0 / b } }
  @specialized(where Element == Float)
  public static func + (a: Element, b: Tensor) -> Tensor { b.mapping { a + $0 } }
  @specialized(where Element == Float)
  public static func - (a: Element, b: Tensor) -> Tensor { b.mapping { a - $0 } }
  @specialized(where Element == Float)
  public static func * (a: Element, b: Tensor) -> Tensor { b.mapping { a * $0 } }

  @specialized(where Element == Float)
  public static func += (a: inout Tensor, b: Tensor) {
    a.expectSameShape(as: b, "the sum")
    guard b.isAllocated else { return }
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        unroll_add(Element.kernelType, b.count, b.baseAddress, a.baseAddress)
      }
    }
  }

  @specialized(where Element == Float)
  public static func *= (a: inout Tensor, factor: Element) {
    guard a.isAllocated else { return }
    a.withUnsafeMutableBufferPointer { a in
      unroll_scale(Element.kernelType, a.count, Double(factor), a.baseAddress)
    }
  }

  /// Makes every element zero, keeping the memory.
  @specialized(where Element == Float)
  public mutating func setToZero() {
    guard isAllocated else { return }
    withUnsafeMutableBufferPointer {
      _ = UnsafeMutableRawBufferPointer($0).initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  @specialized(where Element == Float)
  public func exp() -> Tensor { elementwise(unroll_exp) }
  @specialized(where Element == Float)
  public func tanh() -> Tensor { elementwise(unroll_tanh) }
  /// The logistic function, `1 / (1 + exp(-x))`.
  @specialized(where Element == Float)
  public func sigmoid() -> Tensor { elementwise(unroll_sigmoid) }

  @specialized(where Element == Float)
  private func elementwise(
    _ kernel: (unroll_type, Int, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void
  ) -> Tensor {
    Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in
        kernel(Element.kernelType, x.count, x.baseAddress, y.baseAddress)
      }
    }
  }

  /// Over the last axis: `exp(x) / sum exp(x)`, without overflow.
  @specialized(where Element == Float)
  public func softmax() -> Tensor { rowwise(unroll_softmax) }
  /// Over the last axis: the logarithm of ``softmax()``.
  @specialized(where Element == Float)
  public func logSoftmax() -> Tensor { rowwise(unroll_log_softmax) }

  @specialized(where Element == Float)
  private func rowwise(
    _ kernel: (unroll_type, Int, Int, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void
  ) -> Tensor {
    Tensor(uninitialized: shape) { y in
      withUnsafeBufferPointer { x in
        kernel(Element.kernelType, rows, columns, x.baseAddress, y.baseAddress)
      }
    }
  }
}
