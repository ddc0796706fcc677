"""Records at rest: no field is lost or moved, wherever it lies."""

from typing import NamedTuple

import numpy as np
import pytest

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.kernel.records import (
    Blocks,
    columns,
    item_record,
    lane_record,
    line_record,
    part_record,
    record_type,
    row_record,
    spread_record,
    table_record,
    width,
)


class Motion(NamedTuple):
    r: Vec3
    q: Quat
    mass: float


VALUE = Motion(Vec3(1.0, 2.0, 3.0), Quat(4.0, 5.0, 6.0, 7.0), 8.0)
FLAT = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


def test_a_record_is_as_wide_as_its_floats():
    assert width(Motion) == 8
    assert width(record_type("Made", ("a", "b"))) == 2


def test_every_field_has_its_column():
    assert columns(Motion, 10) == Motion(Vec3(10, 11, 12), Quat(13, 14, 15, 16), 17)


def test_blocks_are_contiguous():
    row = Blocks(3)
    first, room, last = row.add(Motion), row.room(5), row.add(Vec3)
    assert first.r.x == 3
    assert room == 11
    assert (last.x, last.y, last.z) == (16, 17, 18)
    assert row.end == 19


@pytest.mark.parametrize(
    ("pair", "place", "flat"),
    [
        (row_record(Motion, 2), (np.zeros((2, 11)), 1), lambda a: a[1, 2:10]),
        (row_record(Motion, columns(Motion, 2)), (np.zeros((2, 11)), 1), lambda a: a[1, 2:10]),
        (part_record(Motion), (np.zeros((2, 11)), 1, 3), lambda a: a[1, 3:11]),
        (table_record(Motion), (np.zeros(11), 3), lambda a: a[3:11]),
        (line_record(Motion, 1), (np.zeros((9, 2)), 1), lambda a: a[1:9, 1]),
        (item_record(Motion), (np.zeros((2, 3, 8)), 1, 2), lambda a: a[1, 2]),
        (lane_record(Motion, 4), (np.zeros(40), 4, 2), lambda a: a[6:38:4]),
        (spread_record(Motion, 3, 5), (np.zeros((2, 43)), 1, 2), lambda a: a[1, 5:45:5]),
    ],
)
def test_stored_records_are_in_order_and_are_loaded_equal(pair, place, flat):
    load, store = pair
    store(*place, VALUE)
    array = place[0]
    assert flat(array).tolist() == FLAT
    assert np.count_nonzero(array) == len(FLAT)
    assert load(*place) == VALUE


def test_single_precision_is_widened_on_request():
    load, store = item_record(Vec3, "float64({})")
    items = np.zeros((1, 1, 3), np.float32)
    store(items, 0, 0, Vec3(0.1, 0.2, 0.3))
    assert load(items, 0, 0).x == float(np.float32(0.1))
