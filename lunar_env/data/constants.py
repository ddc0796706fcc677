"""Constants of nature and of the Moon, each with its uncertainty and source.

Kernels use the plain floats below; `CONSTANTS` is for people and for the tests that compare them
with outside values. Source ids are those of ``sources.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "CONSTANTS",
    "C_LIGHT",
    "G0",
    "GM_MOON",
    "G_MOON",
    "H_PLANCK",
    "J2_MOON",
    "OMEGA_MOON",
    "R_GRAVITY",
    "R_MOON",
    "Constant",
]


@dataclass(frozen=True, slots=True)
class Constant:
    """A physical constant.

    Parameters
    ----------
    value : float
        In SI units.
    unit : str
        The unit, ``"-"`` for a pure number.
    uncertainty : float
        One standard deviation, in the same unit; zero where the value is exact by definition.
    source : str
        Where the value comes from.
    note : str
        What the value or its uncertainty means, where that needs saying.
    """

    value: float
    unit: str
    uncertainty: float
    source: str
    note: str = ""


_GM = 4.902800118e12
_R = 1.7374e6

CONSTANTS: Final[dict[str, Constant]] = {
    "GM_MOON": Constant(
        _GM, "m3/s2", 3.0e5, "DE440", "uncertainty: spread of recent gravity fields, rounded up"
    ),
    "R_MOON": Constant(
        _R, "m", 1.0e3, "WGCCRE", "mean radius; the ground itself lies within -9 and +11 km of it"
    ),
    "OMEGA_MOON": Constant(
        2.66170e-6, "rad/s", 1.0e-10, "WGCCRE", "mean rate; uncertainty: libration, not modelled"
    ),
    "J2_MOON": Constant(
        2.0330530e-4,
        "-",
        9.0e-8,
        "GL0660B",
        "with the Earth's permanent tide, as felt; uncertainty: that tide, which some fields omit",
    ),
    "R_GRAVITY": Constant(
        1.738e6, "m", 0.0, "GL0660B", "radius that J2 refers to: a convention, not a size"
    ),
    "G_MOON": Constant(
        _GM / _R**2, "m/s2", 1.9e-3, "own", "GM/R^2; uncertainty: that of the radius"
    ),
    "G0": Constant(9.80665, "m/s2", 0.0, "SI", "exact by definition"),
    "C_LIGHT": Constant(299_792_458.0, "m/s", 0.0, "SI", "exact by definition"),
    "H_PLANCK": Constant(6.62607015e-34, "J s", 0.0, "SI", "exact by definition"),
}

GM_MOON: Final[float] = CONSTANTS["GM_MOON"].value  # m3/s2, gravitational parameter
R_MOON: Final[float] = CONSTANTS["R_MOON"].value  # m, mean radius
OMEGA_MOON: Final[float] = CONSTANTS["OMEGA_MOON"].value  # rad/s, rotation
J2_MOON: Final[float] = CONSTANTS["J2_MOON"].value  # -, oblateness, unnormalised
R_GRAVITY: Final[float] = CONSTANTS["R_GRAVITY"].value  # m, reference radius of J2
G_MOON: Final[float] = CONSTANTS["G_MOON"].value  # m/s2, gravity at the mean radius
G0: Final[float] = CONSTANTS["G0"].value  # m/s2, standard gravity, for specific impulse
C_LIGHT: Final[float] = CONSTANTS["C_LIGHT"].value  # m/s
H_PLANCK: Final[float] = CONSTANTS["H_PLANCK"].value  # J s
