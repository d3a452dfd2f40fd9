"""Times a training step of charlm's default model against PyTorch's on the same sizes: embedding,
two LSTM layers, linear, cross-entropy, clipping by norm, Adam. The two take turns, so that a
machine whose speed drifts is fair to both; medians are printed.

    pip install torch
    swift build -c release --package-path Samples --product charlm
    python Benchmarks/charlm_against_pytorch.py TEXT [--hidden 128] [--threads 2] [--rounds 5]
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("text")
parser.add_argument("--charlm", default="Samples/.build/release/charlm")
parser.add_argument("--hidden", type=int, default=128)
parser.add_argument("--embedding", type=int, default=64)
parser.add_argument("--batch", type=int, default=50)
parser.add_argument("--sequence", type=int, default=50)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--steps", type=int, default=100)
options = parser.parse_args()
torch.set_num_threads(options.threads)

text = pathlib.Path(options.text).read_text(encoding="utf-8")
vocabulary = {c: i for i, c in enumerate(sorted(set(text)))}
ids = torch.tensor([vocabulary[c] for c in text])
B, T, V = options.batch, options.sequence, len(vocabulary)
chunks = (len(ids) - 1) // (B * T)
inputs = ids[: chunks * B * T].view(B, -1).T
targets = ids[1 : chunks * B * T + 1].view(B, -1).T

embed = torch.nn.Embedding(V, options.embedding)
lstm = torch.nn.LSTM(options.embedding, options.hidden, num_layers=2)
dense = torch.nn.Linear(options.hidden, V)
parameters = [p for m in (embed, lstm, dense) for p in m.parameters()]
adam = torch.optim.Adam(parameters, lr=2e-3)


def torch_round():
    durations, state = [], None
    for step in range(options.steps):
        begin = time.perf_counter()
        rows = slice(step % chunks * T, step % chunks * T + T)
        adam.zero_grad()
        y, state = lstm(embed(inputs[rows]), state)
        state = tuple(s.detach() for s in state)
        loss = torch.nn.functional.cross_entropy(dense(y).view(-1, V), targets[rows].reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5)
        adam.step()
        durations.append(time.perf_counter() - begin)
    return statistics.median(durations[10:])


def charlm_round(folder):
    metrics = folder / "metrics.jsonl"
    command = [
        options.charlm, "train", options.text, "--output", folder / "model.safetensors",
        "--hidden", options.hidden, "--embedding", options.embedding, "--batch", B, "--sequence", T,
        "--threads", options.threads, "--steps", options.steps, "--validation", 0,
        "--metrics", metrics,
    ]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    lines = [json.loads(line) for line in metrics.read_text().splitlines()]
    return statistics.median(B * T / line["characters_per_second"] for line in lines[10:])


with tempfile.TemporaryDirectory() as folder:
    rounds = [
        (charlm_round(pathlib.Path(folder)), torch_round()) for _ in range(options.rounds)
    ]
ours, theirs = (1000 * statistics.median(column) for column in zip(*rounds))
ratio = statistics.median(a / b for a, b in rounds)
print(f"charlm {ours:.1f} ms a step, PyTorch {torch.__version__} {theirs:.1f} ms, ratio {ratio:.2f}")
