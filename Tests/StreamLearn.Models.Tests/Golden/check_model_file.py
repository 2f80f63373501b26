#!/usr/bin/env python3
"""Checks a model file by the rules of safetensors, without any code of StreamLearn, and prints what is in it.

    python3 check_model_file.py model-1.safetensors

Needs Python 3 alone. Exits with 1 and a sentence if a rule is broken. The tests do not run it.
"""
import array
import hashlib
import json
import struct
import sys


def check(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    assert length <= 100_000_000, "header too long"
    raw = data[8:8 + length]
    assert len(raw) == length and raw[:1] == b"{", "no header"
    assert (8 + length) % 64 == 0, "values are not aligned"
    header = json.loads(raw.decode("utf-8"))
    values = data[8 + length:]

    metadata = header.pop("__metadata__")
    assert all(isinstance(v, str) for v in metadata.values()), "metadata other than texts"
    assert hashlib.sha256(values).hexdigest() == metadata["sha256"], "values damaged"
    blank = raw.replace(metadata["header-sha256"].encode(), b"0" * 64, 1)
    assert hashlib.sha256(blank).hexdigest() == metadata["header-sha256"], "header damaged"

    end = 0
    for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(tensor) == {"dtype", "shape", "data_offsets"}, f"{name}: keys"
        assert tensor["dtype"] == "F32", f"{name}: dtype"
        size = 4
        for n in tensor["shape"]:
            size *= n
        first, last = tensor["data_offsets"]
        assert first == end and last - first == size, f"{name}: a hole or an overlap"
        end = last
        numbers = array.array("f", values[first:last])
        if sys.byteorder == "big":
            numbers.byteswap()
        print(f"{name:32} {str(tensor['shape']):16} {min(numbers):12.6g} to {max(numbers):.6g}")
    assert end == len(values), "values that belong to no tensor"

    for key in ("graph", "moments", "channels", "labels", "exit-rule", "exit-plan", "provenance"):
        if key in metadata:
            print(key, json.dumps(json.loads(metadata[key]), ensure_ascii=False))


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    except (AssertionError, KeyError, ValueError) as problem:
        sys.exit(f"{sys.argv[1]}: {problem}")
