"""Draws what bench.py wrote with --json as bars: how many times as fast as a peer each case is.

    make bench-plot
    python Benchmarks/plot.py RESULTS.json OUTPUT.svg
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py RESULTS.json OUTPUT.svg")
    results = json.loads(pathlib.Path(sys.argv[1]).read_text())
    threads = sorted({r["threads"] for r in results})
    names = list(dict.fromkeys(f"{r['case']} / {r['peer']}" for r in results))
    height = 0.8 / len(threads)
    figure, axes = plt.subplots(figsize=(8, 0.36 * len(names) + 1.2))
    for i, count in enumerate(threads):
        ratios = {f"{r['case']} / {r['peer']}": r for r in results if r["threads"] == count}
        places = [n + (i - (len(threads) - 1) / 2) * height for n in range(len(names))]
        values = [ratios[n]["ratio"] if n in ratios else 0 for n in names]
        bars = axes.barh(
            places, values, height, label=f"{count} thread" + ("s" if count > 1 else ""),
            color=["#3b6ea5", "#a5c3e0", "#7a7a7a"][i % 3])
        axes.bar_label(bars, [f"{v:.2f}" if v else "" for v in values], padding=3, fontsize=7)
    axes.margins(x=0.08)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("time of the peer over that of Unroll; above 1 Unroll is faster")
    axes.set_title(results[0]["processor"], fontsize=9)
    axes.legend(fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
