"""Files of recordings that are cut, foreign, newer or damaged, and what killed processes leave."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lunar_env import LunarLandingEnv
from lunar_env.reflight import fly_again
from lunar_env.telemetry import RecordingError, TelemetryRecorder, load_recording

STREAM = "every-0.2s"


def fly(folder, *, close):
    env = TelemetryRecorder(LunarLandingEnv(scenario="noisy"), folder)
    env.reset(seed=0)
    for _ in range(4):
        for _ in range(5):
            env.step(np.array([0.5]))
        env._streams.flush()
    if close:
        env.close()
    return env


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished and an unfinished recording of the same flight."""
    folder = tmp_path_factory.mktemp("made")
    fly(folder / "whole", close=True)
    env = fly(folder / "whole-growing", close=False)
    shutil.copytree(folder / "whole-growing", folder / "growing")
    env.close()
    return folder


@pytest.fixture
def whole(made, tmp_path):
    return shutil.copytree(made / "whole", tmp_path / "r")


@pytest.fixture
def growing(made, tmp_path):
    return shutil.copytree(made / "growing", tmp_path / "r")


def message(folder) -> str:
    with pytest.raises(RecordingError) as caught:
        load_recording(folder)
    text = str(caught.value)
    assert text.isprintable()
    assert str(folder) in text
    return text


def test_an_unfinished_recording_is_read_and_flown_again(growing):
    recording = load_recording(growing)
    assert not recording.finished
    assert recording.episode().steps == 20
    assert recording.episode().outcome == "FLYING"
    assert fly_again(recording).difference is None


def test_a_stream_cut_anywhere_gives_its_whole_batches(growing, made):
    """At every length it is read up to its last whole batch, or its beginning is missed."""
    path = growing / f"{STREAM}.arrows"
    content = path.read_bytes()
    lengths, problems = [], set()
    for size in (*range(0, len(content), 997), len(content) - 1, len(content)):
        path.write_bytes(content[:size])
        try:
            lengths.append(load_recording(growing).table(STREAM).num_rows)
        except RecordingError as problem:
            lengths.append(-1)
            problems.add(str(problem).partition(": ")[2].partition(":")[0])
    # Five steps in a batch, the reset in the first.
    assert sorted(set(lengths)) == [-1, 0, 6, 11, 16, 21]
    assert lengths == sorted(lengths)
    assert problems == {"is empty", "is not an Arrow stream, or cut short"}


def test_a_killed_close_leaves_a_readable_recording(whole, made):
    """Where a stream is there in both forms, the whole one counts; some may be in one form only."""
    for name in ("beliefs", STREAM):
        shutil.copy(made / "growing" / f"{name}.arrows", whole)
    (whole / f"{STREAM}.parquet").unlink()
    (whole / ".samples.parquet.01234567.lunar-env-part").write_bytes(b"begun")
    recording = load_recording(whole)
    assert not recording.finished
    assert fly_again(recording).difference is None


@pytest.mark.parametrize("size", [0, 3, 1000, -8, -1])
def test_a_cut_parquet_file_is_an_error(whole, size):
    path = whole / f"{STREAM}.parquet"
    path.write_bytes(path.read_bytes()[:size])
    assert "cannot be read as Parquet" in message(whole)


def test_a_damaged_parquet_file_is_an_error(whole):
    path = whole / f"{STREAM}.parquet"
    content = bytearray(path.read_bytes())
    column = pq.read_metadata(path).row_group(0).column(20)
    content[column.data_page_offset + column.total_compressed_size - 3] ^= 0xFF
    path.write_bytes(bytes(content))
    assert "cannot be read as Parquet" in message(whole)


@pytest.mark.parametrize("suffix", ["parquet", "arrows"])
@pytest.mark.parametrize("content", [b"hello", b"\xff" * 200, b"PAR1" + bytes(100)])
def test_foreign_files_are_an_error(whole, suffix, content):
    (whole / f"{STREAM}.parquet").unlink()
    (whole / f"{STREAM}.{suffix}").write_bytes(content)
    assert "is not an Arrow stream" in message(whole) or "as Parquet" in message(whole)


def test_folders_without_a_recording_are_an_error(tmp_path):
    assert "is not a folder with a recording" in message(tmp_path / "nowhere")
    assert "is not a recording: has no file every-" in message(tmp_path)
    (tmp_path / "every-1s.parquet").mkdir()
    assert "every-1s.parquet" in message(tmp_path)


def test_a_missing_stream_is_an_error(whole):
    (whole / "episodes.parquet").unlink()
    assert "episodes.arrows" in message(whole)


def with_header(folder, stream, change):
    path = folder / f"{stream}.parquet"
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[b"lunar_env"])
    changed = change(header)
    metadata = {} if changed is None else {b"lunar_env": json.dumps(changed)}
    pq.write_table(table.replace_schema_metadata(metadata), path)


@pytest.mark.parametrize("stream", [STREAM, "episodes"])
@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda h: {**h, "format": "lunar-env-telemetry/2"}, "of a newer version of lunar_env"),
        (lambda h: {**h, "format": "lunar-env-telemetry/0"}, "of an older version of lunar_env"),
        (lambda h: {**h, "format": "lunar-env-flight/3"}, "is not of format lunar-env-telemetry/1"),
        (lambda _: None, "has no metadata of lunar_env"),
    ],
)
def test_other_versions_and_formats_are_an_error(whole, stream, change, text):
    with_header(whole, stream, change)
    assert text in message(whole)


def test_a_changed_mission_is_an_error(whole):
    with_header(whole, "episodes", lambda h: {**h, "mission": {**h["mission"], "digest": "0"}})
    assert "its digest does not match" in message(whole)
    with_header(whole, "episodes", lambda h: {**h, "mission": {"digest": "0", "toml": "x = ["}})
    assert "is not a complete flight" in message(whole)
    with_header(whole, "episodes", lambda h: {"format": h["format"]})
    assert "is not a complete recording" in message(whole)


def test_wrong_columns_are_an_error(whole):
    path = whole / f"{STREAM}.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("step")
    pq.write_table(table.set_column(place, "step", table["step"].cast(pa.float64())), path)
    assert "column step holds double, must hold int32" in message(whole)
    values = pa.array([None, *table["true.height_m"].to_pylist()[1:]], pa.float64())
    place = table.column_names.index("true.height_m")
    pq.write_table(table.set_column(place, "true.height_m", values), path)
    assert "lacks 1 entries" in message(whole)
    pq.write_table(table.drop_columns(["action.throttle"]), path)
    assert "has no actions" in message(whole)


def test_unknown_names_get_a_hint(whole):
    recording = load_recording(whole)
    with pytest.raises(ValueError, match=r"did you mean 'true\.height_m'"):
        recording.column("true.heigth_m")
    with pytest.raises(ValueError, match="did you mean 'every-1s'"):
        recording.table("evry-1s")
    with pytest.raises(ValueError, match="row 0 has 0 to 0"):
        recording.column("true.height_m", 0, 1)
    with pytest.raises(ValueError, match="rows: 0"):
        recording.episode(3)
