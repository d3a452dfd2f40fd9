"""Golden numbers of attention to another sequence and of an encoder and decoder with it, composed
of PyTorch's operations in double precision: forward, and every gradient by its automatic
differentiation. Writes attention_golden.json beside itself.

    pip install torch
    python attention_golden.py
"""

import json
import pathlib

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def leaf(*shape, scale=0.5):
    return (scale * torch.randn(*shape)).requires_grad_()


def mask(lengths, longest):
    return torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None]


def attend(score, queries, memory, lengths, parts):
    """queries [T, B, Q], memory [S, B, M]: weights [T, B, S] and what they gather, [T, B, M]."""
    q, m = queries.transpose(0, 1), memory.transpose(0, 1)
    if score == "additive":
        hidden = torch.tanh(
            (q @ parts["query_weight"].T + parts["bias"])[:, :, None]
            + (m @ parts["memory_weight"].T)[:, None]
        )
        e = hidden @ parts["score_weight"]
    else:
        keys = m @ parts["memory_weight"].T if score == "general" else m
        e = torch.einsum("btq,bsq->bts", q, keys)
    e = e.masked_fill(~mask(lengths, m.shape[1])[:, None, :], float("-inf"))
    a = torch.softmax(e, dim=-1)
    return a.transpose(0, 1), (a @ m).transpose(0, 1)


def attention(score, time=4, steps=5, batch=3, query=6, size=7):
    """Streams of unequal lengths on both sides."""
    memory_size = query if score == "dot" else 2
    lengths, memory_lengths = [4, 1, 3], [2, 5, 4]
    queries, memory = leaf(time, batch, query), leaf(steps, batch, memory_size)
    parts = {}
    if score == "general":
        parts = {"memory_weight": leaf(query, memory_size)}
    if score == "additive":
        parts = {
            "query_weight": leaf(size, query), "memory_weight": leaf(size, memory_size),
            "bias": leaf(size), "score_weight": leaf(size),
        }
    weights, y = attend(score, queries, memory, memory_lengths, parts)
    counts = mask(lengths, time).T[:, :, None]
    dy = torch.randn(y.shape)
    (y * dy * counts).sum().backward()
    leaves = {"queries": queries, "memory": memory, **parts}
    tensors = {
        **{name: numbers(x) for name, x in leaves.items()},
        **{f"d_{name}": numbers(x.grad) for name, x in leaves.items()},
        "weights": numbers(weights * counts), "y": numbers(y * counts), "dy": numbers(dy),
    }
    return {"lengths": lengths, "memory_lengths": memory_lengths, "tensors": tensors}


def gru(inputs, hidden, **options):
    """With the biases that are always added in one."""
    layer = torch.nn.GRU(inputs, hidden, **options)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.normal_(0, 0.4)
            if name.startswith("bias_hh"):
                parameter[: 2 * hidden] = 0
    return layer


def gru_leaves(layer, prefix, suffix=""):
    hidden = layer.hidden_size
    get = lambda name: getattr(layer, f"{name}_l0{suffix}")
    values = {
        "weight_ih": get("weight_ih"), "weight_hh": get("weight_hh"), "bias": get("bias_ih"),
        "bias_hn": get("bias_hh")[2 * hidden :],
    }
    gradients = {
        "weight_ih": get("weight_ih").grad, "weight_hh": get("weight_hh").grad,
        "bias": get("bias_ih").grad, "bias_hn": get("bias_hh").grad[2 * hidden :],
    }
    return {
        **{f"{prefix}{name}": numbers(x) for name, x in values.items()},
        **{f"d_{prefix}{name}": numbers(x) for name, x in gradients.items()},
    }


def sequence_to_sequence(source=9, classes=8, embedding=3, hidden=4, decoder_hidden=5):
    source_lengths, lengths, batch = [5, 2, 4], [3, 6, 1], 3
    steps, time, M = max(source_lengths), max(lengths), 2 * hidden
    read, write = leaf(source, embedding), leaf(classes, embedding)
    encoder = gru(embedding, hidden, bidirectional=True)
    decoder = gru(embedding, decoder_hidden)
    parts = {
        "bridge.1.weight": leaf(decoder_hidden, M), "bridge.1.bias": leaf(decoder_hidden),
        "attention.memory_weight": leaf(decoder_hidden, M),
        "combination.weight": leaf(decoder_hidden, M + decoder_hidden),
        "combination.bias": leaf(decoder_hidden),
        "output.weight": leaf(classes, decoder_hidden), "output.bias": leaf(classes),
    }
    x = torch.randint(source, (steps, batch))
    w = torch.randint(classes, (time, batch))
    target = torch.randint(classes, (time, batch))
    packed = pack_padded_sequence(read[x], torch.tensor(source_lengths), enforce_sorted=False)
    output, last = encoder(packed)
    memory, _ = pad_packed_sequence(output, total_length=steps)
    summary = torch.cat([last[0], last[1]], dim=-1)
    begin = torch.tanh(summary @ parts["bridge.1.weight"].T + parts["bridge.1.bias"])
    d, _ = decoder(write[w], begin[None])
    _, c = attend(
        "general", d, memory, source_lengths,
        {"memory_weight": parts["attention.memory_weight"]})
    h = torch.tanh(
        torch.cat([c, d], dim=-1) @ parts["combination.weight"].T + parts["combination.bias"])
    y = torch.log_softmax(h @ parts["output.weight"].T + parts["output.bias"], dim=-1)
    counts = mask(lengths, time).T
    loss = -(y.gather(2, target[:, :, None])[:, :, 0] * counts).sum()
    loss.backward()
    leaves = {"encoder.0.weight": read, "decoder.0.weight": write, **parts}
    tensors = {
        **{name: numbers(t) for name, t in leaves.items()},
        **{f"d_{name}": numbers(t.grad) for name, t in leaves.items()},
        **gru_leaves(encoder, "encoder.1.forward.0."),
        **gru_leaves(encoder, "encoder.1.backward.0.", "_reverse"),
        **gru_leaves(decoder, "decoder.1."),
        "source": numbers(x), "written": numbers(w), "target": numbers(target),
        "y": numbers(y), "loss": numbers(loss),
    }
    return {"lengths": lengths, "memory_lengths": source_lengths, "tensors": tensors}


cases = {
    "dot": attention("dot"), "general": attention("general"), "additive": attention("additive"),
    "SequenceToSequence": sequence_to_sequence(),
}
path = pathlib.Path(__file__).parent / "attention_golden.json"
path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}))
print(path.name, path.stat().st_size, "bytes")
