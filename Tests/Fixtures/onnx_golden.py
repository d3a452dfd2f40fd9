"""Golden numbers of ONNX's LSTM, GRU and RNN operators (ai.onnx, opsets 14 and 22), in double
precision: outputs, final states and every gradient. The operators are written out here step by step
from their definitions; PyTorch supplies the arithmetic and differentiates it. Writes
onnx_golden.json beside itself, after comparing with torch.nn and, where both are installed, with
ONNX's reference evaluator and onnxruntime, as far as each of them knows a case.

    pip install torch onnx onnxruntime
    python onnx_golden.py

Definitions: https://onnx.ai/onnx/operators/onnx__LSTM.html, onnx__GRU.html, onnx__RNN.html; their
equations are in step below. As in PyTorch, GRU's z keeps the old state; linear_before_reset 1 is
PyTorch's GRU. "clip" is "applied to the input of activations": of f, of g, and of h too, so h sees
the clipped cell state, while what is handed on, and what the output gate's peephole sees, is not
clipped. Beyond the bound the gradient is 0. onnxruntime does not clip for h
(https://github.com/microsoft/onnxruntime/issues/27224); the comparison with it allows for that.
"input_forget" makes the forget gate 1 - i and ignores all parameters given for it. HardSigmoid(x)
is max(0, min(1, alpha x + beta)), 0.2 x + 0.5 unless given; Affine(x) is alpha x + beta;
LeakyRelu(x) is x or alpha x, 0.01 x unless given; ThresholdedRelu(x) is x above alpha, else 0; Elu(x)
is x or alpha (e^x - 1), of alpha 1 unless given; ScaledTanh(x) is alpha tanh(beta x).

The file is a list of cases. "attributes" are the operator's. "lengths" is sequence_lens or null;
the inputs beyond them are 1000, the outputs 0. The tensors have recurrent_golden.json's form:

    input [T, B, I], output [T, B, D], and without a prefix (bidirectional: after "0.forward." and
    "0.backward.") h0, c0, hT, cT [B, H] and
    weight_ih, weight_hh    rows i, f, g, o (with input_forget i, g, o); r, z, n
    bias                    Wb + Rb; for GRU's n Wb alone with linear_before_reset 1
    bias_hn [H]             GRU's Rbh; zeros with linear_before_reset 0, where bias has it already
    peepholes               of i, f, o, [3H] (with input_forget of i, o, [2H])

The loss is sum(output * doutput) + sum(hT * dhT) + sum(cT * dcT). "d" before any other name is the
gradient of that loss: dinput, dweight_ih, dbias, dh0, d0.forward.weight_ih, ...
"""

import json
import pathlib

import torch

try:
    import onnx.reference
    import onnxruntime
except ImportError:
    onnx = None

torch.set_default_dtype(torch.float64)

TIME, BATCH, INPUTS, HIDDEN = 5, 3, 4, 6
LENGTHS, PADDING = [5, 2, 4], 1000.0
GATES = {"LSTM": "iofc", "GRU": "zrh", "RNN": "i"}
ACTIVATIONS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
HARD = {"activation_alpha": [0.2, 1.0], "activation_beta": [0.5, 0.0]}
LINEAR = {"activation_alpha": [1.0, 1.0], "activation_beta": [0.0, 0.0]}
CASES = [
    ("LSTM default", {}),
    ("LSTM peepholes", {}),
    ("LSTM clip", {"clip": 0.6}),
    ("LSTM peepholes clip", {"clip": 0.6}),
    ("LSTM hard sigmoid", {"activations": ["HardSigmoid", "Tanh", "Tanh"]}),
    ("LSTM hard sigmoid, relu h", {"activations": ["HardSigmoid", "Tanh", "Relu"]}),
    ("LSTM relu g", {"activations": ["Sigmoid", "Relu", "Tanh"]}),
    ("LSTM linear g, h", {"activations": ["Sigmoid", "Affine", "Affine"]} | LINEAR),
    ("LSTM hard sigmoid, linear g", {"activations": ["HardSigmoid", "Affine", "Tanh"]} | HARD),
    ("LSTM input_forget", {"input_forget": 1}),
    ("LSTM input_forget peepholes", {"input_forget": 1}),
    ("LSTM input_forget peepholes clip", {"input_forget": 1, "clip": 0.6}),
    ("LSTM bidirectional", {"direction": "bidirectional"}),
    ("LSTM sequence_lens", {}),
    ("GRU linear_before_reset 0", {"linear_before_reset": 0}),
    ("GRU linear_before_reset 1", {"linear_before_reset": 1}),
    ("RNN tanh", {"activations": ["Tanh"]}),
    ("RNN relu", {"activations": ["Relu"]}),
    ("GRU linear_before_reset 0 clip", {"linear_before_reset": 0, "clip": 0.6}),
    ("GRU linear_before_reset 1 clip", {"linear_before_reset": 1, "clip": 0.6}),
    (
        "GRU linear_before_reset 0 hard sigmoid, softsign",
        {"linear_before_reset": 0, "activations": ["HardSigmoid", "Softsign"]},
    ),
    (
        "GRU linear_before_reset 1 hard sigmoid, scaled tanh, clip",
        {"linear_before_reset": 1, "activations": ["HardSigmoid", "ScaledTanh"], "clip": 0.8}
        | {"activation_alpha": [0.25, 1.7], "activation_beta": [0.4, 0.6]},
    ),
    ("GRU sequence_lens clip", {"linear_before_reset": 1, "clip": 0.6}),
    (
        "GRU bidirectional relu n, clip",
        {"direction": "bidirectional", "linear_before_reset": 0}
        | {"activations": ["Sigmoid", "Relu"] * 2, "clip": 0.9},
    ),
    ("RNN clip", {"activations": ["Tanh"], "clip": 0.6}),
    ("RNN relu clip", {"activations": ["Relu"], "clip": 0.6}),
    ("RNN leaky relu", {"activations": ["LeakyRelu"]}),
    (
        "RNN leaky relu 0.3 clip",
        {"activations": ["LeakyRelu"], "activation_alpha": [0.3], "clip": 1.5},
    ),
    (
        "RNN thresholded relu 0.2 clip",
        {"activations": ["ThresholdedRelu"], "activation_alpha": [0.2], "clip": 1.5},
    ),
    ("RNN elu 0.7", {"activations": ["Elu"], "activation_alpha": [0.7]}),
    ("RNN elu clip", {"activations": ["Elu"], "activation_alpha": [1.0], "clip": 0.6}),
    ("RNN softsign", {"activations": ["Softsign"]}),
    ("RNN softplus", {"activations": ["Softplus"]}),
    (
        "RNN scaled tanh",
        {"activations": ["ScaledTanh"], "activation_alpha": [1.7159]}
        | {"activation_beta": [0.6667]},
    ),
    (
        "RNN affine",
        {"activations": ["Affine"], "activation_alpha": [0.4], "activation_beta": [-0.2]},
    ),
    (
        "RNN hard sigmoid 0.3, 0.2",
        {"activations": ["HardSigmoid"], "activation_alpha": [0.3], "activation_beta": [0.2]},
    ),
    (
        "LSTM elu g, softsign h, clip",
        {"activations": ["Sigmoid", "Elu", "Softsign"], "activation_alpha": [0.5], "clip": 0.6},
    ),
]


def numbers(tensor):
    assert tensor.isfinite().all()
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def functions(operator, attributes, clip_h):
    """f, g and h, each clipping its input. They take their alpha and beta in that order."""
    alphas = iter(attributes.get("activation_alpha", []))
    betas = iter(attributes.get("activation_beta", []))
    bound = attributes.get("clip")

    def function(place, name):
        if name == "HardSigmoid":
            alpha, beta = next(alphas, 0.2), next(betas, 0.5)
        elif name in ("Affine", "ScaledTanh"):
            alpha, beta = next(alphas), next(betas)
        elif name in ("LeakyRelu", "ThresholdedRelu", "Elu"):
            alpha = next(alphas, 0.01 if name == "LeakyRelu" else 1.0)
        apply = {
            "Sigmoid": torch.sigmoid,
            "Tanh": torch.tanh,
            "Relu": lambda x: x.clamp(min=0),
            "HardSigmoid": lambda x: (alpha * x + beta).clamp(0, 1),
            "Affine": lambda x: alpha * x + beta,
            "ScaledTanh": lambda x: alpha * torch.tanh(beta * x),
            "LeakyRelu": lambda x: torch.where(x > 0, x, alpha * x),
            "ThresholdedRelu": lambda x: torch.where(x > alpha, x, 0),
            "Elu": lambda x: torch.where(x > 0, x, alpha * torch.expm1(x)),
            "Softsign": lambda x: x / (1 + x.abs()),
            "Softplus": lambda x: torch.logaddexp(x, torch.zeros(())),
        }[name]
        clips = bound is not None and (place < 2 or clip_h)
        return (lambda x: apply(x.clamp(-bound, bound))) if clips else apply

    names = attributes.get("activations", ACTIVATIONS[operator])[: len(ACTIVATIONS[operator])]
    return [function(place, name) for place, name in enumerate(names)]


def step(operator, attributes, activations, x, state, given):
    """The state after one step of one direction, H first."""
    gates = GATES[operator]
    W, R = (dict(zip(gates, given[k].chunk(len(gates)))) for k in "WR")
    Wb, Rb = (dict(zip(gates, half.chunk(len(gates)))) for half in given["B"].chunk(2))
    H = state[0]

    def total(gate):
        return x @ W[gate].T + H @ R[gate].T + Wb[gate] + Rb[gate]

    if operator == "RNN":
        return [activations[0](total("i"))]
    if operator == "GRU":
        f, g = activations
        z, r = f(total("z")), f(total("r"))
        if attributes["linear_before_reset"]:
            n = g(x @ W["h"].T + r * (H @ R["h"].T + Rb["h"]) + Wb["h"])
        else:
            n = g(x @ W["h"].T + (r * H) @ R["h"].T + Rb["h"] + Wb["h"])
        return [(1 - z) * n + z * H]
    f, g, h = activations
    C = state[1]
    Pi, Po, Pf = given["P"].chunk(3) if "P" in given else (0, 0, 0)
    i = f(total("i") + Pi * C)
    forget = 1 - i if attributes.get("input_forget") else f(total("f") + Pf * C)
    C = forget * C + i * g(total("c"))
    o = f(total("o") + Po * C)
    return [o * h(C), C]


def run(operator, attributes, lengths, X, given, initial, clip_h=True):
    """The output, [T, B, D], and the final states, [directions, B, H] each."""
    activations = functions(operator, attributes, clip_h)
    outputs, finals = [], []
    for d, direction in enumerate(given):
        state, y = [s[d] for s in initial], [None] * TIME
        for t in range(TIME) if d == 0 else reversed(range(TIME)):
            within = torch.tensor([t < n for n in lengths or [TIME] * BATCH])[:, None]
            after = step(operator, attributes, activations, X[t], state, direction)
            state = [torch.where(within, new, old) for new, old in zip(after, state)]
            y[t] = torch.where(within, after[0], 0)
        outputs.append(torch.stack(y))
        finals.append(state)
    return [torch.cat(outputs, -1), *(torch.stack(s) for s in zip(*finals))]


def reordered(operator, attributes, given):
    """One direction's parameters, or their gradients, with this file's names and order of gates."""
    coupled = attributes.get("input_forget")
    order = "ico" if coupled else {"LSTM": "ifco", "GRU": "rzh", "RNN": "i"}[operator]

    def ordered(rows, order=order, gates=GATES[operator]):
        of = dict(zip(gates, rows.chunk(len(gates))))
        return torch.cat([of[gate] for gate in order])

    Wb, Rb = map(ordered, given["B"].chunk(2))
    tensors = {"weight_ih": ordered(given["W"]), "weight_hh": ordered(given["R"])}
    tensors |= {"bias_ih": Wb, "bias_hh": Rb}
    if "P" in given:
        tensors["peepholes"] = ordered(given["P"], "io" if coupled else "ifo", "iof")
    return tensors


def merge_biases(operator, attributes, values, gradients):
    """Replaces bias_ih and bias_hh by bias, and by bias_hn for GRU."""
    Wb, Rb = values.pop("bias_ih"), values.pop("bias_hh")
    gradients["bias"], dRb = gradients.pop("bias_ih"), gradients.pop("bias_hh")
    if operator == "GRU":
        apart = Rb[2 * HIDDEN :] if attributes["linear_before_reset"] else torch.zeros(HIDDEN)
        values["bias_hn"], gradients["bias_hn"] = apart, dRb[2 * HIDDEN :]
        Rb = torch.cat([Rb[: 2 * HIDDEN], Rb[2 * HIDDEN :] - apart])
    values["bias"] = Wb + Rb


def torch_nn(problem, values, loss):
    """What run returns, and the gradients of input, initial states and parameters, by torch.nn."""
    operator, attributes, lengths, X, given, initial = problem
    form = {"nonlinearity": attributes["activations"][0].lower()} if operator == "RNN" else {}
    net = getattr(torch.nn, operator)(INPUTS, HIDDEN, bidirectional=len(given) == 2, **form)
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), [v for d in values for v in d.values()]):
            parameter.copy_(value)
    x, *initial = (tensor.detach().requires_grad_() for tensor in [X, *initial])
    rnn = torch.nn.utils.rnn
    packed = rnn.pack_padded_sequence(x, lengths or [TIME] * BATCH, enforce_sorted=False)
    y, final = net(packed, tuple(initial) if operator == "LSTM" else initial[0])
    y, _ = rnn.pad_packed_sequence(y, total_length=TIME)
    results = [y, *(final if operator == "LSTM" else [final])]
    loss(results)
    return [*results, *(tensor.grad for tensor in [x, *initial, *net.parameters()])]


def of_onnx(runner, problem, dtype):
    """What run returns, by ONNX's reference evaluator or onnxruntime."""
    operator, attributes, lengths, X, given, initial = problem
    tensors = {"X": X} | {k: torch.stack([d[k] for d in given]) for k in given[0]}
    tensors |= dict(zip(["initial_h", "initial_c"], initial))
    feed = {k: v.detach().to(dtype).numpy() for k, v in tensors.items()}
    if lengths:
        feed["sequence_lens"] = torch.tensor(lengths, dtype=torch.int32).numpy()
    places = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    inputs = [name if name in feed else "" for name in places[: 4 + 2 * len(initial)]]
    outputs = ["Y", "Y_h", "Y_c"][: 1 + len(initial)]
    info, kind = onnx.helper.make_tensor_value_info, onnx.helper.np_dtype_to_tensor_dtype
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(operator, inputs, outputs, **attributes)],
        "golden",
        [info(k, kind(v.dtype), v.shape) for k, v in feed.items()],
        [info(k, kind(feed["X"].dtype), None) for k in outputs],
    )
    opsets = [onnx.helper.make_opsetid("", 22)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    Y, *final = map(torch.tensor, runner(model.SerializeToString()).run(None, feed))
    return [Y.transpose(1, 2).flatten(2), *final]


def compare(name, problem, results, values, gradients, loss):
    """Holds a case to the implementations that know it. values are not yet merged."""
    operator, attributes, lengths, X, given, initial = problem
    report = []

    def hold(by, theirs, ours, tolerance):
        worst = max((a - b).abs().max().item() for a, b in zip(theirs, ours, strict=True))
        assert worst < tolerance, f"{name}: {by} differs by {worst}"
        report.append(f"{by} {worst:.0e}")

    usual = not {"clip", "input_forget", "activations"} & set(attributes)
    if operator == "RNN" and "clip" not in attributes:
        usual = attributes["activations"] in (["Tanh"], ["Relu"])
    if usual and "P" not in given[0] and attributes.get("linear_before_reset") != 0:
        all_ours = [*results, *(tensor.grad for tensor in [X, *initial])]
        all_ours += [gradient for d in gradients for gradient in d.values()]
        hold("torch.nn", torch_nn(problem, values, loss), all_ours, 1e-12)
    if onnx and usual and not lengths and attributes.get("activations") != ["Relu"]:
        theirs = of_onnx(onnx.reference.ReferenceEvaluator, problem, torch.float64)
        hold("onnx.reference", theirs, results, 1e-12)
    if onnx:
        theirs = of_onnx(onnxruntime.InferenceSession, problem, torch.float32)
        hold("onnxruntime", theirs, run(*problem, clip_h=False), 1e-5)
    if "clip" in attributes:
        free = {k: v for k, v in attributes.items() if k != "clip"}
        others = [run(operator, free, lengths, X, given, initial)]
        others += [run(*problem, clip_h=False)] if operator == "LSTM" else []
        assert not any(torch.allclose(results[0], y[0], atol=0.01) for y in others), name
    print(f"{name}: {', '.join(report)}")


def case(name, attributes, seed):
    torch.manual_seed(seed)
    operator = name.split()[0]
    attributes = {"hidden_size": HIDDEN} | attributes
    directions = 2 if "direction" in attributes else 1
    lengths = LENGTHS if "sequence_lens" in name else None
    X = torch.randn(TIME, BATCH, INPUTS)
    for sequence, length in enumerate(lengths or []):
        X[length:, sequence] = PADDING
    rows = len(GATES[operator]) * HIDDEN
    shapes = {"W": (rows, INPUTS), "R": (rows, HIDDEN), "B": (2 * rows,)}
    if "peepholes" in name:
        shapes["P"] = (3 * HIDDEN,)
    given = [{k: 0.6 * torch.randn(s) for k, s in shapes.items()} for _ in range(directions)]
    initial = [torch.randn(directions, BATCH, HIDDEN) for _ in range(1 + (operator == "LSTM"))]
    for tensor in [X, *(v for d in given for v in d.values()), *initial]:
        tensor.requires_grad_()
    coefficients = [torch.randn(TIME, BATCH, directions * HIDDEN)]
    coefficients += [torch.randn_like(s) for s in initial]

    def loss(results):
        sum((r * c).sum() for r, c in zip(results, coefficients)).backward()

    problem = operator, attributes, lengths, X, given, initial
    results = run(*problem)
    loss(results)
    values = [reordered(operator, attributes, d) for d in given]
    gradients = [reordered(operator, attributes, {k: v.grad for k, v in d.items()}) for d in given]
    compare(name, problem, results, values, gradients, loss)
    tensors = {"input": X, "output": results[0], "doutput": coefficients[0], "dinput": X.grad}
    for d in range(directions):
        merge_biases(operator, attributes, values[d], gradients[d])
        for s, s0, sT, dsT in zip("hc", initial, results[1:], coefficients[1:]):
            values[d] |= {s + "0": s0[d], s + "T": sT[d]}
            gradients[d] |= {s + "0": s0.grad[d], s + "T": dsT[d]}
        prefix = ["0.forward.", "0.backward."][d] if directions == 2 else ""
        tensors |= {prefix + k: v for k, v in values[d].items()}
        tensors |= {"d" + prefix + k: v for k, v in gradients[d].items()}
    return {
        "name": name,
        "operator": operator,
        "attributes": attributes,
        "bidirectional": directions == 2,
        "inputSize": INPUTS,
        "hiddenSize": HIDDEN,
        "lengths": lengths,
        "tensors": {k: numbers(v) for k, v in tensors.items()},
    }


if __name__ == "__main__":
    golden = [case(*described, seed=seed) for seed, described in enumerate(CASES, 101)]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden))
    print(path.name, len(golden), "cases,", path.stat().st_size, "bytes, torch", torch.__version__)
