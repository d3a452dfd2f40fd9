// error: type 'Doubled' does not conform to protocol 'StatelessLayer'
import Unroll

struct Doubled: StatelessLayer {
  func makeCache() {}
  func forward(_ x: Tensor<Float>, cache: inout Void, in context: Context) -> Tensor<Float> {
    x + x
  }
}
