import TestSupport
import Testing
import UnrollCore
import UnrollFiles
import UnrollLayers

@Suite("LSTM agrees with PyTorch")
struct LSTMGoldenTests {
  private let golden: [String: Golden.Numbers]

  init() throws {
    golden = try Golden.load("lstm_golden.json").layer
  }

  private func number<E: Scalar>(_ name: String) throws -> Tensor<E> {
    try #require(golden[name]).tensor()
  }

  private func layer<E: Scalar>(_ type: E.Type) throws -> LSTM<E> {
    var layer = LSTM<E>(inputSize: 4, hiddenSize: 5)
    layer.cell.projection.weight.value = try number("weight_ih")
    layer.cell.projection.bias!.value = try number("bias")
    layer.cell.recurrence.weight.value = try number("weight_hh")
    return layer
  }

  private func check<E: Scalar>(_ type: E.Type, within bound: Double) throws {
    var layer = try layer(E.self)
    var state = layer.makeState(batch: 2)
    state.values = .concatenatingColumns(try number("h0"), try number("c0"))
    var cache = layer.makeCache()
    let y = layer.forward(try number("x"), state: &state, cache: &cache, in: Context())
    #expect(difference(y, try number("y")) < bound)
    #expect(difference(state.values.columns(0..<5), try number("h")) < bound)
    #expect(difference(state.values.columns(5..<10), try number("c")) < bound)

    state.values = .concatenatingColumns(try number("dh"), try number("dc"))
    let dx = layer.backward(try number("dy"), state: &state, cache: &cache, in: Context())
    #expect(difference(dx, try number("d_x")) < bound)
    #expect(difference(state.values.columns(0..<5), try number("d_h0")) < bound)
    #expect(difference(state.values.columns(5..<10), try number("d_c0")) < bound)
    #expect(difference(layer.cell.projection.weight.gradient, try number("d_weight_ih")) < bound)
    #expect(difference(layer.cell.projection.bias!.gradient, try number("d_bias")) < bound)
    #expect(difference(layer.cell.recurrence.weight.gradient, try number("d_weight_hh")) < bound)
  }

  @Test("in double precision, to 1e-12")
  func double() throws { try check(Double.self, within: 1e-12) }

  @Test("in single precision, to 1e-5")
  func float() throws { try check(Float.self, within: 1e-5) }

  @Test("and no other order of the gates does", arguments: Self.wrongOrders)
  func gateOrder(order: [Int]) throws {
    var layer = try layer(Double.self)
    func reorder(_ tensor: Tensor<Double>) -> Tensor<Double> {
      tensor.gathering(order.flatMap { gate in (0..<5).map { gate * 5 + $0 } })
    }
    layer.visitParameters { $1.value = reorder($1.value) }
    var state = layer.makeState(batch: 2)
    state.values = .concatenatingColumns(try number("h0"), try number("c0"))
    var cache = layer.makeCache()
    let y = layer.forward(try number("x"), state: &state, cache: &cache, in: Context())
    #expect(difference(y, try number("y")) > 1e-2)
  }

  private static let wrongOrders: [[Int]] = {
    var orders: [[Int]] = []
    for a in 0..<4 {
      for b in 0..<4 where b != a {
        for c in 0..<4 where c != a && c != b { orders.append([a, b, c, 6 - a - b - c]) }
      }
    }
    return orders.filter { $0 != [0, 1, 2, 3] }
  }()

  @Test("There are 23 wrong orders")
  func count() { #expect(Self.wrongOrders.count == 23) }
}
