/// How a word is written: which of its letters are capitals, and where it has digits.
enum WordShape: Int32, CaseIterable {
  case lower
  case capitalized
  case upper
  case mixed
  case number
  case lettersAndDigits
  case other

  init(of word: String) {
    let (letters, digits) = (word.filter(\.isLetter), word.contains(where: \.isNumber))
    self =
      if letters.isEmpty {
        digits ? .number : .other
      } else if digits {
        .lettersAndDigits
      } else if !letters.contains(where: \.isUppercase) {
        .lower
      } else if !letters.contains(where: \.isLowercase) {
        letters.count == 1 ? .capitalized : .upper
      } else if word.first?.isUppercase == true, !letters.dropFirst().contains(where: \.isUppercase)
      {
        .capitalized
      } else {
        .mixed
      }
  }
}
