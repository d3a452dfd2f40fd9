"""The model files of hostile_files.py: architectures and vocabularies, malformed and well-formed."""

import json

from hostile_parts import model_file

EMBEDDING = {"kind": "Embedding", "layer": {"weight": {"shape": [7, 4]}}}
SOFTMAX = {
    "kind": "DenseSoftmax",
    "layer": {"dense": {"bias": {"shape": [7]}, "weight": {"shape": [7, 3]}}},
}


def cell(inputs, hidden, blocks, **more):
    rows = blocks * hidden
    return {
        "projection": {"bias": {"shape": [rows]}, "weight": {"shape": [rows, inputs]}},
        "recurrence": {"weight": {"shape": [rows, hidden]}},
        **more,
    }


def recurrent(kind, cell):
    return {"kind": kind, "layer": {"cell": cell}}


LSTM = recurrent("LSTM", cell(4, 3, 4))
MODEL = [EMBEDDING, LSTM, SOFTMAX]
TENSORS = {
    "0.weight": [7, 4], "1.weight_ih": [12, 4], "1.bias": [12], "1.weight_hh": [12, 3],
    "2.weight": [7, 3], "2.bias": [7],
}
VOCABULARY = {"hasUnknown": False, "unit": "character", "values": [97, 98, 99, 100, 101, 102, 103]}

malformed = []  # (name, word, bytes), of Sequential<Tokens, Tensor<Float>, Float>
characters = []  # (name, word, bytes), of a character language model
well_formed = []  # (name, bytes), of both


def text(value):
    return json.dumps(value, separators=(",", ":"))


def bad(name, word, architecture, tensors=TENSORS, **more):
    architecture = architecture if isinstance(architecture, str) else text(architecture)
    malformed.append((name, word, model_file(architecture, tensors, **more)))


def edited(old, new, source=MODEL):
    """The model's text with something in it replaced."""
    before = text(source)
    assert old in before, old
    return before.replace(old, new, 1)


def layer(name, word, entry, tensors=None):
    """A model of the embedding, one layer, and tensors that are enough for it."""
    bad(name, word, f"[{text(EMBEDDING)},{entry if isinstance(entry, str) else text(entry)}]",
        {"0.weight": [7, 4], **(tensors or {"1.more": [400]})})


# No architecture, or none that is JSON.
malformed.append(("no architecture", "no architecture", model_file(None, TENSORS)))
for name, word, value in [
    ("empty", "ends too early", ""), ("blank", "ends too early", "  "), ("no list", "an array", "{}"),
    ("null", "an array", "null"), ("a number", "an array", "1"), ("a string", "an array", '"LSTM"'),
    ("cut", "too early", text(MODEL)[:-1]), ("two lists", "after the end", text(MODEL) * 2),
    ("a NUL at the end", "after the end", text(MODEL) + "\0"),
    ("a byte-order mark", "byte-order mark", "\ufeff" + text(MODEL)),
    ("a comment", "a value", "//\n" + text(MODEL)),
    ("a comma too many", "a value", text(MODEL)[:-1] + ",]"),
    ("no layers", "the last layer gives", "[]"), ("a layer that is null", "an object", "[null]"),
    ("a layer that is a list", "an object", '[["Embedding",{}]]'),
    ("a layer that is a name", "an object", '["Embedding"]'),
    ("a lone surrogate", "surrogate", '[{"kind":"\\ud800","layer":{}}]'),
    ("a control character", "control", '[{"kind":"a\1","layer":{}}]'),
    ("nested 500 deep", "deeper than 64", "[" * 500 + "]" * 500),
    ("objects nested 500 deep", "deeper than 64", '{"a":' * 500),
]:
    bad("architecture: " + name, word, value)

# Kinds.
bad("unknown kind", "no layer of kind 'Magic'", edited('"LSTM"', '"Magic"'))
bad("kind of another case", "no layer of kind 'lstm'", edited('"LSTM"', '"lstm"'))
bad("kind with a space", "no layer of kind 'LSTM '", edited('"LSTM"', '"LSTM "'))
bad("empty kind", "no layer of kind ''", edited('"LSTM"', '""'))
bad("kind of two lines", "no layer of kind", edited('"LSTM"', '"a\\nb"'))
bad("kind of a thousand letters", "no layer of kind", edited('"LSTM"', '"' + "a" * 1000 + '"'))
bad("kind of 1025 bytes", "more than the 1024 allowed", edited('"LSTM"', '"' + "a" * 1025 + '"'))
bad("kind of ten thousand letters", "more than the 1024", edited('"LSTM"', '"' + "a" * 10_000 + '"'))
bad("kind of marks", "more than the 1024 allowed", edited('"LSTM"', '"' + "\u0301\u0323" * 300 + '"'))
bad("kind that acts on a terminal", "no layer of kind",
    edited('"LSTM"', '"\\u001b[31m\\u009b\\u202e\\u2028\\u007f"'))
bad("kind that is a cell's wrapper", "is missing", edited('"LSTM"', '"Zoneout"'))
bad("kind that is a number", "a string", edited('"LSTM"', "1"))
bad("kind that is null", "a string", edited('"LSTM"', "null"))
bad("no kind", "'kind' is missing", edited('"kind":"LSTM",', ""))
bad("no layer", "'layer' is missing", [EMBEDDING, {"kind": "LSTM"}, SOFTMAX])
bad("layer that is a list", "an object", [EMBEDDING, {"kind": "LSTM", "layer": []}, SOFTMAX])
bad("layers turned round", "takes", [SOFTMAX, LSTM, EMBEDDING])
bad("embedding twice", "takes Tokens", [EMBEDDING, EMBEDDING, LSTM, SOFTMAX])

# Keys.
bad("kind twice", "second time", edited('"kind":"LSTM"', '"kind":"LSTM","kind":"LSTM"'))
bad("shape twice", "second time", edited('"shape":[12]', '"shape":[12],"shape":[12]'))
bad("shape twice, one escaped", "second time", edited('"shape":[12]', '"shape":[12],"\\u0073hape":[12]'))
bad("unknown field of a stack", "unknown", edited('"kind":"LSTM"', '"kind":"LSTM","name":"x"'))
bad("unknown field of a layer", "unknown", edited('{"cell":', '{"reversed":false,"cell":'))
bad("unknown field of a cell", "unknown", edited('"recurrence":', '"forgetBias":1,"recurrence":'))
bad("unknown field of a parameter", "unknown", edited('"shape":[12]', '"shape":[12],"dtype":"F32"'))
bad("unknown field that is null", "unknown", edited('"shape":[12]', '"shape":[12],"dtype":null'))
bad("field of the wrong case", "missing", edited('"shape":[12]', '"Shape":[12]'))

bad("field of marks", "256 combining marks", edited('"kind"', '"' + "\u0301\u0323" * 129 + '"'))

# Shapes.
for number in ("-12", "12.0", "1.2e1", "12e0", "120e-1", "-0", "0", "12.5", "null", "true", '"12"', "[12]",
               "9223372036854775808", "18446744073709551628", "1e999", "1" * 100, "{}"):
    shape = "no shape" if number in ("-12", "0") else "integer"
    bad(f"size {number[:20]}", shape, edited('"shape":[12]', f'"shape":[{number}]'))
bad("size of 5000 digits", "invalid number", edited('"shape":[12]', f'"shape":[{"1" * 5000}]'))
for number in ("012", "0x0c", "12.", "1e", "-"):
    bad(f"size {number[:20]}", "invalid number", edited('"shape":[12]', f'"shape":[{number}]'))
for number in ("NaN", "Infinity", "+12", ".5"):
    bad(f"size {number}", "a value", edited('"shape":[12]', f'"shape":[{number}]'))
bad("shape that is a number", "an array", edited('"shape":[12]', '"shape":12'))
bad("shape that is an object", "an array", edited('"shape":[12]', '"shape":{"0":12}'))
bad("2^60 elements", "more than the file holds", edited("[7,4]", f"[{2**60},1]"))
bad("2^63-1 elements", "more than the file holds", edited("[7,4]", f"[{2**63 - 1}]"))
bad("2^80 elements", "no shape", edited("[7,4]", f"[{2**40},{2**40}]"))
bad("a layer more than the file holds", "more than the file holds", MODEL + [LSTM] * 9)
bad("shape of a thousand axes", "1000 axes", edited("[7,4]", text([1] * 1000)))

# Tensors.
def tensors(name, word, changes, **more):
    changed = {key: shape for key, shape in {**TENSORS, **changes}.items() if shape is not None}
    bad(name, word, MODEL, changed, **more)


tensors("tensor that is missing", "no tensor '1.bias'", {"1.bias": None, "bias": [12]})
tensors("tensor that nothing uses", "does not use", {"3.weight": [1]})
tensors("empty tensor that nothing uses", "does not use", {"zero": [0]})
tensors("tensor of another shape", "of shape [4, 7]", {"0.weight": [4, 7]})
tensors("tensor of another rank", "of shape [28]", {"0.weight": [28]})
tensors("tensor with an axis of one more", "of shape [7, 4, 1]", {"0.weight": [7, 4, 1]})
tensors("tensors of another type", "has type F64, not F32", {}, dtype="F64")
tensors("tensor by another layer's number", "no tensor", {"1.bias": None, "01.bias": [12]})
bad("no tensors", "more than the file holds", MODEL, {})

# Layers that do not hold together.
DENSE = {"kind": "Dense", "layer": {"bias": {"shape": [3]}, "weight": {"shape": [3, 4]}}}
layer("rate above one", "1.5", {"kind": "Dropout", "layer": {"rate": 1.5}})
layer("rate of one", "rate 1", {"kind": "Dropout", "layer": {"rate": 1}})
layer("negative rate", "-0.1", {"kind": "Dropout", "layer": {"rate": -0.1}})
for rate in ("NaN", "nan", "Infinity", "-Infinity", "0.5", "inf"):
    layer(f"rate as the text {rate}", "number", {"kind": "Dropout", "layer": {"rate": rate}})
layer("rate that is infinite", "number", '{"kind":"Dropout","layer":{"rate":1e999}}')
layer("rate that is null", "number", {"kind": "Dropout", "layer": {"rate": None}})
layer("rate that is true", "number", {"kind": "Dropout", "layer": {"rate": True}})
layer("no rate", "'rate' is missing", {"kind": "Dropout", "layer": {}})
layer("mask that is unknown", "perChance", {"kind": "Dropout", "layer": {"rate": 0, "mask": "perChance"}})
layer("epsilon of zero", "no LayerNorm",
      {"kind": "LayerNorm", "layer": {"weight": {"shape": [4]}, "bias": {"shape": [4]}, "epsilon": 0}})
layer("epsilon that is negative", "no LayerNorm",
      {"kind": "LayerNorm", "layer": {"weight": {"shape": [4]}, "bias": {"shape": [4]}, "epsilon": -1e-5}})
layer("function that is unknown", "function", {"kind": "Activation", "layer": {"function": {"swish": {}}}})
layer("two functions", "function", {"kind": "Activation", "layer": {"function": {"tanh": {}, "relu": {}}}})
layer("function with something unknown", "unknown",
      {"kind": "Activation", "layer": {"function": {"tanh": {"slope": 1}}}})
layer("function beside something unknown", "unknown",
      {"kind": "Activation", "layer": {"function": {"tanh": {}, "swish": {}}}})
layer("slope that is negative", "slope -1",
      {"kind": "Activation", "layer": {"function": {"hardSigmoid": {"slope": -1}}}})
layer("bias that does not fit", "no Dense",
      {"kind": "Dense", "layer": {"bias": {"shape": [4]}, "weight": {"shape": [3, 4]}}})
layer("weight of one axis", "no Dense",
      {"kind": "Dense", "layer": {"bias": {"shape": [3]}, "weight": {"shape": [3]}}})
layer("LSTM whose weights do not fit", "no LSTM", recurrent("LSTM", cell(4, 3, 3)))
layer("GRU without its bias", "no GRU", recurrent("GRU", cell(4, 3, 3, resetGate="afterProduct")))
layer("reset gate that is unknown", "resetGate", recurrent("GRU", cell(4, 3, 3, resetGate="never")))
layer("RNN of no function", "activation", recurrent("RNN", cell(4, 3, 1, activation={})))


def linear(kind, rows, inputs=4, **more):
    projection = {"bias": {"shape": [rows]}, "weight": {"shape": [rows, inputs]}}
    return recurrent(kind, {"projection": projection, **more})


layer("MinGRU of an odd number of rows", "no MinGRU", linear("MinGRU", 5))
layer("MinLSTM of two blocks", "no MinLSTM", linear("MinLSTM", 4))
layer("MinLSTM without a bias", "no MinLSTM",
      recurrent("MinLSTM", {"projection": {"weight": {"shape": [6, 4]}}}))
for width in (0, -1, 3, 2**63 - 1, -(2**63)):
    layer(f"QRNN of the width {width}", "no QRNN", linear("QRNN", 9, width=width))
layer("QRNN of four blocks", "no QRNN", linear("QRNN", 8, width=2))
for units in (0, -2, 3, 2**63 - 1, -(2**63)):
    layer(f"SRU of {units} units", "no SRU", linear("SRU", 8, activation={"identity": {}}, hidden=units))
layer("SRU without a projection for its highway", "no SRU",
      linear("SRU", 9, activation={"identity": {}}, hidden=3))
layer("SRU of no function", "activation", linear("SRU", 12, activation={}, hidden=4))
layer("SRU of a negative slope", "slope -1",
      linear("SRU", 12, activation={"leakyReLU": {"slope": -1}}, hidden=4))
layer("dropout of a product that is not there", "no recurrent product",
      recurrent("RecurrentDropout", {
          "cell": {"kind": "MinGRU", "cell": linear("MinGRU", 6)["layer"]["cell"]}, "rate": 0.1}))
attention = {
    "projection": {"weight": {"shape": [12, 4]}, "bias": {"shape": [12]}},
    "output": {"weight": {"shape": [4, 4]}, "bias": {"shape": [4]}}, "heads": 2,
}
for heads in (0, -2, 3, -(2**63)):
    layer(f"{heads} heads", "no SelfAttention", {"kind": "SelfAttention", "layer": {**attention, "heads": heads}})
layer("half a head", "integer", {"kind": "SelfAttention", "layer": {**attention, "heads": 0.5}})
layer("two heads with a fraction", "integer", {"kind": "SelfAttention", "layer": {**attention, "heads": 2.0}})
layer("2^63 heads", "integer", {"kind": "SelfAttention", "layer": {**attention, "heads": 2**63}})
layer("as many heads as there may be", "no SelfAttention",
      {"kind": "SelfAttention", "layer": {**attention, "heads": 2**63 - 1}})
layer("mask of a thousand letters and one", "expected DropoutMask",
      {"kind": "Dropout", "layer": {"rate": 0, "mask": "a" * 1001}})
layer("mask of marks", "expected DropoutMask",
      {"kind": "Dropout", "layer": {"rate": 0, "mask": "perElement" + "\u0301\u0323" * 2000}})
layer("window of nothing", "no SelfAttention", {"kind": "SelfAttention", "layer": {**attention, "window": 0}})
layer("residual without layers", "inner", {"kind": "Residual", "layer": {}})
layer("tokens within a residual", "takes Tokens", {"kind": "Residual", "layer": {"inner": [EMBEDDING]}})


# Widths that double from layer to layer, and within one another.
DROPOUT = {"kind": "Dropout", "layer": {"rate": 0.5}}


def doubled(inner):
    return {"kind": "Bidirectional", "layer": {"forward": inner, "backward": inner}}


def doubled_within(depth, inner=DROPOUT):
    """Bidirectional layers within one another. The inner direction has them, the outer one the same
    number of them in a row, so that both are as wide."""
    for width in range(1, depth + 1):
        inner = {"kind": "Bidirectional", "layer": {
            "forward": [inner], "backward": [doubled([DROPOUT])] * (width - 1) or [DROPOUT]}}
    return inner


# Layers and cells within one another.
def nested_layers(depth):
    inner = []
    for _ in range(depth):
        inner = [{"kind": "Residual", "layer": {"inner": inner}}]
    return inner


def nested_cells(depth, kind="RNN", rate=0.5, source=None):
    inner = {"kind": kind, "cell": source or cell(4, 3, 1)}
    for _ in range(depth):
        inner = {"kind": "RecurrentDropout", "cell": {"cell": inner, "rate": rate}}
    return {"kind": "RecurrentDropout", "layer": {"cell": {"cell": inner, "rate": rate}}}


layer("60 layers within one another", "deeper than 64", nested_layers(60)[0])
layer("60 cells within one another", "deeper than 64", nested_cells(60))
layer("cell that is unknown", "no cell of kind 'Magic'", nested_cells(0, "Magic"))
layer("cell that is a layer", "no cell of kind 'Dense'", nested_cells(0, "Dense"))
layer("cell that is a list", "an object", nested_cells(0, source=[1]))
layer("cell whose weights do not fit", "no RNN", nested_cells(3, source=cell(4, 3, 2)))
layer("cell of a rate above one", "1.25", nested_cells(2, rate=1.25))


# Vocabularies.
def vocabulary(name, word, value):
    value = value if isinstance(value, str) else text(value)
    characters.append((name, word, model_file(text(MODEL), TENSORS, vocabulary=value)))


def values(name, word, value):
    vocabulary(name, word, {**VOCABULARY, "values": value})


characters.append(("no vocabulary", "no vocabulary", model_file(text(MODEL), TENSORS)))
vocabulary("vocabulary that is empty text", "too early", "")
vocabulary("vocabulary that is a list", "an object", "[97]")
vocabulary("vocabulary that is null", "an object", "null")
vocabulary("vocabulary cut", "too early", text(VOCABULARY)[:-1])
vocabulary("vocabulary without values", "'values' is missing", {"hasUnknown": False, "unit": "character"})
vocabulary("vocabulary without unit", "'unit' is missing", {"hasUnknown": False, "values": [1]})
vocabulary("vocabulary of an unknown unit", "unit", {**VOCABULARY, "unit": "syllable"})
vocabulary("vocabulary with an unknown field", "unknown", {**VOCABULARY, "size": 7})
vocabulary("vocabulary with a field twice", "second time", text(VOCABULARY)[:-1] + ',"unit":"byte"}')
vocabulary("vocabulary of bytes above 255", "not a byte", {**VOCABULARY, "unit": "byte", "values": [0, 1, 2, 3, 4, 5, 256]})
vocabulary("vocabulary whose flag is a number", "true or false", {**VOCABULARY, "hasUnknown": 0})
values("values that are none", "no values", [])
values("values that are a text", "an array", "abcdefg")
values("value twice", "comes after", [97, 97, 98, 99, 100, 101, 102])
values("values that descend", "comes after", [98, 97, 99, 100, 101, 102, 103])
values("half of a surrogate pair", "not a Unicode scalar", [97, 98, 99, 100, 101, 102, 0xD800])
values("value beyond U+10FFFF", "not a Unicode scalar", [97, 98, 99, 100, 101, 102, 0x110000])
values("negative value", "integer", [-1, 98, 99, 100, 101, 102, 103])
values("value of 2^32", "integer", [97, 98, 99, 100, 101, 102, 2**32])
values("value with a fraction", "integer", [97.0, 98, 99, 100, 101, 102, 103])
values("values that are letters", "integer", list("abcdefg"))
values("values within a value", "integer", [[97, 98, 99, 100, 101, 102, 103]])
values("one value too few", "vocabulary of 6", [97, 98, 99, 100, 101, 102])
values("one value too many", "vocabulary of 8", [97, 98, 99, 100, 101, 102, 103, 104])
vocabulary("one value more by the unknown one", "vocabulary of 8", {**VOCABULARY, "hasUnknown": True})


def both(name, word, architecture, tensors):
    characters.append((name, word, model_file(text(architecture), tensors, vocabulary=text(VOCABULARY))))


wider = {**SOFTMAX, "layer": {"dense": {"bias": {"shape": [7]}, "weight": {"shape": [7, 5]}}}}
both("layers that do not fit each other", "do not fit", [EMBEDDING, LSTM, wider], {**TENSORS, "2.weight": [7, 5]})
both("a network that gives no classes", "outputs", [EMBEDDING, LSTM],
     {k: v for k, v in TENSORS.items() if k[0] != "2"})
for count in (29, 40, 60, 63):
    both(f"{count} layers that each double the width", "not fit" if count > 28 else "outputs",
         [EMBEDDING] + [doubled([DROPOUT])] * count, {"0.weight": [7, 4]})
both("60 layers that double the width, and a softmax", "not fit",
     [EMBEDDING] + [doubled([DROPOUT])] * 60 + [SOFTMAX],
     {"0.weight": [7, 4], "61.weight": [7, 3], "61.bias": [7]})
both("layers that double the width within a residual", "not fit",
     [EMBEDDING, {"kind": "Residual", "layer": {"inner": [doubled([DROPOUT])] * 63}}], {"0.weight": [7, 4]})
both("layers that double the width within one another", "not fit",
     [EMBEDDING] + [doubled_within(10)] * 6, {"0.weight": [7, 4]})
both("layers that double the width, their sums", "outputs",
     [EMBEDDING] + [{"kind": "Bidirectional", "layer": {
         "forward": [DROPOUT], "backward": [DROPOUT], "merging": "sum"}}] * 60, {"0.weight": [7, 4]})
characters.append((
    "a tied embedding around layers that double the width", "axis that is not in", model_file(
        text([{"kind": "TiedEmbedding", "layer": {
            "output": {"dense": {"bias": {"shape": [7]}, "weight": {"shape": [7, 4]}}},
            "inner": [doubled([DROPOUT])] * 60}}]),
        {"0.weight": [7, 4], "0.bias": [7]}, vocabulary=text(VOCABULARY))))
vocabulary("vocabulary of a unit of marks", "expected Unit", {**VOCABULARY, "unit": "\u0301\u0323" * 2000})
vocabulary("vocabulary of a word of marks", "not a vocabulary",
           {"hasUnknown": False, "unit": "word", "words": ["a", "\u0301\u0323" * 2000 + " b"]})
vocabulary("vocabulary of words that act on a terminal", "not a vocabulary",
           {"hasUnknown": False, "unit": "word", "words": ["\u001b[31m\u202e\u2028 \u009b"]})
widened = {"kind": "Embedding", "layer": {"weight": {"shape": [8, 4]}}}
both("an embedding of more characters", "embeds 8", [widened, LSTM, SOFTMAX], {**TENSORS, "0.weight": [8, 4]})
ways = {"kind": "Bidirectional", "layer": {"forward": [LSTM], "backward": [LSTM], "merging": "sum"}}
names = ["weight_ih", "bias", "weight_hh"]
both("a network that sees what it predicts", "not causal", [EMBEDDING, ways, SOFTMAX],
     {**{k: v for k, v in TENSORS.items() if k[0] != "1"},
      **{f"1.{way}.0.{n}": TENSORS[f"1.{n}"] for n in names for way in ("forward", "backward")}})


def fine(name, architecture, tensors=TENSORS, vocabulary=VOCABULARY):
    well_formed.append((name, model_file(
        architecture if isinstance(architecture, str) else text(architecture), tensors,
        vocabulary=text(vocabulary))))


fine("a model", MODEL)
fine("a model with spaces", json.dumps(MODEL, indent=2))
fine("a model whose keys are escaped", edited('"kind"', '"\\u006bind"'))
fine("a model of bytes", MODEL, vocabulary={**VOCABULARY, "unit": "byte"})
fine("a model with dropout", [EMBEDDING, {"kind": "Dropout", "layer": {"rate": 2.5e-1}}, LSTM, SOFTMAX],
     {{"1": "2", "2": "3"}.get(k[0], k[0]) + k[1:]: v for k, v in TENSORS.items()})
fine("a model without a rate that is a whole number",
     [EMBEDDING, {"kind": "Dropout", "layer": {"rate": 0.0}}, LSTM, SOFTMAX],
     {{"1": "2", "2": "3"}.get(k[0], k[0]) + k[1:]: v for k, v in TENSORS.items()})
fine("a model of cells within cells", [EMBEDDING, nested_cells(5), SOFTMAX],
     {**TENSORS, "1.weight_ih": [3, 4], "1.bias": [3], "1.weight_hh": [3, 3]})


def groups(encoded):
    for group in (malformed, characters, well_formed):
        found = [name for name, *_ in group]
        assert len(set(found)) == len(found), [n for n in found if found.count(n) > 1]
    return {
        "malformedModels": [{"name": n, "says": w, **encoded(d)} for n, w, d in malformed],
        "malformedCharacters": [{"name": n, "says": w, **encoded(d)} for n, w, d in characters],
        "wellFormedModels": [{"name": n, **encoded(d)} for n, d in well_formed],
    }
