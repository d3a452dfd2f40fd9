"""Golden numbers of the cells without a product in their recurrence, from their papers' equations
written step by step in PyTorch, in double precision: outputs, final states and every gradient, for
one layer, two layers, one bidirectional layer, and batches of unequal lengths. Writes
linear_golden.json beside itself.

    pip install torch
    python linear_golden.py

The file is a list of cases, in the form of recurrent_golden.py. "cell" is one of CELLS below.

    min_gru      Feng et al. 2024, 3.1: z = s(p_z), h_t = (1 - z) h + z p_h
    min_lstm     Feng et al. 2024, 3.2: f = s(p_f), i = s(p_i), h_t = (f h + i p_h) / (f + i)
    qrnn1, 2     Bradbury et al. 2017, fo-pooling, of widths 1 and 2
    sru          Lei et al., arXiv 1709.02755v1: gates of x alone; x itself on the highway where
                 there are as many inputs as units, else a projection of it
    sru_tanh     the same with g = tanh

Tensors, beside input and output, for each layer and direction, after a prefix as in
"0.forward.weight_ih":

    weight_ih, bias    rows in the order of CELLS; columns of a QRNN those of the oldest input first
    h0, hT             [B, H]; beside c it is the last output, and the first is not looked at
    c0, cT             [B, H]; of QRNN and SRU
    inputs0, inputsT   [B, (k - 1) I]: the last k - 1 inputs, the oldest first; of a QRNN with k > 1

The loss is sum(output * doutput) + sum(hT * dhT) + sum(cT * dcT) + sum(inputsT * dinputsT), with
random coefficients. "d" before any other name is the gradient of that loss.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)

TIME, BATCH, INPUTS, HIDDEN = 5, 3, 4, 6
LENGTHS = [5, 2, 4]
PADDING = 1000.0
# The width of the input, and the blocks of rows of the weight.
CELLS = {
    "min_gru": (1, "zh"),
    "min_lstm": (1, "fih"),
    "qrnn1": (1, "zfo"),
    "qrnn2": (2, "zfo"),
    "sru": (1, "ufrx"),
    "sru_tanh": (1, "ufrx"),
}
FORMS = [
    ("one layer", 1, False, None),
    ("two layers", 2, False, None),
    ("bidirectional", 1, True, None),
    ("lengths", 1, False, LENGTHS),
    ("bidirectional lengths", 1, True, LENGTHS),
]


def step(cell, p, x, state):
    """The output of a step and what is carried, from p by block, the input and what was carried."""
    s = torch.sigmoid
    if cell == "min_gru":
        h = (1 - s(p["z"])) * state["h"] + s(p["z"]) * p["h"]
        return h, {"h": h}
    if cell == "min_lstm":
        f, i = s(p["f"]), s(p["i"])
        h = f / (f + i) * state["h"] + i / (f + i) * p["h"]
        return h, {"h": h}
    f = s(p["f"])
    if cell.startswith("qrnn"):
        c = f * state["c"] + (1 - f) * torch.tanh(p["z"])
        h = s(p["o"]) * c
    else:
        c = f * state["c"] + (1 - f) * p["u"]
        g = torch.tanh(c) if cell == "sru_tanh" else c
        h = s(p["r"]) * g + (1 - s(p["r"])) * p.get("x", x)
    return h, {"h": h, "c": c}


def run(cell, weights, x, state, lengths):
    """All steps of one direction."""
    width, blocks = CELLS[cell]
    inputs = x.shape[2]
    earlier = list(state["inputs"].split(inputs, 1)) if width > 1 else []
    outputs = []
    for t in range(TIME):
        seen = earlier + [x[t]]
        p = torch.cat(seen, 1) @ weights["weight_ih"].T + weights["bias"]
        p = dict(zip(blocks, p.split(HIDDEN, 1)))
        h, after = step(cell, p, x[t], state)
        going = (torch.tensor(lengths) > t).unsqueeze(1)
        outputs.append(torch.where(going, h, torch.zeros_like(h)))
        state = {name: torch.where(going, after[name], state[name]) for name in after}
        earlier = [torch.where(going, new, old) for old, new in zip(earlier, seen[1:])]
    if width > 1:
        state["inputs"] = torch.cat(earlier, 1)
    return torch.stack(outputs), state


def reversed_within(x, lengths):
    parts = [torch.cat([x[:n, b].flip(0), x[n:, b]]) for b, n in enumerate(lengths)]
    return torch.stack(parts, 1)


def numbers(tensor):
    assert tensor.isfinite().all()
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def drawn(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).requires_grad_()


def case(cell, form, layers, bidirectional, lengths, inputs, seed):
    torch.manual_seed(seed)
    width, blocks = CELLS[cell]
    x = torch.randn(TIME, BATCH, inputs)
    for sequence, length in enumerate(lengths or []):
        x[length:, sequence] = PADDING
    x.requires_grad_()
    steps = lengths or [TIME] * BATCH
    counts = torch.arange(TIME).unsqueeze(1) < torch.tensor(steps)
    tensors = {"input": x}
    loss, y = 0.0, torch.where(counts.unsqueeze(2), x, torch.zeros_like(x))
    for layer in range(layers):
        size = y.shape[2]
        rows = HIDDEN * (3 if blocks == "ufrx" and size == HIDDEN else len(blocks))
        halves = []
        for direction in ("forward", "backward")[: 1 + bidirectional]:
            own = {
                "weight_ih": drawn(rows, width * size, scale=0.5),
                "bias": drawn(rows, scale=0.5),
            }
            parts = {"h": HIDDEN} | ({} if cell.startswith("min") else {"c": HIDDEN})
            if width > 1:
                parts["inputs"] = (width - 1) * size
            initial = {name: drawn(BATCH, n) for name, n in parts.items()}
            turned = y if direction == "forward" else reversed_within(y, steps)
            out, final = run(cell, own, turned, initial, steps)
            halves.append(out if direction == "forward" else reversed_within(out, steps))
            for name in parts:
                own |= {f"{name}0": initial[name], f"{name}T": final[name]}
                own[f"d{name}T"] = torch.randn(final[name].shape)
                loss = loss + (final[name] * own[f"d{name}T"]).sum()
            tensors |= {at(f"{layer}.{direction}.", name): own[name] for name in own}
        y = torch.cat(halves, 2)
    dy = torch.randn(y.shape)
    loss = loss + (y * dy).sum()
    leaves = {name: tensor for name, tensor in tensors.items() if tensor.is_leaf}
    leaves = {name: tensor for name, tensor in leaves.items() if tensor.requires_grad}
    gradients = torch.autograd.grad(loss, leaves.values(), allow_unused=True)
    for (name, tensor), gradient in zip(leaves.items(), gradients):
        tensors["d" + name] = torch.zeros_like(tensor) if gradient is None else gradient
    tensors |= {"output": y, "doutput": dy}
    for sequence, length in enumerate(lengths or []):
        assert not y[length:, sequence].any()
        assert not tensors["dinput"][length:, sequence].any()
    return {
        "name": f"{cell} of {inputs} inputs, {form}",
        "cell": cell,
        "layers": layers,
        "bidirectional": bidirectional,
        "inputSize": inputs,
        "hiddenSize": HIDDEN,
        "projectionSize": None,
        "lengths": lengths,
        "tensors": {name: numbers(tensor) for name, tensor in tensors.items()},
    }


def at(prefix, name):
    """The name of a part of a layer, or of its gradient."""
    return "d" + prefix + name[1:] if name.startswith("d") else prefix + name


if __name__ == "__main__":
    kinds = [(cell, INPUTS) for cell in CELLS] + [("sru", HIDDEN), ("sru_tanh", HIDDEN)]
    golden = [
        case(cell, *form, inputs, seed=1 + len(FORMS) * k + f)
        for k, (cell, inputs) in enumerate(kinds)
        for f, form in enumerate(FORMS)
    ]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden))
    print(path.name, len(golden), "cases,", path.stat().st_size, "bytes, torch", torch.__version__)
