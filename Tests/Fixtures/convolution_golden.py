"""Golden numbers of a convolution over time and of attention pooling, in PyTorch in double precision: outputs
and the gradient of the input and of every parameter. Writes convolution_golden.json beside itself.

    pip install torch
    python convolution_golden.py

A weight of conv1d is [O, I, K]; the library has [O, K I].
"""

import json
import pathlib

import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)

TIME, BATCH, INPUT, OUTPUT, WIDTH, DILATION, ATTENTION = 7, 2, 3, 4, 3, 2, 5
LENGTHS = [7, 4]


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def golden(x, y, parameters):
    dy = torch.randn_like(y)
    gradients = torch.autograd.grad((y * dy).sum(), [x, *parameters.values()])
    names = ["x", *parameters]
    result = {"x": x, "y": y, "dy": dy, **parameters}
    return result | {f"d_{name}": gradient for name, gradient in zip(names, gradients)}


def taps(weight):
    return weight.permute(0, 2, 1).reshape(OUTPUT, WIDTH * INPUT)


def convolution(padding):
    x = torch.randn(TIME, BATCH, INPUT, requires_grad=True)
    weight = torch.randn(OUTPUT, INPUT, WIDTH, requires_grad=True)
    bias = torch.randn(OUTPUT, requires_grad=True)
    reach = (WIDTH - 1) * DILATION
    before = reach if padding == "causal" else (WIDTH - 1) // 2 * DILATION
    padded = torch.nn.functional.pad(x.permute(1, 2, 0), (before, reach - before))
    y = torch.nn.functional.conv1d(padded, weight, bias, dilation=DILATION).permute(2, 0, 1)
    result = golden(x, y, {"weight": weight, "bias": bias})
    return result | {"weight": taps(weight), "d_weight": taps(result["d_weight"])}


def pooling():
    x = torch.randn(TIME, BATCH, INPUT, requires_grad=True)
    weight = torch.randn(ATTENTION, INPUT, requires_grad=True)
    bias = torch.randn(ATTENTION, requires_grad=True)
    query = torch.randn(1, ATTENTION, requires_grad=True)
    scores = torch.tanh(x @ weight.T + bias) @ query[0]
    beyond = torch.tensor([[t >= length for length in LENGTHS] for t in range(TIME)])
    shares = torch.softmax(scores.masked_fill(beyond, float("-inf")), 0)
    y = (shares[..., None] * x).sum(0)
    return golden(x, y, {"weight": weight, "bias": bias, "query": query})


path = pathlib.Path(__file__).with_suffix(".json")
cases = {
    "centered": convolution("centered"),
    "causal": convolution("causal"),
    "pooling": pooling(),
}
cases = {name: {key: numbers(x) for key, x in case.items()} for name, case in cases.items()}
path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}))
print(path.name, {name: len(case) for name, case in cases.items()})
