/// log Γ(x) of x above 0: Stirling's series (Abramowitz and Stegun 6.1.41), from where it is exact to 1e-15 on.
package func logGamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  // Γ(x + 1) = x Γ(x)
  while x < 12 {
    shift += logarithm(x)
    x += 1
  }
  let r = 1 / (x * x)
  let series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x
  return (x - 0.5) * logarithm(x) - x + 0.918_938_533_204_672_74 + series - shift
}

/// Its slope, the digamma function (6.3.18).
package func digamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  while x < 12 {
    shift += 1 / x
    x += 1
  }
  let r = 1 / (x * x)
  let series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))
  return logarithm(x) - 0.5 / x - series - shift
}

/// log(1 + e^x), without overflow.
package func softplus(_ x: Double) -> Double { x > 30 ? x : logarithm(1 + exponential(x)) }

func sigmoid(_ x: Double) -> Double { 1 / (1 + exponential(-x)) }
