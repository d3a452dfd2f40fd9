"""Writes what the fuzzers start from, out of Tests/Fixtures/hostile_files.json and a few tables.

    python seeds.py FOLDER
"""

import base64
import json
import pathlib
import struct
import sys

here = pathlib.Path(__file__).parent
groups = json.loads((here.parent / "Fixtures" / "hostile_files.json").read_text())
files = {
    group: [base64.b64decode(e["bytes"]) + bytes(e["zeros"]) for e in entries]
    for group, entries in groups.items()
}


def write(target, seeds):
    folder = pathlib.Path(sys.argv[1]) / target
    folder.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(dict.fromkeys(seeds)):
        if len(seed) <= 4096:
            (folder / f"seed-{index:03}").write_bytes(seed)


tensors = files["malformed"] + files["wellFormed"]
write("TensorFile", [b"\0" + data for data in tensors] + [data[8:] for data in tensors])

architectures = []
for data in files["malformedModels"] + files["wellFormedModels"]:
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    text = header["__metadata__"].get("unroll.architecture")
    architectures += [] if text is None else [text.encode(errors="replace")]


def shape(*axes):
    return {"shape": list(axes)}


def cell(inputs, hidden, blocks, hasBias=True, **more):
    projection = {"weight": shape(blocks * hidden, inputs)}
    if hasBias:
        projection["bias"] = shape(blocks * hidden)
    return {
        "projection": projection, "recurrence": {"weight": shape(blocks * hidden, hidden)}, **more,
    }


def dense(inputs, outputs):
    return {"weight": shape(outputs, inputs), "bias": shape(outputs)}


def linear(rows, inputs, **more):
    return {"projection": {"weight": shape(rows, inputs), "bias": shape(rows)}, **more}


def step(kind, cell):
    return {"kind": kind, "layer": {"cell": cell}}


def layer(kind, **fields):
    return {"kind": kind, "layer": fields}


options = {
    "gate": {"hardSigmoid": {"slope": 0.2}}, "candidate": {"relu": {}}, "output": {"identity": {}},
    "peepholes": "diagonal", "forgetGate": "coupled", "clipping": {"cell": {"limit": 3}},
    "projectionSize": 4,
}
rnn = step("RNN", cell(4, 4, 1, activation={"relu": {}}))
lstm = cell(4, 2, 4)
# Each keeps four features, so that any of them go together.
layers = [
    rnn, step("LSTM", cell(4, 4, 4)),
    step("LSTM", {
        "projection": {"weight": shape(9, 4), "bias": shape(9)},
        "recurrence": {"weight": shape(9, 4)}, "outputWeight": shape(4, 3), "peepholes": shape(6),
        "options": options}),
    step("GRU", cell(4, 4, 3, resetGate="afterProduct", productBias=shape(4))),
    step("GRU", cell(4, 4, 3, resetGate="beforeProduct")),
    step("GRU", cell(4, 4, 3, resetGate="beforeProduct", options={
        "gate": {"hardSigmoid": {"slope": 0.2, "offset": 0.4}}, "candidate": {"elu": {"scale": 1}},
        "clip": 3})),
    step("RNN", cell(4, 4, 1, activation={"scaledTanh": {"scale": 1.7, "slope": 0.6}}, clip=3)),
    step("LayerNormLSTM", cell(
        4, 4, 4, hasBias=False, inputScale=shape(16), recurrentScale=shape(16), bias=shape(16),
        cellScale=shape(4), cellBias=shape(4))),
    step("MinGRU", linear(8, 4)), step("MinLSTM", linear(12, 4)),
    step("QRNN", linear(12, 8, width=2)),
    step("SRU", linear(12, 4, hidden=4, activation={"tanh": {}})),
    layer("Zoneout", cell={"cell": {"kind": "LSTM", "cell": cell(4, 4, 4)}, "hidden": 0.5, "memory": 0.25}),
    layer("RecurrentDropout", cell={"cell": {"kind": "RNN", "cell": cell(4, 4, 1)}, "rate": 0.5}),
    layer("Bidirectional", forward=[rnn], backward=[rnn], merging="sum"),
    layer("Bidirectional", forward=[step("LSTM", lstm)], backward=[step("LSTM", lstm)]),
    layer("SelfAttention", projection=dense(4, 12), output=dense(4, 4), heads=2, window=3),
    layer("SelfAttention", projection=dense(4, 12), output=dense(4, 4), heads=1, window=2**63 - 1),
    layer("Residual", inner=[rnn, layer("Dropout", rate=0.5, mask="perSequence")]),
    layer("LayerNorm", weight=shape(4), bias=shape(4), epsilon=1e-05),
    layer("Activation", function={"hardSigmoid": {"slope": 0.2}}), layer("Dense", **dense(4, 4)),
    layer("LastStep"), layer("MaxOverTime"), layer("MeanOverTime"),
]
embedding = layer("Embedding", weight=shape(5, 4))
stacks = [[embedding, entry] for entry in layers] + [
    [embedding, layers[1], layer("DenseSoftmax", dense=dense(4, 5))],
    [layer("TiedEmbedding", output={"dense": dense(4, 5)}, inner=[layers[1]])],
    [embedding, *layers[:6]],
    [embedding, layer("Bidirectional", forward=[rnn], backward=[rnn]), layer("BothEnds")],
    [embedding, layer("Bidirectional", forward=[rnn, layer("LastStep")], backward=[rnn, layer("LastStep")])],
]
architectures += [json.dumps(stack, separators=(",", ":")).encode() for stack in stacks]
write("Architecture", architectures)

# Choices of ModelTarget.swift: each kind of layer alone, several of one, and some of all.
KINDS = 20
choices = [bytes([3, 5, kind] + [0] * 12) for kind in range(KINDS)]
choices += [bytes([3, 5] + [kind, 1, 2] * 8) for kind in range(KINDS)]
choices += [bytes((7 * i + 3 * k) % 256 for i in range(90)) for k in range(20)]
choices += [bytes([200 + k % 56, k] + [14, 3] * 40) for k in range(20)]
write("Model", choices)

tables = [
    b"", b"a\n", b"a,b\n1,2\n", b"a,b\r\n1,2\r\n", b"a\r1\r", b'"a","b"\n"1","2"\n', b"\xef\xbb\xbfa\n1\n",
    b'a,b\n"1\n2","3 ""x"" "\n', b'a,b\n"1,2\n', b"a,b\n1\n", b"a;b\n1;2\n", b"a\tb\n1\t2\n",
    b"\n\na\n\n1\n\n", b"a\n1e5\n-.5\n+3\nnan\n\n", b'a\n"x"y\n', b'a\nx"y"\n', b"a\0b\n", b"\xff\n1\n",
    b"a,a\n1,2\n", b" a , b \n 1 , 2 \n", b",\n,\n", b"a\n" + b"x" * 300 + b"\n",
]
write("CSV", [bytes([choice]) + table for table in tables for choice in (0, 1, 2, 4, 9, 16, 37)])
