import Foundation

/// Numbers as a program prints them.
public enum TerminalFormat {
  /// A number with so many digits after the point; one of very many before it by its power of ten.
  public static func fixed(_ number: Double, _ digits: Int) -> String {
    String(format: abs(number) < 1e7 ? "%.\(digits)f" : "%.\(digits)e", number)
  }

  /// Seconds as `1:23:45` or `2:07`.
  public static func clock(seconds: Double) -> String {
    let seconds = Int(seconds.isFinite ? min(max(seconds.rounded(), 0), 1e9) : 0)
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
      : String(format: "%d:%02d", minutes, seconds % 60)
  }
}
