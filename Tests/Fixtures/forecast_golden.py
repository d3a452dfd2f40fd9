"""Golden numbers of forecast metrics and of baselines, each from its definition, with NumPy. Writes
forecast_golden.json beside itself.

    pip install numpy
    python forecast_golden.py

"forecasts" are several for each of "histories", some with a truth that is missing (null) or 0. Where a
score has a short form that the library uses, such as the CRPS of sorted samples, here is the long one.
"""

import json
import pathlib

import numpy as np

SEASON, HORIZON, SAMPLES = 4, 5, 7
LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]
random = np.random.default_rng(7)


def listed(values):
    """JSON has no NaN."""
    return [None if np.isnan(v) else float(v) for v in values]


def history(count, missing):
    t = np.arange(count)
    y = 20 + 0.5 * t + 3 * np.sin(2 * np.pi * t / SEASON) + random.normal(size=count)
    y[list(missing)] = np.nan
    return y


def scale(y, season):
    pairs = [abs(y[t] - y[t - season]) for t in range(season, len(y))]
    pairs = [p for p in pairs if not np.isnan(p)]
    return None if not pairs or np.mean(pairs) == 0 else float(np.mean(pairs))


def naive(y):
    known = y[~np.isnan(y)]
    return np.full(HORIZON, known[-1])


def seasonal(y):
    forecast = naive(y)
    for k in range(HORIZON):
        same = [y[t] for t in range(len(y)) if (len(y) + k - t) % SEASON == 0]
        same = [v for v in same if not np.isnan(v)]
        if same:
            forecast[k] = same[-1]
    return forecast


def drift(y):
    places = np.flatnonzero(~np.isnan(y))
    first, last = places[0], places[-1]
    slope = (y[last] - y[first]) / (last - first)
    return np.array([y[last] + slope * (len(y) + k - last) for k in range(HORIZON)])


def crps(x, y, fair):
    n = len(x)
    pairs = np.abs(x[:, None] - x[None, :]).sum()
    return np.abs(x - y).mean() - pairs / (2 * (n * (n - 1) if fair else n * n))


def pinball(q, y, p):
    return np.maximum(p * (y - q), (p - 1) * (y - q))


histories = {
    "long": history(24, []),
    "gaps": history(17, [2, 13, 16]),
    "short": history(3, []),
    "flat": np.full(12, 5.0),
}
forecasts = []
for key, y in histories.items():
    for origin in range(1 + len(forecasts) % 3):
        truth = random.normal(20, 4, HORIZON)
        if key == "gaps":
            truth[1] = np.nan
        if key == "long":
            truth[3] = 0
        samples = truth.mean(where=~np.isnan(truth)) + random.normal(1, 3, (SAMPLES, HORIZON))
        forecasts.append((key, truth, np.median(samples, 0), samples))

truths = np.stack([truth for _, truth, _, _ in forecasts])
points = np.stack([point for _, _, point, _ in forecasts])
samples = np.stack([s for _, _, _, s in forecasts])
quantiles = np.quantile(samples, LEVELS, axis=1)


def errors(truths, points, quantiles, samples):
    """From [N, H], quantiles [L, N, H] and samples [N, S, H]."""
    known = ~np.isnan(truths)
    y, f, q = truths[known], points[known], quantiles[:, known]
    x = samples.transpose(0, 2, 1)[known]
    e = np.abs(y - f)
    losses = [pinball(q[i], y, p) for i, p in enumerate(LEVELS)]
    intervals = []
    for lower, upper in [(0, 4), (1, 3)]:
        within = (q[lower] <= y) & (y <= q[upper])
        intervals.append(
            {
                "lowerLevel": LEVELS[lower],
                "upperLevel": LEVELS[upper],
                "coverage": within.mean(),
                "meanWidth": (q[upper] - q[lower]).mean(),
            }
        )
    return {
        "steps": int(known.sum()),
        "missing": int((~known).sum()),
        "mse": (e**2).mean(),
        "rmse": np.sqrt((e**2).mean()),
        "mae": e.mean(),
        "mape": 100 * (e[y != 0] / np.abs(y[y != 0])).mean(),
        "mapeLeftOut": int((y == 0).sum()),
        "smape": 200 * (e / (np.abs(y) + np.abs(f))).mean(),
        "pinball": [loss.mean() for loss in losses],
        "wql": np.mean([2 * loss.sum() / np.abs(y).sum() for loss in losses]),
        "crps": np.mean([crps(x[i], y[i], True) for i in range(len(y))]),
        "intervals": intervals,
    }


scales = {key: scale(y, SEASON) for key, y in histories.items()}
scaled = []
for key in histories:
    own = [np.abs(t - f) / scales[key] for k, t, f, _ in forecasts if k == key and scales[key]]
    if own:
        scaled.append(np.nanmean(np.concatenate(own)))

golden = {
    "season": SEASON,
    "histories": {key: listed(y) for key, y in histories.items()},
    "scales": scales,
    "baselines": {
        key: {"naive": listed(naive(y)), "seasonal": listed(seasonal(y)), "drift": listed(drift(y))}
        for key, y in histories.items()
    },
    "forecasts": [
        {
            "series": key,
            "truth": listed(truth),
            "forecast": listed(point),
            "quantiles": [listed(quantiles[i, n]) for i in range(len(LEVELS))],
            "samples": [listed(path) for path in paths],
        }
        for n, (key, truth, point, paths) in enumerate(forecasts)
    ],
    "energy": crps(samples[0, :, 0], truths[0, 0], False),
    "scores": {
        "forecasts": len(forecasts),
        "series": len(histories),
        "levels": LEVELS,
        "overall": errors(truths, points, quantiles, samples),
        "mase": np.mean(scaled),
        "maseLeftOut": len(histories) - len(scaled),
        "steps": [
            errors(
                truths[:, k : k + 1],
                points[:, k : k + 1],
                quantiles[:, :, k : k + 1],
                samples[:, :, k : k + 1],
            )
            for k in range(HORIZON)
        ],
    },
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden))
print(path.name, path.stat().st_size, "bytes, numpy", np.__version__)
