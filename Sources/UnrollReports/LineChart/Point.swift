/// A point of a picture, in its units.
package struct Point: Equatable {
  package var (x, y): (Double, Double)

  package init(x: Double, y: Double) { (self.x, self.y) = (x, y) }

  package var text: String { "\(fixed(x)),\(fixed(y))" }
}

/// A line of fewer points that looks the same: of all points within half a unit of width, one after
/// another, the first, the lowest, the highest and the last.
package func thinned(_ points: [Point]) -> [Point] {
  guard points.count > 2000 else { return points }
  var kept: [Point] = []
  var start = 0
  while start < points.count {
    let column = (points[start].x * 2).rounded(.down)
    var end = start + 1
    while end < points.count, (points[end].x * 2).rounded(.down) == column { end += 1 }
    let part = start..<end
    let low = part.min { points[$0].y < points[$1].y } ?? start
    let high = part.max { points[$0].y < points[$1].y } ?? start
    for index in Set([start, low, high, end - 1]).sorted() { kept.append(points[index]) }
    start = end
  }
  return kept
}
