"""Makes features.json: windows, and their features as numpy and scipy have them. On Debian 12:

    apt-get install python3-numpy python3-scipy
    python3 features.py > features.json
"""
import json
import sys

import numpy as np
from scipy import signal, stats

BANDS = [("low", 0.5, 3.0), ("high", 3.0, 12.0), ("rest", 12.0, float("inf"))]
IMU_BANDS = [("0.3 Hz", 0.3, 1.5), ("1.5 Hz", 1.5, 3), ("3 Hz", 3, 5), ("5 Hz", 5, 10), ("10 Hz", 10, 20)]


def first_peak(x):
    d = x - x.mean()
    full = np.correlate(d, d, "full")[len(x) - 1:]
    if full[0] == 0:
        return 0.0, 0
    r = np.concatenate([full / full[0], [0.0, 0.0]])
    for k in range(1, len(x) // 2 + 1):
        if (r[:k] < 0).any() and r[k] > 0 and r[k - 1] < r[k] >= r[k + 1]:
            return r[k], k
    return 0.0, 0


def power_of(x):
    n = len(x)
    power = 2 * np.abs(np.fft.rfft(x - x.mean())) ** 2 / n ** 2
    if n % 2 == 0:
        power[-1] /= 2
    return power[1:]


def statistics(x):
    """Of the values that are there."""
    constant = np.all(x == x[0])
    rms = np.sqrt(np.mean(x ** 2))
    return {
        "mean": x.mean(), "deviation": x.std(), "min": x.min(), "max": x.max(), "rms": rms,
        "crest": np.abs(x).max() / rms if rms > 0 else 0.0,
        "skewness": 0.0 if constant else stats.skew(x),
        "kurtosis": 0.0 if constant else stats.kurtosis(x, fisher=False),
        "median deviation": stats.median_abs_deviation(x),
        "quartile range": np.subtract(*np.percentile(x, [75, 25])),
        "energy": np.mean(x ** 2), "magnitude area": np.abs(x).mean(),
    }


def in_order(x, rate, bands):
    """Of the values with straight lines in place of those that are missing."""
    if len(x) < 2:
        names = ["zero crossings", "mean crossings", "jerk deviation", "autocorrelation peak", "autocorrelation lag",
                 "dominant frequency", "spectral centroid", "spectral entropy", *(f"{name} power" for name, _, _ in bands)]
        return dict.fromkeys(names, 0.0)
    power = power_of(x)
    f = np.fft.rfftfreq(len(x), 1 / rate)[1:]
    total, (peak, lag) = power.sum(), first_peak(x)
    constant = np.all(x == x[0])
    p = power[power > 0] / total if not constant else np.array([])
    return {
        "zero crossings": int(np.sum(np.diff((x < 0).astype(int)) != 0)),
        "mean crossings": 0 if constant else int(np.sum(np.diff((x < x.mean()).astype(int)) != 0)),
        "jerk deviation": np.diff(x).std() * rate,
        "autocorrelation peak": 0.0 if constant else peak, "autocorrelation lag": 0.0 if constant else lag / rate,
        "dominant frequency": 0.0 if constant else f[np.argmax(power)],
        "spectral centroid": 0.0 if constant else np.sum(f * power) / total,
        "spectral entropy": 0.0 if constant or len(power) < 2 else -np.sum(p * np.log(p)) / np.log(len(power)),
        **{f"{name} power": 0.0 if constant else power[(f >= low - 1e-9) & (f < high - 1e-9)].sum() for name, low, high in bands},
    }


def described(name, x, rate, bands):
    there = np.isfinite(x)
    rows = np.arange(len(x))
    filled = np.interp(rows, rows[there], x[there]).astype(np.float32).astype(float) if not there.all() else x
    return {f"{name} {feature}": value for feature, value in {**statistics(x[there]), **in_order(filled, rate, bands)}.items()}


def correlation(x, y):
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    return 0.0 if np.all(x == x[0]) or np.all(y == y[0]) else np.corrcoef(x, y)[0, 1]


def case(name, rate, channels):
    channels = [np.asarray(c, np.float32).astype(float) for c in channels]
    features = {}
    for i, x in enumerate(channels):
        features |= described(f"c{i}", x, rate, BANDS)
    for i, x in enumerate(channels):
        for j in range(i + 1, len(channels)):
            features[f"c{i} c{j} correlation"] = correlation(x, channels[j])
    return {"name": name, "rate": rate, "channels": channels, "features": features}


def imu_case(rate, axes):
    names = ["acc x", "acc y", "acc z", "gyro x", "gyro y", "gyro z"]
    axes = [np.asarray(a, np.float32).astype(float) for a in axes]
    features = {}
    for name, x in zip(names, axes):
        features |= described(name, x, rate, IMU_BANDS)
    for name, part in (("acc", axes[:3]), ("gyro", axes[3:])):
        magnitude = np.sqrt(sum(a ** 2 for a in part)).astype(np.float32).astype(float)
        features |= described(f"{name} magnitude", magnitude, rate, IMU_BANDS)
        features[f"{name} magnitude area"] = sum(np.abs(a).mean() for a in part)
        for i in range(3):
            for j in range(i + 1, 3):
                features[f"{name} {'xyz'[i]} {name} {'xyz'[j]} correlation"] = correlation(part[i], part[j])
    left_out = ("crest", "skewness", "kurtosis", "x magnitude area", "y magnitude area", "z magnitude area", "magnitude magnitude area",
                "magnitude zero crossings")
    features = {name: value for name, value in features.items() if not name.endswith(left_out)}
    return {"name": "imu", "rate": rate, "channels": axes, "features": features}


def gravity_case(imu):
    """The acceleration of a window, less gravity; forwards and back, each way from the steady state of its first value."""
    sos = signal.butter(3, 0.3, fs=imu["rate"], output="sos")
    start = signal.sosfilt_zi(sos)

    def low_pass(x):
        return signal.sosfilt(sos, x, zi=start * x[0])[0]

    gravity = [low_pass(low_pass(x)[::-1])[::-1] for x in imu["channels"][:3]]
    body = imu_case(imu["rate"], [x - g for x, g in zip(imu["channels"], gravity)] + list(imu["channels"][3:]))
    means = {f"acc {axis} gravity": g.mean() for axis, g in zip("xyz", gravity)}
    return {"name": "gravity", "rate": imu["rate"], "channels": imu["channels"], "features": body["features"] | means}


def plain(value):
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.9g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def main():
    random = np.random.default_rng(17)
    wave = lambda n, rate, f: np.sin(2 * np.pi * f * np.arange(n) / rate)
    cases = []
    for n, rate in ((128, 50), (100, 50), (256, 104), (65, 25), (33, 10), (48, 20), (17, 8), (16, 8), (8, 4), (5, 4), (3, 2), (2, 1)):
        cases.append(case(f"waves and noise, {n}", rate, [
            0.3 + wave(n, rate, rate / 13) + 0.4 * wave(n, rate, rate / 4.1) + 0.1 * random.standard_normal(n),
            random.standard_normal(n), 20 * random.standard_exponential(n) - 5]))
    cases.append(case("steps of a hundredth, and far from zero, 128", 50,
                      [np.round(random.standard_normal(128), 2), 1e4 + random.standard_normal(128)]))
    cases.append(case("one row", 50, [[-1.5], [0.0]]))
    cases.append(case("constant, 64", 50, [np.full(64, 0.1), np.full(64, 0.0), random.standard_normal(64)]))
    gaps = random.standard_normal((3, 96))
    gaps[0, [0, 1, 7, 40, 41, 42, 95]] = np.nan
    gaps[1, random.permutation(96)[:40]] = np.nan
    cases.append(case("gaps, 96", 50, list(gaps)))
    step = 2 * np.pi * 1.9 * np.arange(128) / 50
    imu = imu_case(50, [
        0.9 + 0.3 * np.sin(step) + 0.05 * random.standard_normal(128), 0.2 * np.sin(2 * step + 1) + 0.05 * random.standard_normal(128),
        -0.3 + 0.1 * np.cos(step) + 0.05 * random.standard_normal(128), *(0.8 * random.standard_normal((3, 128)))])
    json.dump(plain({"cases": cases, "imu": imu, "gravity": gravity_case(imu)}), sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
