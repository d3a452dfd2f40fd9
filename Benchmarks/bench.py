"""Compares the cases of unroll-bench with PyTorch, ONNX Runtime, JAX and oneDNN on this machine.

The two sides take turns in short rounds, so that a machine whose speed drifts is fair to both. A
ratio is the peer's time over Unroll's, of the medians of two rounds that follow each other; printed
is the median of the ratios.

    make bench
    python Benchmarks/bench.py --bench PATH [--threads 1 2] [--rounds 9] [--case NAME ...]
"""

import argparse
import json
import pathlib
import platform
import statistics
import subprocess
import tempfile

import peers

PRODUCTS = {"product-64x2048x512": (64, 2048, 512), "product-4096x2048x512": (4096, 2048, 512)}
LEAST_MILLISECONDS = 150


def rivals(name, threads, folder):
    """The peers of a case by their names."""
    if name in peers.TRAINING:
        return {"PyTorch": lambda: peers.TorchTraining(name, threads)}
    if name in PRODUCTS:
        return {"oneDNN": lambda: peers.OneDNNProduct(*PRODUCTS[name], threads)}
    if name == "infer-lstm-256-b4-t150":
        return {"ONNX Runtime": lambda: peers.OnnxInference(256, 4, 150, 64, threads, folder)}
    if name.startswith("sample-lstm-2x"):
        size, int8 = name.removeprefix("sample-lstm-2x").split("-")[0], name.endswith("int8")
        onnx = lambda: peers.OnnxSampling(int(size), threads, folder, int8)
        return {"ONNX Runtime": onnx} | (
            {} if int8 else {"JAX": lambda: peers.JaxSampling(int(size))})
    return {}


class Ours:
    """unroll-bench, waiting for numbers of runs."""

    def __init__(self, program, name, threads):
        self.process = subprocess.Popen(
            [program, "--case", name, "--threads", str(threads), "--rounds"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def times(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return [float(t) for t in self.process.stdout.readline().split()]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def compare(name, threads, peer, program, rounds):
    ours = Ours(program, name, threads)
    theirs = lambda count: [peers.milliseconds(peer) for _ in range(count)]
    for side in (ours.times, theirs):
        side(2)
    units = getattr(peer, "characters", 1)
    runs = max(2, min(200, round(LEAST_MILLISECONDS / (theirs(2)[1] * units))))
    own_runs = max(2, min(400, round(LEAST_MILLISECONDS / (ours.times(2)[1] * (200 if units > 1 else 1)))))
    pairs = [
        (statistics.median(ours.times(own_runs)), statistics.median(theirs(runs)))
        for _ in range(rounds)
    ]
    ours.end()
    ratios = sorted(b / a for a, b in pairs)
    return dict(
        case=name, threads=threads, ratio=statistics.median(ratios), least=ratios[0],
        most=ratios[-1], ours=statistics.median(a for a, _ in pairs),
        theirs=statistics.median(b for _, b in pairs))


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(l.split(":")[1].strip() for l in lines if l.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program unroll-bench")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--case", nargs="+", help="the cases; all that have a peer by default")
    parser.add_argument("--json", help="a file for the results")
    options = parser.parse_args()
    listing = subprocess.run([options.bench, "--list"], capture_output=True, text=True, check=True)
    known = [line.split()[0] for line in listing.stdout.splitlines()]
    for name in options.case or []:
        if name not in known:
            parser.error(f"there is no case '{name}'; {options.bench} --list shows those there are")
    print(f"{processor()}\n")
    print("| case | threads | peer | its time / Unroll's | range | Unroll, ms | peer, ms |")
    print("|---|---|---|---|---|---|---|")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.case or known:
            for threads in options.threads:
                for peer, make in rivals(name, threads, folder).items():
                    r = compare(name, threads, make(), options.bench, options.rounds)
                    results.append(r | dict(peer=peer, processor=processor()))
                    print(
                        f"| {name} | {threads} | {peer} | **{r['ratio']:.2f}** | {r['least']:.2f} to "
                        f"{r['most']:.2f} | {r['ours']:.4g} | {r['theirs']:.4g} |", flush=True)
                    # After each case, so that nothing is lost where a long run is stopped.
                    if options.json:
                        pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
