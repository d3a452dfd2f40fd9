"""Golden numbers of PyTorch's RNN, GRU and LSTM, in double precision: outputs, final states and
every gradient, for one layer, two layers, one bidirectional layer, and batches of unequal lengths.
Writes recurrent_golden.json beside itself.

    pip install torch
    python recurrent_golden.py

The file is a list of cases. "cell" is rnn_tanh, rnn_relu, gru or lstm. With "projectionSize" P the
hidden state, and so "output", "h0" and "hT", has P elements for each unit's H. "lengths" is null or
the steps of each sequence; the inputs beyond them are 1000 and must not matter, and the outputs
beyond them are 0.

Tensors, with D the size of the output, both directions side by side, forward first:

    input [T, B, I]    output [T, B, D]

and for each layer and direction, after a prefix as in "0.forward.weight_ih":

    weight_ih, weight_hh    rows in PyTorch's order: i, f, g, o for LSTM; r, z, n for GRU
    bias                    bias_ih + bias_hh; for GRU's n it is bias_ih alone
    bias_hn [H]             of GRU: the part of bias_hh within n = tanh(.. + r * (W h + bias_hn))
    weight_hr [P, H]        of LSTM with a projection
    h0, c0, hT, cT          [B, H]; c0 and cT of LSTM only

The loss is sum(output * doutput) + sum(hT * dhT) + sum(cT * dcT), over all layers and directions,
with random coefficients doutput, dhT and dcT, also where outputs are padding. "d" before any other
name is the gradient of that loss: dinput, d0.forward.weight_ih, d0.forward.bias, d0.forward.h0, ...
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)

TIME, BATCH, INPUTS, HIDDEN, PROJECTION = 5, 3, 4, 6, 2
LENGTHS = [5, 2, 4]
PADDING = 1000.0
CELLS = {
    "rnn_tanh": lambda **form: torch.nn.RNN(INPUTS, HIDDEN, nonlinearity="tanh", **form),
    "rnn_relu": lambda **form: torch.nn.RNN(INPUTS, HIDDEN, nonlinearity="relu", **form),
    "gru": lambda **form: torch.nn.GRU(INPUTS, HIDDEN, **form),
    "lstm": lambda **form: torch.nn.LSTM(INPUTS, HIDDEN, **form),
}
FORMS = [
    ("one layer", 1, False, None),
    ("two layers", 2, False, None),
    ("bidirectional", 1, True, None),
    ("lengths", 1, False, LENGTHS),
    ("bidirectional lengths", 1, True, LENGTHS),
]


def numbers(tensor):
    assert tensor.isfinite().all()
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def parameters(net, cell, suffix):
    """The parameters of one layer and direction and their gradients, in this file's form."""
    at = {name: getattr(net, f"{name}_{suffix}") for name in ("weight_ih", "weight_hh")}
    if hasattr(net, f"weight_hr_{suffix}"):
        at["weight_hr"] = getattr(net, f"weight_hr_{suffix}")
    at |= {"d" + name: weight.grad for name, weight in at.items()}
    bias_ih, bias_hh = (getattr(net, f"{name}_{suffix}") for name in ("bias_ih", "bias_hh"))
    merged = bias_ih + bias_hh
    if cell == "gru":
        of_n = slice(2 * HIDDEN, 3 * HIDDEN)
        merged = torch.cat([merged[: 2 * HIDDEN], bias_ih[of_n]])
        at["bias_hn"], at["dbias_hn"] = bias_hh[of_n], bias_hh.grad[of_n]
    at["bias"], at["dbias"] = merged, bias_ih.grad
    return at


def case(cell, form, layers, bidirectional, lengths, projection, seed):
    torch.manual_seed(seed)
    arguments = {"num_layers": layers, "bidirectional": bidirectional}
    net = CELLS[cell](**arguments, **({"proj_size": projection} if projection else {}))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_(0, 0.5)
    places = [
        (f"{layer}.{direction}.", f"l{layer}{'_reverse' if direction == 'backward' else ''}")
        for layer in range(layers)
        for direction in ("forward", "backward")[: 1 + bidirectional]
    ]
    sizes = [projection or HIDDEN, HIDDEN][: 1 + (cell == "lstm")]

    x = torch.randn(TIME, BATCH, INPUTS)
    for sequence, length in enumerate(lengths or []):
        x[length:, sequence] = PADDING
    x.requires_grad_()
    initial = [torch.randn(len(places), BATCH, size, requires_grad=True) for size in sizes]
    d_final = [torch.randn(len(places), BATCH, size) for size in sizes]
    dy = torch.randn(TIME, BATCH, sizes[0] * (1 + bidirectional))

    pack, unpack = (
        torch.nn.utils.rnn.pack_padded_sequence,
        torch.nn.utils.rnn.pad_packed_sequence,
    )
    run = pack(x, lengths, enforce_sorted=False) if lengths else x
    y, final = net(run, tuple(initial) if cell == "lstm" else initial[0])
    if lengths:
        y, _ = unpack(y, total_length=TIME)
    final = final if cell == "lstm" else (final,)
    ((y * dy).sum() + sum((s * ds).sum() for s, ds in zip(final, d_final))).backward()

    tensors = {"input": x, "output": y, "doutput": dy, "dinput": x.grad}
    for index, (prefix, suffix) in enumerate(places):
        at = parameters(net, cell, suffix)
        for s, s0, sT, dsT in zip("hc", initial, final, d_final):
            at |= {f"{s}0": s0[index], f"{s}T": sT[index]}
            at |= {f"d{s}0": s0.grad[index], f"d{s}T": dsT[index]}
        for name, tensor in at.items():
            key = "d" + prefix + name[1:] if name.startswith("d") else prefix + name
            tensors[key] = tensor
    for sequence, length in enumerate(lengths or []):
        assert not y[length:, sequence].any() and not x.grad[length:, sequence].any()
    assert all(tensor.any() for tensor in tensors.values())
    return {
        "name": f"{cell}{' projected' if projection else ''} {form}",
        "cell": cell,
        "layers": layers,
        "bidirectional": bidirectional,
        "inputSize": INPUTS,
        "hiddenSize": HIDDEN,
        "projectionSize": projection,
        "lengths": lengths,
        "tensors": {name: numbers(tensor) for name, tensor in tensors.items()},
    }


if __name__ == "__main__":
    kinds = [(cell, None) for cell in CELLS] + [("lstm", PROJECTION)]
    golden = [
        case(cell, *form, projection, seed=1 + len(FORMS) * k + f)
        for k, (cell, projection) in enumerate(kinds)
        for f, form in enumerate(FORMS)
    ]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden))
    print(path.name, len(golden), "cases,", path.stat().st_size, "bytes, torch", torch.__version__)
