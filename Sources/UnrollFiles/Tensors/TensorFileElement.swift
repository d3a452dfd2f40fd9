extension TensorFile {
  /// The element types of the safetensors format, by their names in the header.
  public enum ElementType: String, CaseIterable, Sendable {
    case bool = "BOOL"
    case float4 = "F4"
    case float6E2M3 = "F6_E2M3"
    case float6E3M2 = "F6_E3M2"
    case uint8 = "U8"
    case int8 = "I8"
    case float8E5M2 = "F8_E5M2"
    case float8E4M3 = "F8_E4M3"
    case float8E8M0 = "F8_E8M0"
    case float8E4M3FNUZ = "F8_E4M3FNUZ"
    case float8E5M2FNUZ = "F8_E5M2FNUZ"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case complex64 = "C64"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"

    /// Bits of one element. Elements of fewer than eight are packed.
    public var bitWidth: Int {
      switch self {
      case .float4: 4
      case .float6E2M3, .float6E3M2: 6
      case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
        .float8E5M2FNUZ:
        8
      case .int16, .uint16, .float16, .bfloat16: 16
      case .int32, .uint32, .float32: 32
      case .complex64, .float64, .int64, .uint64: 64
      }
    }

    /// The bytes that a tensor of this type and `shape` takes.
    ///
    /// A shape is refused where its sizes other than zero overflow, even if another size is zero:
    /// who computes strides from it would overflow.
    func byteCount(
      of shape: [Int], tensor: String
    ) throws(TensorFileError.Problem) -> Int {
      var bits = bitWidth
      for size in shape where size != 0 {
        let (product, overflow) = bits.multipliedReportingOverflow(by: size)
        guard size > 0, !overflow else { throw .shapeOverflow(tensor: tensor) }
        bits = product
      }
      if shape.contains(0) { return 0 }
      guard bits % 8 == 0 else { throw .partialByte(tensor: tensor) }
      return bits / 8
    }
  }
}

/// A number that a tensor file can hold: `Float`, `Double` and the integers of fixed width.
///
/// Only numbers whose bytes are all that they are: any bytes of a file are a valid value.
public protocol TensorFileElement: BitwiseCopyable, Sendable {
  /// The type's name in a file.
  static var tensorFileType: TensorFile.ElementType { get }
}

extension Float: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .float32 }
}
extension Double: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .float64 }
}
extension Int8: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .int8 }
}
extension Int16: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .int16 }
}
extension Int32: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .int32 }
}
extension Int64: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .int64 }
}
extension UInt8: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .uint8 }
}
extension UInt16: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .uint16 }
}
extension UInt32: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .uint32 }
}
extension UInt64: TensorFileElement {
  public static var tensorFileType: TensorFile.ElementType { .uint64 }
}

/// Whether numbers in memory have the byte order of a file, which is little-endian.
let hostIsLittleEndian = UInt16(1).littleEndian == 1

/// Reverses the bytes of each element, from one byte order to the other.
package func reverseBytes(of bytes: UnsafeMutableRawBufferPointer, elementSize: Int) {
  guard elementSize > 1 else { return }
  for start in stride(from: 0, to: bytes.count, by: elementSize) {
    bytes[start..<(start + elementSize)].reverse()
  }
}
