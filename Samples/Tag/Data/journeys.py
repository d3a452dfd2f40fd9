"""Sentences about journeys, with the parts of speech of their words and the people and places in them: names are
drawn from syllables, so that most of the test's were never seen. Writes journeys-train.conll and journeys-test.conll
beside itself.

    python journeys.py
"""

import pathlib
import random

draw = random.Random(7)

STARTS = "Al Bren Cor Dal Er Fen Gar Hol Is Jor Kel Lin Mar Nor Or Pel Quin Ros Sel Tor".split()
ENDS_OF_NAMES = "a an en ia in is o us".split()
ENDS_OF_PLACES = "bridge by ford ham mouth port ton wick".split()
VERBS = "left reached crossed missed loved".split()
MOTIONS = "walked drove sailed rode".split()
THINGS = "the boat/the train/an old map/a letter/two horses".split("/")
DAYS = "Monday Tuesday Friday Sunday".split()


def tagged(text, part):
    return [(word, part, "O") for word in text.split()]


def name():
    words = [draw.choice(STARTS) + draw.choice(ENDS_OF_NAMES) for _ in range(draw.choice([1, 1, 2]))]
    title = tagged(draw.choice(["Mr", "Dr", "Captain"]), "NNP") if draw.random() < 0.4 else []
    return title + [(word, "NNP", ("I" if i else "B") + "-PER") for i, word in enumerate(words)]


def place():
    words = [draw.choice(STARTS) + draw.choice(ENDS_OF_PLACES)]
    if draw.random() < 0.25:
        words.insert(0, draw.choice(["North", "New", "Lower"]))
    return [(word, "NNP", ("I" if i else "B") + "-LOC") for i, word in enumerate(words)]


def thing():
    article, *rest = draw.choice(THINGS).split()
    part = "CD" if article == "two" else "DT"
    noun = "NNS" if article == "two" else "NN"
    return [(article, part, "O")] + [(w, "JJ" if w == "old" else noun, "O") for w in rest]


def day():
    return tagged("on", "IN") + tagged(draw.choice(DAYS), "NNP") if draw.random() < 0.5 else []


def sentence():
    kind = draw.randrange(5)
    if kind == 0:
        words = name() + tagged(draw.choice(VERBS), "VBD") + place() + day()
    elif kind == 1:
        words = name() + tagged(draw.choice(MOTIONS), "VBD") + tagged("from", "IN") + place()
        words += tagged("to", "TO") + place() + day()
    elif kind == 2:
        words = tagged("In", "IN") + place() + tagged(",", ",") + name() + tagged("sold", "VBD") + thing()
        words += tagged("to", "TO") + name()
    elif kind == 3:
        words = tagged("It", "PRP") + tagged("was", "VBD") + name() + tagged("who", "WP")
        words += tagged("found", "VBD") + thing() + tagged("near", "IN") + place()
    else:
        words = place() + tagged("lies", "VBZ") + tagged(str(draw.randrange(2, 90)), "CD")
        words += tagged("miles", "NNS") + tagged("from", "IN") + place()
    return words + tagged(".", ".")


def write(path, count):
    lines = ["\n".join(" ".join(word) for word in sentence()) + "\n" for _ in range(count)]
    path.write_text("\n".join(lines))


here = pathlib.Path(__file__).parent
write(here / "journeys-train.conll", 400)
write(here / "journeys-test.conll", 150)
