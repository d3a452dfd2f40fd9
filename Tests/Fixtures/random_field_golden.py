"""Golden numbers of a conditional random field written in PyTorch, in double precision: the loss of padded sequences
and of one with free targets, log-probabilities of each step's labels, and every gradient. Writes
random_field_golden.json beside itself.

    pip install torch
    python random_field_golden.py
"""

import json
import pathlib

import torch

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)

TIME, BATCH, FEATURES, LABELS = 5, 3, 4, 6
LENGTHS = [5, 1, 3]
FREE = -1
TARGETS = [[2, 0, 5], [3, FREE, 1], [FREE, FREE, 4], [1, FREE, FREE], [5, FREE, FREE]]


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def log_sum_of_paths(scores, start, transition, end):
    total = start + scores[0]
    for step in scores[1:]:
        total = torch.logsumexp(total[:, None] + transition, dim=0) + step
    return torch.logsumexp(total + end, dim=0)


def main():
    shapes = {
        "x": (TIME, BATCH, FEATURES), "weight": (LABELS, FEATURES), "bias": (LABELS,),
        "start": (LABELS,), "transition": (LABELS, LABELS), "end": (LABELS,),
    }
    tensors = {name: torch.randn(shape, requires_grad=True) for name, shape in shapes.items()}
    weights = [tensors[name] for name in ("start", "transition", "end")]
    scores = tensors["x"] @ tensors["weight"].T + tensors["bias"]
    targets = torch.tensor(TARGETS)

    loss = 0
    for b, length in enumerate(LENGTHS):
        own = scores[:length, b]
        bound = [
            own[t] if targets[t, b] == FREE
            else torch.where(torch.arange(LABELS) == targets[t, b], own[t], -torch.inf)
            for t in range(length)
        ]
        loss = loss + log_sum_of_paths(own, *weights) - log_sum_of_paths(bound, *weights)
    golden = {"loss": numbers(loss)}
    gradients = torch.autograd.grad(loss, list(tensors.values()), retain_graph=True)
    golden |= {f"loss_d_{name}": numbers(g) for name, g in zip(tensors, gradients)}

    # The gradient of log Z at the scores of a step are the probabilities of its labels.
    sums = sum(log_sum_of_paths(scores[:n, b], *weights) for b, n in enumerate(LENGTHS))
    (marginals,) = torch.autograd.grad(sums, scores, create_graph=True)
    mask = (torch.arange(TIME)[:, None] < torch.tensor(LENGTHS)).unsqueeze(-1)
    y = torch.where(mask, torch.log(torch.where(mask, marginals, 1.0)), 0.0)
    dy = torch.randn(TIME, BATCH, LABELS)
    gradients = torch.autograd.grad((y * dy).sum(), list(tensors.values()))
    golden |= {f"d_{name}": numbers(g) for name, g in zip(tensors, gradients)}
    golden |= {name: numbers(t) for name, t in tensors.items()}
    golden |= {"y": numbers(y), "dy": numbers(dy), "targets": numbers(targets.double())}
    golden["lengths"] = numbers(torch.tensor(LENGTHS).double())

    path = pathlib.Path(__file__).with_name("random_field_golden.json")
    path.write_text(json.dumps({"torch": torch.__version__, "numbers": golden}) + "\n")


main()
