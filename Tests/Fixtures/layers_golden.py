"""Golden numbers of PyTorch's LayerNorm, of its MultiheadAttention under a causal mask, and of a
language model whose embedding and softmax are one weight, in double precision: forward and every
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


golden = {
    "torch": torch.__version__,
    "layers": {
        "LayerNorm": layer_norm(),
        "SelfAttention": self_attention(),
        "TiedEmbedding": tied_embedding(),
    },
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden))
print(path, list(golden["layers"]))
