"""Files of flights that claim more than they hold."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile

import numpy as np
import pytest

from lunar_env.telemetry import FlightFileError, load_flight, save_flight

HUGE = 2**30  # rows; of one float64 each 8 GiB


@pytest.fixture
def path(flight, tmp_path):
    save_flight(flight, tmp_path / "flight.npz")
    return tmp_path / "flight.npz"


def rezipped(path, change):
    """Write the file again with the bytes of its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    other = path.with_name("other.npz")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))
    return other


def header_of(shape, kind="<f8", order=False):
    head = io.BytesIO()
    about = {"descr": kind, "fortran_order": order, "shape": shape}
    np.lib.format.write_array_header_1_0(head, about)
    return head.getvalue()


def refused(path) -> str:
    """Message of the error, which is made without taking memory."""
    tracemalloc.start()
    try:
        with pytest.raises(FlightFileError) as caught:
            load_flight(path)
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("shape", [(HUGE,), (HUGE, HUGE), (2**62, 2**62, 2**62)])
def test_an_array_longer_than_its_data_is_rejected(path, shape):
    def change(name, content):
        return header_of(shape) + bytes(64) if name == "rewards.npy" else content

    assert "rewards cannot be float64" in refused(rezipped(path, change))


@pytest.mark.parametrize("shape", [(-1,), (3, -(2**40)), (2**70,), (1.5,), ("a",)])
def test_an_invalid_shape_is_rejected(path, shape):
    def change(name, content):
        return header_of(shape) + bytes(64) if name == "rewards.npy" else content

    assert "truncated or damaged" in refused(rezipped(path, change))


def test_an_array_that_decompresses_to_a_huge_size_is_rejected(path):
    """A deflated gigabyte of zeros takes a megabyte."""
    rows = 2**26

    def change(name, content):
        return header_of((rows,)) + bytes(8 * rows) if name == "rewards.npy" else content

    other = rezipped(path, change)
    assert other.stat().st_size < 2**20
    assert "rewards cannot be float64" in refused(other)


def test_a_member_with_a_false_size_is_rejected(path):
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\1\2", 0, content.rindex(b"rewards.npy"))
    content[entry + 24 : entry + 28] = (2**32 - 2).to_bytes(4, "little")
    path.write_bytes(content)
    assert "flight.npz" in refused(path)


def test_a_huge_table_of_contents_is_rejected(path):
    other = path.with_name("many.npz")
    with zipfile.ZipFile(other, "w") as archive:
        for k in range(2000):
            archive.writestr(f"{k:050d}.npy", b"")
    assert "truncated or damaged" in refused(other)


@pytest.mark.parametrize("kind", ["|O", "<U3", "<c16", "<M8[s]", "|V8", "<i8", "<f3", "<f99"])
def test_elements_that_are_not_real_numbers_are_rejected(path, kind):
    def change(name, content):
        return header_of((3,), kind) + bytes(48) if name == "actions.npy" else content

    assert "other.npz" in refused(rezipped(path, change))


def test_a_deeply_nested_header_is_rejected(path):
    def change(name, content):
        head = b"\x93NUMPY\1\0" + (9000).to_bytes(2, "little") + b"(" * 9000
        return head if name == "actions.npy" else content

    assert "truncated or damaged" in refused(rezipped(path, change))


def test_encrypted_or_unusually_compressed_members_are_rejected(path):
    for place, value in ((8, 1), (10, 12)):  # flags; method: bzip2
        content = bytearray(path.read_bytes())
        entry = content.rindex(b"PK\1\2", 0, content.rindex(b"rewards.npy"))
        content[entry + place] = value
        other = path.with_name(f"other{place}.npz")
        other.write_bytes(content)
        assert "truncated or damaged" in refused(other)


def test_a_pipe_is_rejected_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "flight.npz")
    assert "is a pipe" in refused(tmp_path / "flight.npz")
