import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of a picture, in order; `nil` where it is not well-formed.
final class XML: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
    var text = ""
  }

  private(set) var elements: [Element] = []
  private var open: [Int] = []

  init?(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let last = open.last { elements[last].text += text }
  }

  func named(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  /// What is written in the picture, beside titles that are shown for a pointer.
  var texts: [String] { named("text").map(\.text) }

  /// The points of all lines.
  var points: [[(x: Double, y: Double)]] {
    named("polyline").map { line in
      (line.attributes["points"] ?? "").split(separator: " ").compactMap { point in
        let numbers = point.split(separator: ",").compactMap { Double($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
      }
    }
  }

  /// Whether every number that places something is one, and texts begin and end within the picture.
  var isInside: Bool {
    guard let box = elements.first?.attributes["viewBox"]?.split(separator: " ") else {
      return false
    }
    let size = box.compactMap { Double($0) }
    guard size.count == 4 else { return false }
    let places = elements.flatMap { element in
      ["x", "y", "cx", "cy", "width", "height"].compactMap { element.attributes[$0] }
    }
    return places.allSatisfy { $0.hasSuffix("%") || Double($0)?.isFinite == true }
      && named("text").allSatisfy {
        let (x, y) = (Double($0.attributes["x"] ?? ""), Double($0.attributes["y"] ?? ""))
        return (0...size[2]).contains(x ?? -1) && (0...size[3]).contains(y ?? -1)
      }
  }
}
