"""Golden numbers of PyTorch's LayerNorm, of its MultiheadAttention under a causal mask, of a
language model whose embedding and softmax are one weight, of h_n of a bidirectional LSTM over padded
sequences, of its cross_entropy and of its activations, in double precision: forward and every
gradient. Writes layers_golden.json beside itself.

    pip install torch
    python layers_golden.py
"""

import json
import pathlib

import torch

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def drawn(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.3)
    return module


def with_gradients(tensors):
    golden = {name: numbers(tensor) for name, tensor in tensors.items()}
    golden.update({f"d_{name}": numbers(tensor.grad) for name, tensor in tensors.items()})
    return golden


def layer_norm(time=3, batch=2, features=7):
    norm = drawn(torch.nn.LayerNorm(features, eps=1e-3))
    x = torch.randn(time, batch, features, requires_grad=True)
    dy = torch.randn(time, batch, features)
    y = norm(x)
    (y * dy).sum().backward()
    golden = with_gradients({"x": x, **dict(norm.named_parameters())})
    return {**golden, "y": numbers(y), "dy": numbers(dy)}


def self_attention(time=5, batch=2, features=12, heads=3):
    attention = drawn(torch.nn.MultiheadAttention(features, heads))
    x = torch.randn(time, batch, features, requires_grad=True)
    dy = torch.randn(time, batch, features)
    mask = torch.triu(torch.ones(time, time, dtype=torch.bool), diagonal=1)
    y, _ = attention(x, x, x, attn_mask=mask, need_weights=False)
    (y * dy).sum().backward()
    golden = with_gradients({"x": x, **dict(attention.named_parameters())})
    return {**golden, "y": numbers(y), "dy": numbers(dy)}


def tied_embedding(vocabulary=11, dimension=6, time=4, batch=3):
    weight = torch.nn.Parameter(torch.empty(vocabulary, dimension).normal_(0, 0.3))
    bias = torch.nn.Parameter(torch.empty(vocabulary).normal_(0, 0.3))
    lstm = drawn(torch.nn.LSTM(dimension, dimension))
    with torch.no_grad():
        lstm.bias_hh_l0.zero_()
    ids = torch.randint(vocabulary, (time + 1, batch))
    h, _ = lstm(torch.nn.functional.embedding(ids[:-1], weight))
    y = torch.log_softmax(torch.nn.functional.linear(h, weight, bias), dim=-1)
    loss = torch.nn.functional.nll_loss(y.flatten(0, 1), ids[1:].flatten(), reduction="sum")
    loss.backward()
    golden = with_gradients(
        {
            "weight": weight,
            "bias": bias,
            "inner.0.weight_ih": lstm.weight_ih_l0,
            "inner.0.bias": lstm.bias_ih_l0,
            "inner.0.weight_hh": lstm.weight_hh_l0,
        }
    )
    return {**golden, "y": numbers(y), "ids": numbers(ids), "loss": numbers(loss)}


def both_ends(time=5, batch=3, inputs=4, hidden=6, lengths=(5, 2, 4)):
    lstm = drawn(torch.nn.LSTM(inputs, hidden, bidirectional=True))
    with torch.no_grad():
        lstm.bias_hh_l0.zero_()
        lstm.bias_hh_l0_reverse.zero_()
    x = torch.randn(time, batch, inputs, requires_grad=True)
    dy = torch.randn(batch, 2 * hidden)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    _, (h_n, _) = lstm(packed)
    y = torch.cat([h_n[0], h_n[1]], dim=-1)
    (y * dy).sum().backward()
    weights = {
        f"{direction}.{name}": getattr(lstm, f"{theirs}_l0{suffix}")
        for direction, suffix in (("forward", ""), ("backward", "_reverse"))
        for name, theirs in (
            ("weight_ih", "weight_ih"),
            ("bias", "bias_ih"),
            ("weight_hh", "weight_hh"),
        )
    }
    golden = with_gradients({"x": x, **weights})
    return {**golden, "y": numbers(y), "dy": numbers(dy), "lengths": numbers(torch.tensor(lengths))}


def cross_entropy(time=4, batch=3, classes=7):
    z = (3 * torch.randn(time, batch, classes)).requires_grad_()
    ids = torch.randint(classes, (time, batch))
    ids[1, 2] = ids[3, 0] = -1
    loss = torch.nn.functional.cross_entropy(
        z.flatten(0, 1), ids.flatten(), ignore_index=-1, reduction="sum"
    )
    loss.backward()
    return {**with_gradients({"z": z}), "ids": numbers(ids), "loss": numbers(loss)}


def activations(count=40):
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        # torch.nn.functional.hardsigmoid multiplies gradients by a sixth of single precision.
        "hardSigmoid": lambda x: (x / 6 + 0.5).clamp(0, 1),
        "leakyReLU": torch.nn.functional.leaky_relu,
        "thresholdedReLU": lambda x: torch.nn.functional.threshold(x, 1, 0),
        "elu": torch.nn.functional.elu,
        "softsign": torch.nn.functional.softsign,
        "softplus": torch.nn.functional.softplus,
        "scaledTanh": lambda x: 1.7159 * torch.tanh(2 / 3 * x),
    }
    golden = {}
    for name, function in functions.items():
        x = (3 * torch.randn(count)).requires_grad_()
        y = function(x)
        y.sum().backward()
        golden |= {f"x.{name}": numbers(x), f"y.{name}": numbers(y), f"d_x.{name}": numbers(x.grad)}
    return golden


golden = {
    "torch": torch.__version__,
    "layers": {
        "LayerNorm": layer_norm(),
        "SelfAttention": self_attention(),
        "TiedEmbedding": tied_embedding(),
        "BothEnds": both_ends(),
        "CrossEntropy": cross_entropy(),
        "Activation": activations(),
    },
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden))
print(path, list(golden["layers"]))
