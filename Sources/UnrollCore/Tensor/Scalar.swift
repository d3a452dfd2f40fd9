import CUnrollKernels
import UnrollFiles

/// The type of a tensor's elements: `Float` for training and serving, `Double` for checking
/// gradients.
public protocol Scalar: BinaryFloatingPoint, Codable, TensorFileElement {
  /// How the kernels of `CUnrollKernels` are told this type; their first argument.
  static var kernelType: unroll_type { get }
}

extension Float: Scalar {
  public static var kernelType: unroll_type { UNROLL_F32 }
}

extension Double: Scalar {
  public static var kernelType: unroll_type { UNROLL_F64 }
}
