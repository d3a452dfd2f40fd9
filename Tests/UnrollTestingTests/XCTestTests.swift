import TestSupport
import UnrollTesting
import XCTest

/// A layer is checked in XCTest as it is in Swift Testing.
final class XCTestTests: XCTestCase {
  func testALayerThatKeepsTheLawsPasses() throws {
    try checkLayer(Scale(), input: noise([3, 2, 4]))
  }

  func testALayerThatBreaksALawFailsWithItsNameAndNumbers() {
    XCTAssertThrowsError(try checkLayer(WrongScale(), input: noise([3, 2, 4]))) { error in
      XCTAssert("\(error)".contains("gradients ("), "\(error)")
      XCTAssert("\(error)".contains("the gradient of scale has a relative error of 0."), "\(error)")
    }
  }
}
