#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The natural logarithm; not a number of what is below 0, and of 0.
func logarithm(_ x: Double) -> Double { x > 0 ? log(x) : .nan }

func exponential(_ x: Double) -> Double { exp(x) }

func cosine(_ x: Double) -> Double { cos(x) }
