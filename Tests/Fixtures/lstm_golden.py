"""Golden numbers of PyTorch's LSTM, in double precision: forward, every gradient, and the losses of
ten training steps. Writes lstm_golden.json beside itself.

    pip install torch
    python lstm_golden.py
"""

import json
import pathlib

import torch

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def layer(time=3, batch=2, inputs=4, hidden=5):
    lstm = torch.nn.LSTM(inputs, hidden)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.normal_(0, 0.6)
        lstm.bias_hh_l0.zero_()
    x = torch.randn(time, batch, inputs, requires_grad=True)
    h0 = torch.randn(1, batch, hidden, requires_grad=True)
    c0 = torch.randn(1, batch, hidden, requires_grad=True)
    dy = torch.randn(time, batch, hidden)
    dh = torch.randn(1, batch, hidden)
    dc = torch.randn(1, batch, hidden)
    y, (h, c) = lstm(x, (h0, c0))
    ((y * dy).sum() + (h * dh).sum() + (c * dc).sum()).backward()
    return {
        "weight_ih": numbers(lstm.weight_ih_l0),
        "weight_hh": numbers(lstm.weight_hh_l0),
        "bias": numbers(lstm.bias_ih_l0),
        "x": numbers(x),
        "h0": numbers(h0[0]),
        "c0": numbers(c0[0]),
        "dy": numbers(dy),
        "dh": numbers(dh[0]),
        "dc": numbers(dc[0]),
        "y": numbers(y),
        "h": numbers(h[0]),
        "c": numbers(c[0]),
        "d_weight_ih": numbers(lstm.weight_ih_l0.grad),
        "d_weight_hh": numbers(lstm.weight_hh_l0.grad),
        "d_bias": numbers(lstm.bias_ih_l0.grad),
        "d_x": numbers(x.grad),
        "d_h0": numbers(h0.grad[0]),
        "d_c0": numbers(c0.grad[0]),
    }


def training(vocabulary=11, embedding=6, hidden=7, time=5, batch=3, steps=10):
    table = torch.nn.Embedding(vocabulary, embedding)
    lstm = torch.nn.LSTM(embedding, hidden, num_layers=2)
    dense = torch.nn.Linear(hidden, vocabulary)
    with torch.no_grad():
        for parameter in [*lstm.parameters(), *dense.parameters()]:
            parameter.normal_(0, 0.6)
        for bias in (lstm.bias_hh_l0, lstm.bias_hh_l1):
            bias.zero_()
            bias.requires_grad_(False)
    weights = {
        "0.weight": numbers(table.weight),
        "1.weight_ih": numbers(lstm.weight_ih_l0),
        "1.bias": numbers(lstm.bias_ih_l0),
        "1.weight_hh": numbers(lstm.weight_hh_l0),
        "2.weight_ih": numbers(lstm.weight_ih_l1),
        "2.bias": numbers(lstm.bias_ih_l1),
        "2.weight_hh": numbers(lstm.weight_hh_l1),
        "3.weight": numbers(dense.weight),
        "3.bias": numbers(dense.bias),
    }
    ids = torch.randint(vocabulary, (steps * time + 1, batch))
    trained = [p for m in (table, lstm, dense) for p in m.parameters() if p.requires_grad]
    adam = torch.optim.Adam(trained, lr=0.02)
    losses, state = [], None
    for step in range(steps):
        chunk = ids[step * time : (step + 1) * time + 1]
        adam.zero_grad()
        y, state = lstm(table(chunk[:-1]), state)
        state = tuple(s.detach() for s in state)
        loss = torch.nn.functional.cross_entropy(dense(y).flatten(0, 1), chunk[1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        adam.step()
        losses.append(loss.item())
    return {
        "time": time,
        "batch": batch,
        "ids": ids.flatten().tolist(),
        "weights": weights,
        "losses": losses,
        "final": {"3.bias": numbers(dense.bias), "1.weight_hh": numbers(lstm.weight_hh_l0)},
    }


golden = {"torch": torch.__version__, "layer": layer(), "training": training()}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden))
print(path, golden["training"]["losses"])
