"""What landers look like: data that no flight depends on."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.rendering.solids import PLAIN, Model, model_of
from lunar_env.specs import VehicleSpec, list_missions, load_mission
from lunar_env.specs.look import PartSpec

MISSIONS = [name for name in list_missions() if not name.startswith("gaudet")]
VEHICLES = {load_mission(name).vehicle.name: load_mission(name).vehicle for name in MISSIONS}
PART = {
    "name": "body",
    "material": "gold",
    "shape": "octagon",
    "outline_m": [[1.0, 0.5], [1.0, 1.5]],
}


def test_the_look_does_not_enter_the_digest() -> None:
    mission = load_mission("hakuto-r-m2")
    table = mission.to_table()
    del table["vehicle"]["look"]  # type: ignore[attr-defined]  # a table of tables
    bare = type(mission).from_table(table)
    assert bare.vehicle.look is None
    assert bare.digest == mission.digest
    assert bare.vehicle.digest == mission.vehicle.digest


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=VEHICLES)
def test_every_lander_has_a_look_of_its_size(vehicle: VehicleSpec) -> None:
    assert vehicle.look is not None
    model, pads = model_of(vehicle), 0.5 * vehicle.gear.footprint_diameter_m
    low, high = model.vertices.min(axis=0), model.vertices.max(axis=0)
    assert 0.0 < low[2] < 0.4 * vehicle.height_m
    assert high[2] == pytest.approx(vehicle.height_m, rel=0.04)
    widest = max(pads, float(np.abs(model.vertices[:, :2]).max()))
    assert 1.7 * widest <= vehicle.width_m * 1.35
    assert {nozzle.engine for nozzle in vehicle.look.nozzles} <= {r.name for r in vehicle.engines}


def test_landers_do_not_look_alike() -> None:
    heights = np.linspace(0.0, 1.0, 24)

    def silhouette(model: Model) -> np.ndarray:
        """Half width at shares of the height, over the height."""
        size, points = model.height, model.vertices
        return np.array(
            [
                max(np.abs(points[np.abs(points[:, 2] / size - h) < 0.08, 0]), default=0.0) / size
                for h in heights
            ]
        )

    shapes = {name: silhouette(model_of(v)) for name, v in VEHICLES.items() if "im2" not in name}
    names = sorted(shapes)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            assert np.abs(shapes[a] - shapes[b]).mean() > 0.02, (a, b)


@pytest.mark.parametrize("model", [PLAIN, *map(model_of, VEHICLES.values())])
def test_faces_are_seen_from_outside(model: Model) -> None:
    """Normals are unit vectors, and on the whole point away from the axis of each face's solid."""
    assert np.allclose(np.linalg.norm(model.normals, axis=1), 1.0)
    up = [n[2] for n, face in zip(model.normals, model.faces, strict=True) if len(face) > 4]
    assert min(up) < -0.99
    assert max(up) > 0.99


def test_a_vehicle_without_a_look_is_drawn_as_its_hull() -> None:
    vehicle = load_mission("gaudet-altimeter-1km").vehicle
    assert vehicle.look is None
    points = model_of(vehicle).vertices
    assert points[:, 2].max() == pytest.approx(vehicle.gear.nose_m)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outline_m": [[1.0, 0.5]]}, "2 to 24 points"),
        ({"outline_m": [[1.0, 0.5], [1.0]]}, r"must be \[width, height\]"),
        ({"outline_m": [[1.0, 1.5], [1.0, 0.5]]}, "heights must not fall"),
        ({"outline_m": [[-1.0, 0.5], [1.0, 1.5]]}, "widths must not be negative"),
        ({"outline_m": [[1.0, 0.5], [1.0, 1e9]]}, "must be from"),
        ({"material": "brass"}, "gold"),
        ({"shape": "heptagon"}, "hexagon"),
    ],
)
def test_errors_name_what_is_wrong_with_a_part(change: dict[str, object], message: str) -> None:
    PartSpec(**PART)
    with pytest.raises(ConfigError, match=message):
        PartSpec(**{**PART, **change})
