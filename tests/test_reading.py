"""Files from outside: whatever is in them or in their place, one line says what is wrong."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lunar_env.errors import ConfigError, shown
from lunar_env.reading import (
    MAX_DEPTH,
    MAX_JSON_BYTES,
    MAX_TOML_BYTES,
    from_json,
    from_toml,
    read_json,
    read_toml,
)


def reason(read, *arguments) -> str:
    with pytest.raises(ConfigError) as caught:
        read(*arguments)
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 2100
    return text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not valid JSON, or cut short"),
        ("\0", "is not valid JSON"),
        ('{"a": ', "cut short"),
        ("[1, 2]", "must hold a table, holds [1, 2]"),
        ('{"a": ' + "[" * 100_000, "nests more than 32 deep"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "nests more than 32 deep"),
        ('{"a": ' + "9" * 5000 + "}", "a whole number of 5000 digits has more than 64 bits"),
        ('{"a": 18446744073709551616}', "a whole number of more than 64 bits"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": [-Infinity]}', "-Infinity is not a number"),
        ('{"a": 1e999}', "a number that is not finite"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "key 'c' appears twice"),
        ('{"a": "\\ud800"}', r"text that is not valid Unicode: '\ud800'"),
        ('{"\\udfff": 1}', "text that is not valid Unicode"),
        (b"\xff\xfe{}", "is not UTF-8 text, from byte 0 on"),
    ],
)
def test_invalid_json_is_an_error(text, message):
    assert message in reason(from_json, text, "card.json")
    assert reason(from_json, text, "card.json").startswith("card.json: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "is not valid TOML"),
        ("\0", "is not valid TOML"),
        ("a = 1\na = 2", "is not valid TOML"),
        ("a = " + "[" * 100_000, "nests more than 32 deep"),
        ("a = " + "[" * 40 + "]" * 40, "nests more than 32 deep"),
        ("a = " + "9" * 5000, "a whole number of more than 64 bits"),
        ("a = 0x" + "f" * 5000, "a whole number of more than 64 bits"),
        ("\n\n" + ".".join("a" * 100_000) + " = 1", "line 3 has a key of more than 32 parts"),
        ("[" + " . ".join(["'a b'"] * 33) + "]", "line 1 has a key of more than 32 parts"),
    ],
)
def test_invalid_toml_is_an_error(text, message):
    assert message in reason(from_toml, text, "mine.toml")


def test_unusual_but_valid_files_are_read():
    deep = '{"a": ' * (MAX_DEPTH - 1) + "{}" + "}" * (MAX_DEPTH - 1)
    assert from_json(deep, "deep")
    assert from_json('{"key": 18446744073709551615}', "key") == {"key": 2**64 - 1}
    assert from_json('{"\\ud83c\\udf19": "n\u00efce"}', "moon") == {"\U0001f319": "n\u00efce"}
    assert from_toml("a = 'dots . . . in words. " + "Of words. " * 200 + "'", "text")
    assert from_toml("a = [" + "0.1, " * 200 + "]", "list")


@pytest.mark.parametrize("read", [read_json, read_toml])
def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path, read):
    text = b'{"a": 1}' if read is read_json else b"a = 1"
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbf" + text)
    assert read(path) == {"a": 1}


@pytest.mark.parametrize(
    ("read", "most"), [(read_json, MAX_JSON_BYTES), (read_toml, MAX_TOML_BYTES)]
)
def test_a_file_that_is_too_large_is_not_read(tmp_path, read, most):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(2**40)  # of which nothing is on the disk
    assert f"is larger than the {most:,} bytes" in reason(read, path)


def test_a_path_that_is_not_a_file_is_rejected_without_waiting(tmp_path):
    pipe, tied = tmp_path / "pipe", tmp_path / "socket"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tied))
        for path in (pipe, tied, Path("/dev/zero"), Path("/dev/stdin").resolve()):
            assert f"{path}: is a pipe, a socket or a device" in reason(read_toml, path)
    assert "is a folder, not a file" in reason(read_toml, tmp_path)
    (tmp_path / "link").symlink_to(pipe)
    assert "is a pipe" in reason(read_toml, tmp_path / "link")


def test_impossible_file_names_are_errors(tmp_path):
    assert "cannot be read: No such file" in reason(read_toml, tmp_path / "none.toml")
    assert "cannot be read: File name too long" in reason(read_toml, tmp_path / ("a" * 300))
    assert "cannot be read: embedded null byte" in reason(read_toml, tmp_path / "a\0b")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read: Too many levels" in reason(read_toml, tmp_path / "loop")
    assert "\\n" in reason(read_toml, tmp_path / "a\nb")


def test_links_to_files_are_followed(tmp_path):
    (tmp_path / "mine.toml").write_text("a = 1")
    (tmp_path / "link").symlink_to("mine.toml")
    assert read_toml(tmp_path / "link") == {"a": 1}


def test_messages_stay_on_one_line_of_bounded_length():
    text = str(ConfigError("unknown key 'a\nb\x1b[31m\u202e\ud800' " + "x" * 10_000 + " end"))
    assert text.startswith(r"unknown key 'a\nb\x1b[31m\u202e\ud800' xxx")
    assert text.endswith("xxx end")
    assert len(text) < 2100


def test_values_in_messages_are_shortened():
    assert shown("a" * 10_000) == "'" + "a" * 27 + "..." + "a" * 28 + "'"
    assert shown(2**64) == "a whole number of 65 bits"
    assert shown([10**9999]) == "[...]"
    assert shown(-3), shown(True) == ("-3", "True")
    assert len(shown({str(k): ["x" * 1000] * 1000 for k in range(1000)})) < 210
