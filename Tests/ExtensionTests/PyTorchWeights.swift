// What the article Shapes and Gates does to bring weights over from PyTorch.
import Unroll

extension TensorFile {
  /// The tensor of a name, which must have this shape.
  func tensor(_ name: String, shape: [Int]) throws -> Tensor<Float> {
    let values = try values(of: name, as: Float.self)
    guard let found = entry(name)?.shape, found == shape else {
      throw ShapeError(name, expected: "\(shape)", got: entry(name)?.shape ?? [])
    }
    return Tensor(shape: shape, scalars: values)
  }
}

extension LSTMCell where Element == Float {
  /// Takes the weights of a layer of a `torch.nn.LSTM`.
  mutating func load(_ file: TensorFile, layer: Int) throws {
    try visitParameters { name, parameter in
      let theirs = name == "bias" ? "bias_ih_l\(layer)" : "\(name)_l\(layer)"
      parameter.value = try file.tensor(theirs, shape: parameter.shape)
      if name == "bias" {
        parameter.value += try file.tensor("bias_hh_l\(layer)", shape: parameter.shape)
      }
    }
  }
}

extension GRUCell where Element == Float {
  /// Takes the weights of a layer of a `torch.nn.GRU`.
  mutating func load(_ file: TensorFile, layer: Int) throws {
    let H = hiddenSize
    var recurrent = try file.tensor("bias_hh_l\(layer)", shape: [3 * H])
    let ofProduct = recurrent.columns((2 * H)..<(3 * H))
    recurrent.setColumns((2 * H)..<(3 * H), to: Tensor(shape: [H]))
    try visitParameters { name, parameter in
      parameter.value =
        switch name {
        case "bias": try file.tensor("bias_ih_l\(layer)", shape: parameter.shape) + recurrent
        case "bias_hn": ofProduct
        default: try file.tensor("\(name)_l\(layer)", shape: parameter.shape)
        }
    }
  }
}
