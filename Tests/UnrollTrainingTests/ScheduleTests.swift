import TestSupport
import Testing
import UnrollCore
import UnrollLayers
import UnrollTraining

@Suite("Schedules and clipping")
struct ScheduleTests {
  @Test("A linear and a cosine schedule go from one rate to the other and stay")
  func ends() {
    for schedule in [
      Schedule.linear(from: 3, to: 1, steps: 10), .cosine(from: 3, to: 1, steps: 10),
    ] {
      #expect(schedule.rate(at: 0) == 3)
      #expect(abs(schedule.rate(at: 5) - 2) < 1e-12)
      #expect(schedule.rate(at: 10) == 1)
      #expect(schedule.rate(at: 99) == 1)
    }
    #expect(Schedule.cosine(from: 2, to: 0, steps: 3).rate(at: 1) == 1.5)
  }

  @Test("Warm-up rises to the peak, then the rate falls to the floor at the last step")
  func warmUp() {
    let schedule = Schedule.warmUpAndDecay(peak: 8, floor: 2, warmUp: 4, steps: 20)
    #expect((0..<4).map { schedule.rate(at: $0) } == [2, 4, 6, 8])
    #expect(schedule.rate(at: 4) == 8)
    #expect(abs(schedule.rate(at: 12) - 5) < 1e-12)
    #expect(schedule.rate(at: 20) == 2)
  }

  @Test("Rates by hand")
  func rates() {
    let table: [(Schedule, [(step: Int, rate: Double)])] = [
      (.constant(0.3), [(0, 0.3), (7, 0.3)]),
      (.step(from: 8, factor: 0.5, every: 3), [(0, 8), (2, 8), (3, 4), (5, 4), (6, 2), (9, 1)]),
      (.exponential(from: 8, factor: 0.25, over: 4), [(0, 8), (2, 4), (4, 2), (8, 0.5)]),
      (
        .product(.linear(from: 2, to: 4, steps: 4), .step(from: 1, factor: 0.1, every: 2)),
        [(0, 2), (1, 2.5), (2, 0.3), (3, 0.35), (4, 0.04)]
      ),
      (
        .sequence(.constant(5), steps: 2, then: .linear(from: 3, to: 1, steps: 2)),
        [(0, 5), (1, 5), (2, 3), (3, 2), (4, 1), (9, 1)]
      ),
      // Rises along half a cosine for 4 of 12 steps, and falls for 8.
      (
        .oneCycle(peak: 50, steps: 12, rise: 1 / 3.0),
        [(0, 2), (2, 26), (4, 50), (8, 25.0001), (12, 0.0002), (99, 0.0002)]
      ),
    ]
    for (schedule, rates) in table {
      for (step, rate) in rates {
        #expect(abs(schedule.rate(at: step) - rate) < 1e-12, "\(schedule) at \(step)")
      }
    }
  }

  private func layer() -> Dense<Double> {
    var layer = Dense<Double>(inputSize: 2, outputSize: 1)
    layer.weight.gradient = Tensor(shape: [1, 2], scalars: [3, 0])
    layer.bias.gradient = Tensor(shape: [1], scalars: [-4])
    return layer
  }

  @Test("Clipping by norm scales all gradients together; below the limit it changes nothing")
  func norm() {
    var layer = layer()
    #expect(GradientClipping.globalNorm(6).clip(&layer) == 5)
    #expect(layer.weight.gradient.scalars == [3, 0])
    #expect(GradientClipping.globalNorm(1).clip(&layer) == 5)
    #expect(abs(layer.weight.gradient[0, 0] - 0.6) < 1e-15)
    #expect(abs(layer.bias.gradient[0] + 0.8) < 1e-15)
  }

  @Test("Clipping by value limits each number")
  func value() {
    var layer = layer()
    #expect(GradientClipping.value(3.5).clip(&layer) == 5)
    #expect(layer.weight.gradient.scalars == [3, 0])
    #expect(layer.bias.gradient.scalars == [-3.5])
  }
}
