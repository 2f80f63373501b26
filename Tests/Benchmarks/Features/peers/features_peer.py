"""A peer: features of windows in numpy, of all windows at once, as README.md states them."""
import json
import sys
import time

import numpy as np

(MEAN, DEVIATION, MIN, MAX, RMS, CREST, SKEWNESS, KURTOSIS, MEDIAN_DEVIATION, QUARTILE_RANGE, ZERO_CROSSINGS, MEAN_CROSSINGS, ENERGY,
 MAGNITUDE_AREA, JERK_DEVIATION, AUTOCORRELATION, DOMINANT, CENTROID, ENTROPY, CORRELATIONS) = (1 << i for i in range(20))
SPECTRAL = DOMINANT | CENTROID | ENTROPY
IMU = (MEAN | DEVIATION | MIN | MAX | RMS | MEDIAN_DEVIATION | QUARTILE_RANGE | ZERO_CROSSINGS | MEAN_CROSSINGS | ENERGY | JERK_DEVIATION
       | AUTOCORRELATION | SPECTRAL)
IMU_BANDS = [(0.3, 1.5), (1.5, 3), (3, 5), (5, 10), (10, 20)]


def first_peak(d):
    """Of signals less their means [..., n]: r and the lag."""
    n = d.shape[-1]
    half = n // 2
    r = np.fft.irfft(np.abs(np.fft.rfft(d, 2 * n)) ** 2)[..., :half + 2]
    r = r / r[..., :1]
    at = r[..., 1:-1]
    is_peak = (np.logical_or.accumulate(r < 0, axis=-1)[..., :-2]) & (at > 0) & (r[..., :-2] < at) & (at >= r[..., 2:])
    lag = is_peak.argmax(axis=-1)
    found = is_peak.any(axis=-1)
    return np.where(found, np.take_along_axis(at, lag[..., None], -1)[..., 0], 0), np.where(found, lag + 1, 0)


def of_signals(x, rate, mask, bands):
    """The features of signals [windows, signals, n], in order; each [windows, signals]."""
    n = x.shape[-1]
    mean = x.mean(axis=-1, keepdims=True)
    d = x - mean
    square = d * d
    variance = square.mean(axis=-1)
    energy = variance + mean[..., 0] ** 2
    columns = []
    add = columns.append
    if mask & MEAN: add(mean[..., 0])
    if mask & DEVIATION: add(np.sqrt(variance))
    if mask & MIN: add(x.min(axis=-1))
    if mask & MAX: add(x.max(axis=-1))
    if mask & RMS: add(np.sqrt(energy))
    if mask & CREST: add(np.abs(x).max(axis=-1) / np.sqrt(energy))
    if mask & SKEWNESS: add((square * d).mean(axis=-1) / variance ** 1.5)
    if mask & KURTOSIS: add((square * square).mean(axis=-1) / variance ** 2)
    if mask & MEDIAN_DEVIATION: add(np.median(np.abs(x - np.median(x, axis=-1, keepdims=True)), axis=-1))
    if mask & QUARTILE_RANGE: add(np.subtract(*np.percentile(x, (75, 25), axis=-1)))
    if mask & ZERO_CROSSINGS: add(np.count_nonzero(np.diff(x < 0, axis=-1), axis=-1))
    if mask & MEAN_CROSSINGS: add(np.count_nonzero(np.diff(d < 0, axis=-1), axis=-1))
    if mask & ENERGY: add(energy)
    if mask & MAGNITUDE_AREA: add(np.abs(x).mean(axis=-1))
    if mask & JERK_DEVIATION: add(np.diff(x, axis=-1).std(axis=-1) * rate)
    if mask & AUTOCORRELATION:
        peak, lag = first_peak(d)
        add(peak)
        add(lag / rate)
    if mask & SPECTRAL or bands:
        spectrum = np.fft.rfft(d)[..., 1:]
        power = (spectrum.real ** 2 + spectrum.imag ** 2) * (2 / n ** 2)
        if n % 2 == 0:
            power[..., -1] /= 2
        f = np.fft.rfftfreq(n, 1 / rate)[1:]
        total = power.sum(axis=-1)
        if mask & DOMINANT: add(f[power.argmax(axis=-1)])
        if mask & CENTROID: add(power @ f / total)
        if mask & ENTROPY:
            p = power / total[..., None]
            add(-(p * np.log(p, where=p > 0, out=np.zeros_like(p))).sum(axis=-1) / np.log(len(f)))
        for low, high in bands:
            add(power[..., (f >= low - 1e-9) & (f < high - 1e-9)].sum(axis=-1))
    return columns, d, variance


def correlations(d, variance, pairs):
    n = d.shape[-1]
    return [np.einsum("wn,wn->w", d[:, a], d[:, b]) / n / np.sqrt(variance[:, a] * variance[:, b]) for a, b in pairs]


def table(x, rate, mask, bands, imu):
    """[windows, columns] in the order of ours."""
    if imu:
        magnitudes = np.sqrt((x.reshape(len(x), 2, 3, -1) ** 2).sum(axis=2))
        x = np.concatenate([x, magnitudes], axis=1)
        mask, bands = IMU, IMU_BANDS
    columns, d, variance = of_signals(x, rate, mask, bands)
    signals, count = x.shape[1], len(columns)
    result = np.stack(columns, axis=-1).reshape(len(x), -1) if columns else np.empty((len(x), 0))
    if imu:
        place = bin(IMU & (ZERO_CROSSINGS - 1)).count("1")
        result = np.delete(result, [6 * count + place, 7 * count + place], axis=1)
        pairs = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]
        area = np.abs(x[:, :6]).mean(axis=-1).reshape(len(x), 2, 3).sum(axis=-1)
        return np.column_stack([result, *correlations(d, variance, pairs), area]).astype(np.float32)
    pairs = [(a, b) for a in range(signals) for b in range(a + 1, signals)] if mask & CORRELATIONS else []
    return np.column_stack([result, *correlations(d, variance, pairs)]).astype(np.float32) if pairs else result.astype(np.float32)


def asked(line):
    """run|check <file> <channels> <rows> <rate> <mask> <imu: 0 or 1> <low:high,... or -> <times>"""
    verb, path, channels, rows, rate, mask, imu, text, times = line.split()
    x = np.fromfile(path, np.float32).reshape(-1, int(channels), int(rows))
    bands = [] if text == "-" else [tuple(float(v) for v in band.split(":")) for band in text.split(",")]
    if verb == "check":
        return {"values": table(x, float(rate), int(mask), bands, imu == "1").ravel().astype(float).tolist()}
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(int(times)):
        table(x, float(rate), int(mask), bands, imu == "1")
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


for request in sys.stdin:
    try:
        reply = {"name": "numpy"} if request.strip() == "hello" else asked(request)
    except Exception as e:      # the benchmarks show it, and go on with other cases
        reply = {"error": f"{type(e).__name__}: {e}".replace("\n", " ")}
    print(json.dumps(reply), flush=True)
