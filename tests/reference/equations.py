"""The Moon written anew: in a frame at its centre, in NumPy, from the potential.

Nothing here comes from the package. Axes of the Moon-fixed frame M: z along the Moon's axis, x in
the meridian of the target.
"""

from __future__ import annotations

import math

import numpy as np

GM = 4.902800118e12  # m^3/s^2
RADIUS = 1.7374e6  # m
J2 = 2.0330530e-4
R_GRAVITY = 1.738e6  # m
RATE = 2.66170e-6  # rad/s


def axes(latitude):
    """Matrix whose columns are east, north and up of the target in M: dcm_ML."""
    s, c = math.sin(latitude), math.cos(latitude)
    return np.array([[0.0, -s, c], [1.0, 0.0, 0.0], [0.0, c, s]])


def potential(x, y, z, gm=GM, j2=J2):
    """Positive potential [m^2/s^2] of an oblate Moon; also for complex arguments."""
    distance = np.sqrt(x * x + y * y + z * z)
    sine = z / distance
    legendre = 0.5 * (3.0 * sine * sine - 1.0)
    return gm / distance * (1.0 - j2 * (R_GRAVITY / distance) ** 2 * legendre)


def attraction(rho, gm=GM, j2=J2):
    """Gradient of the potential by complex steps, exact to the last digits [m/s^2, M]."""
    step = 1e-20j
    return np.array(
        [potential(*(rho + step * axis), gm, j2).imag / step.imag for axis in np.eye(3)]
    )


def acceleration(r, v, latitude, gm=GM, j2=J2, rate=RATE):
    """Free fall [m/s^2, L] at a position and velocity in L."""
    dcm_ML = axes(latitude)
    rho = dcm_ML @ np.add(r, [0.0, 0.0, RADIUS])
    spin = np.array([0.0, 0.0, rate])
    coriolis = 2.0 * np.cross(spin, dcm_ML @ np.asarray(v))
    centrifugal = np.cross(spin, np.cross(spin, rho))
    return dcm_ML.T @ (attraction(rho, gm, j2) - coriolis - centrifugal)
