import Testing
import TestSupport
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
