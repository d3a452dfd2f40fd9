"""Golden numbers of a forecaster that reads a window by segments, after SegRNN (Lin et al. 2023), in
PyTorch in double precision: outputs and the gradient of every parameter, with a GRU and with an LSTM
inside. Writes forecast_network_golden.json beside itself.

    pip install torch
    python forecast_network_golden.py

Neither the window nor the horizon is a whole number of segments. A segment is read as unfold and a Linear
would; the horizon is written by repeating the last state for every segment of it, as SegRNN does.
"""

import json
import pathlib

import torch

torch.manual_seed(4)
torch.set_default_dtype(torch.float64)

TIME, BATCH, PAST, KNOWN = 8, 3, 3, 2
SEGMENT, HORIZON, OUTPUTS, WIDTH, HIDDEN = 3, 7, 2, 5, 4
CATEGORIES = [4, 3]
AHEAD = -(-HORIZON // SEGMENT)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


class Network(torch.nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.input = torch.nn.Linear(SEGMENT * PAST, WIDTH)
        self.known = torch.nn.Linear(SEGMENT * KNOWN, WIDTH)
        self.position = torch.nn.Parameter(torch.empty(AHEAD, WIDTH))
        self.categories = torch.nn.ModuleList(torch.nn.Embedding(n, WIDTH) for n in CATEGORIES)
        self.inner = kind(WIDTH, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, SEGMENT * OUTPUTS)

    def forward(self, past, future, ids):
        # Zeros before the window, and after the horizon.
        missing = -TIME % SEGMENT
        padded = torch.cat([torch.zeros(missing, BATCH, PAST), past])
        segments = padded.transpose(0, 1).reshape(BATCH, -1, SEGMENT * PAST).transpose(0, 1)
        _, state = self.inner(torch.relu(self.input(segments)))

        rest = torch.zeros(AHEAD * SEGMENT - HORIZON, BATCH, KNOWN)
        ahead = torch.cat([future, rest]).transpose(0, 1).reshape(BATCH, AHEAD, SEGMENT * KNOWN)
        queries = self.known(ahead) + self.position
        for table, own in zip(self.categories, ids):
            queries = queries + table(own)[:, None]

        def repeated(s):
            return s.repeat_interleave(AHEAD, dim=1)

        state = tuple(map(repeated, state)) if isinstance(state, tuple) else repeated(state)
        written, _ = self.inner(queries.reshape(1, BATCH * AHEAD, WIDTH), state)
        rows = self.output(written).reshape(BATCH, AHEAD * SEGMENT, OUTPUTS)
        return rows[:, :HORIZON].reshape(BATCH, HORIZON * OUTPUTS)


def golden(cell):
    network = Network(getattr(torch.nn, cell))
    inner = network.inner
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.5)
        # The library has PyTorch's second biases only where they are not added to the first.
        inner.bias_hh_l0[: 2 * HIDDEN if cell == "GRU" else None].zero_()
    past = torch.randn(TIME, BATCH, PAST)
    future = torch.randn(HORIZON, BATCH, KNOWN)
    ids = torch.stack([torch.randint(n, (BATCH,)) for n in CATEGORIES])
    y = network(past, future, ids)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()

    parameters = {
        "input.weight": network.input.weight,
        "input.bias": network.input.bias,
        "known.weight": network.known.weight,
        "known.bias": network.known.bias,
        "position": network.position,
        **{f"category{i}": table.weight for i, table in enumerate(network.categories)},
        "inner.0.weight_ih": inner.weight_ih_l0,
        "inner.0.weight_hh": inner.weight_hh_l0,
        "inner.0.bias": inner.bias_ih_l0,
        "output.weight": network.output.weight,
        "output.bias": network.output.bias,
    }
    result = {"past": past, "future": future, "ids": ids, "y": y, "dy": dy, **parameters}
    result |= {f"d_{name}": parameter.grad for name, parameter in parameters.items()}
    if cell == "GRU":
        result["inner.0.bias_hn"] = inner.bias_hh_l0[2 * HIDDEN :]
        result["d_inner.0.bias_hn"] = inner.bias_hh_l0.grad[2 * HIDDEN :]
    return {name: numbers(tensor) for name, tensor in result.items()}


path = pathlib.Path(__file__).with_suffix(".json")
cases = {cell: golden(cell) for cell in ("GRU", "LSTM")}
path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}))
print(path.name, {cell: len(case) for cell, case in cases.items()})
