import Foundation
import Testing
import UnrollCore

@Suite("A parameter")
struct ParameterTests {
  private struct Refusal: Error {}

  @Test("holds no memory before it is initialized, and no gradient before a backward")
  func memory() {
    let parameter = Parameter<Float>([3, 4], .glorot)
    #expect(!parameter.value.isAllocated)
    #expect(!parameter.gradient.isAllocated)
    #expect(parameter.count == 12)
  }

  @Test("is not encoded outside of a model file, where its weights would be lost")
  func encoding() {
    #expect(throws: EncodingError.self) {
      try JSONEncoder().encode(Parameter<Float>([3, 4], .zeros))
    }
    #expect(throws: EncodingError.self) {
      try JSONEncoder().encode(Dense(inputSize: 3, outputSize: 4))
    }
  }

  @Test("is not decoded outside of a model file")
  func decoding() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Parameter<Float>.self, from: Data(#"{"shape":[3,4]}"#.utf8))
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Dense.self, from: Data(#"{"weight":{"shape":[3,4]}}"#.utf8))
    }
  }

  @Test("has a coded form that is its shape alone")
  func codedForm() throws {
    var dense = Dense(inputSize: 3, outputSize: 4, hasBias: true)
    dense.initialize(seed: 1)
    let json = try ModelFile.architecture(of: dense)
    #expect(json == #"{"bias":{"shape":[4]},"weight":{"shape":[4,3]}}"#)
  }

  @Test("that need not be there is visited in place where it is")
  func optionalThere() {
    var parameter: Parameter<Float>? = Parameter([3], .zeros)
    parameter?.value = counting([3])
    let before = parameter.map { address($0.value) }
    var names: [String] = []
    parameter.visit("bias") { name, parameter in
      names.append(name)
      parameter.value *= 2
    }
    #expect(names == ["bias"])
    #expect(parameter?.value.scalars == [0, 2, 4])
    #expect(parameter.map { address($0.value) } == before)
  }

  @Test("that need not be there is not visited where it is not")
  func optionalAbsent() {
    var parameter: Parameter<Float>?
    parameter.visit("bias") { name, _ in Issue.record("\(name) was visited") }
    #expect(parameter == nil)
  }

  @Test("that need not be there is still there after a visit that throws")
  func optionalThrowing() {
    var parameter: Parameter<Float>? = Parameter([3], .zeros)
    #expect(throws: Refusal.self) { try parameter.visit("bias") { _, _ in throw Refusal() } }
    #expect(parameter?.shape == [3])
  }
}
