"""Makes the files of this folder that numpy and pandas write, and checks with them those that StreamLearn writes.

    /usr/bin/python3 make.py          writes numpy-*.npy and pandas-*
    /usr/bin/python3 make.py check    reads sink-* with numpy and pandas, and compares them with the same rows

Row i of 12: time i s after 2026-01-01T00:00Z, a = float32(i / 10), b = 1 / (i + 1), missing where i % 5 == 2, n = i - 3,
label walk or run by i % 2, missing where i % 5 == 4.
"""
import os
import sys

import numpy as np
import pandas as pd

os.chdir(os.path.dirname(os.path.abspath(__file__)))
i = np.arange(12)
a = (i / np.float32(10)).astype(np.float32)
b = np.where(i % 5 == 2, np.nan, 1 / (i + 1))
n = (i - 3).astype(np.int32)
label = [None if k % 5 == 4 else ["walk", "run"][k % 2] for k in i]
time = pd.date_range("2026-01-01", periods=12, freq="s", tz="UTC")
frame = pd.DataFrame({"time": time, "a": a, "b": b, "n": n, "label": label})


def make():
    frame.to_csv("pandas-rows.csv", index=False)
    frame.to_csv("pandas-quoted.csv", index=False, quoting=1, sep=";", lineterminator="\r\n", na_rep="NA")
    frame.to_csv("pandas-rows.csv.gz", index=False, compression={"method": "gzip", "mtime": 1})
    frame.to_json("pandas-rows.jsonl", orient="records", lines=True, date_format="iso", double_precision=15)
    for kind in ["<f4", "<f8", "<i2", "<i4", "<i8", "|i1", "|u1", "<u2", "<u4", "|b1"]:
        np.save(f"numpy-{kind[1:]}.npy", np.arange(12).reshape(4, 3).astype(kind))
    np.save("numpy-flat.npy", b)
    for version in [(2, 0), (3, 0)]:
        with open(f"numpy-version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(12.0).reshape(4, 3), version=version)
    np.save("numpy-refused-f2.npy", np.arange(3).astype("<f2"))
    np.save("numpy-refused-big.npy", np.arange(3).astype(">f4"))
    np.save("numpy-refused-c8.npy", np.arange(3).astype("<c8"))
    np.save("numpy-refused-text.npy", np.array(["a", "b"]))
    np.save("numpy-refused-fields.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]))
    np.save("numpy-refused-fortran.npy", np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    np.save("numpy-refused-3d.npy", np.zeros((2, 2, 2)))
    np.save("numpy-refused-0d.npy", np.float64(1))


def check():
    text = frame.astype({"label": object}).where(frame.notna(), None)
    csv = pd.read_csv("sink-rows.csv", parse_dates=["time"], dtype={"a": np.float32, "n": np.int32}, float_precision="round_trip")
    lines = pd.read_json("sink-rows.jsonl", lines=True, convert_dates=["time"], dtype={"a": np.float32, "n": np.int32}, precise_float=True)
    for name, read in [("csv", csv), ("jsonl", lines)]:
        assert (read["time"] == time).all(), name
        assert (read["a"] == a).all() and (read["n"] == n).all(), name
        assert np.array_equal(read["b"], b, equal_nan=True), name
        assert [None if pd.isna(v) else v for v in read["label"]] == list(text["label"]), name
    assert np.array_equal(np.load("sink-a.npy"), a) and np.load("sink-a.npy").dtype == np.float32
    wide = np.load("sink-wide.npy")
    assert wide.dtype == np.float32 and np.array_equal(wide, np.stack([a, -a], axis=1))
    assert np.array_equal(np.load("sink-b.npy"), b, equal_nan=True)
    assert np.array_equal(np.load("sink-n.npy"), n) and np.load("sink-n.npy").dtype == np.int32
    print("numpy", np.__version__, "and pandas", pd.__version__, "read what StreamLearn wrote")


check() if sys.argv[1:] == ["check"] else make()
