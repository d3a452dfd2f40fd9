/// What a line, a band or a bar is drawn in. Each has a tone for a light and one for a dark page.
public enum ChartColor: Sendable, Hashable {
  /// One of six colors that the color-blind tell apart, counted from 0; a seventh is the first again.
  case accent(Int)
  /// One of three grays, from the strongest, 0, to the faintest.
  case neutral(Int)

  /// The part of its classes' names that tells it from others.
  package var name: String {
    switch self {
    case .accent(let index): "a\(((index % 6) + 6) % 6)"
    case .neutral(let index): "n\(min(max(index, 0), 2))"
    }
  }

  static let all = (0..<6).map(ChartColor.accent) + (0..<3).map(ChartColor.neutral)

  var light: String {
    switch self {
    case .accent: ["#0b66b3", "#c4480c", "#0a7f55", "#9b3f86", "#8f6a00", "#4f5bd5"][place]
    case .neutral: ["#1f1f1f", "#6b6b6b", "#9c9c9c"][place]
    }
  }

  package var dark: String {
    switch self {
    case .accent: ["#62b0f5", "#ff9057", "#45cf9d", "#e491d2", "#e3bd4c", "#a9b1ff"][place]
    case .neutral: ["#f2f2f2", "#a8a8a8", "#757575"][place]
    }
  }

  private var place: Int { Int(name.dropFirst()) ?? 0 }
}

/// How a line is drawn.
public enum ChartStroke: Sendable, Hashable, CaseIterable {
  case solid, dashed, dotted

  /// The lengths of dashes and of what is between them.
  var dashes: String? {
    switch self {
    case .solid: nil
    case .dashed: "9 5"
    case .dotted: "2 5"
    }
  }
}
