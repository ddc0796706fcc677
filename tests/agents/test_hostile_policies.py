"""Policy files that claim more than they hold, or are no files."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

pytest.importorskip("safetensors")

from agents import load_policy, make_pilot
from agents.tensors import read_arrays, read_tensors, tensor_bytes
from lunar_env.errors import ConfigError


def written(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(kind="F32", shape=(2,), offsets=(0, 8)):
    return {"a": {"dtype": kind, "shape": list(shape), "data_offsets": list(offsets)}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        (2**63).to_bytes(8, "little"),
        (2**20).to_bytes(8, "little") + b"{}",
        (2**20 + 1).to_bytes(8, "little") + b" " * 2**20,
        written(tensor(shape=(2**40,), offsets=(0, 2**42)), bytes(8)),
        written(tensor(shape=(2**62, 2**62)), bytes(8)),
        written(tensor(offsets=(8, 0)), bytes(8)),
        written(tensor(kind="F7"), bytes(8)),
        written(b"[" * 100_000),
        written(b'{"a": ' * 100_000),
        written([]),
    ],
)
def test_false_headers_are_rejected(tmp_path, content):
    path = tmp_path / "policy.safetensors"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not a complete safetensors file") as caught:
        read_tensors(path)
    assert str(caught.value).isprintable()


def test_weights_must_be_floats(tmp_path):
    path = tmp_path / "policy.safetensors"
    path.write_bytes(tensor_bytes({"a": np.zeros(3)}))
    assert read_tensors(path)["a"].dtype == np.float32
    path.write_bytes(written(tensor(kind="I32"), bytes(8)))
    with pytest.raises(ConfigError, match="'a' is int32, weights are floats"):
        read_tensors(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "policy.safetensors"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ConfigError, match="is larger than the 1,000 bytes"):
        read_arrays(path, 1000)


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_a_pipe_is_rejected_without_waiting(tmp_path, suffix):
    path = tmp_path / f"policy{suffix}"
    os.mkfifo(path)
    if suffix == ".safetensors":
        with pytest.raises(ConfigError, match="is a pipe"):
            read_tensors(path)
    for load in (load_policy, make_pilot):
        with pytest.raises(
            ConfigError, match=r"is a pipe|its policy card, policy.json, is missing"
        ):
            load(path)
