"""Mass properties: centre of mass and moments of inertia as functions of the remaining mass.

Divisions are the costliest part of a tick: each function multiplies by the reciprocal of the mass,
which the compiler computes once for all of them.
"""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.types import Vehicle


@inline_kernel
def com_height(mass: float, vehicle: Vehicle) -> float:
    """Height [m, S] of the centre of mass above the plane of the pads, at a `mass` [kg]."""
    share = (mass - vehicle.mass_dry) * (1.0 / mass)
    return vehicle.com_z_dry + share * (vehicle.com_z_tank - vehicle.com_z_dry)


@inline_kernel
def centre_of_mass(mass: float, vehicle: Vehicle) -> Vec3:
    """Position [m, S] of the centre of mass, at a `mass` [kg]."""
    return Vec3(vehicle.com_x, vehicle.com_y, com_height(mass, vehicle))


@inline_kernel
def inertia(mass: float, vehicle: Vehicle) -> Vec3:
    """Principal moments of inertia [kg m^2, B] of the dry lander and the propellant.

    The distance between their centres of mass adds to the moments about x and y (parallel-axis
    theorem).
    """
    propellant = mass - vehicle.mass_dry
    apart = vehicle.com_z_tank - vehicle.com_z_dry
    tank = propellant * vehicle.k2_tank
    across = tank + vehicle.mass_dry * propellant * (1.0 / mass) * apart * apart
    return Vec3(
        vehicle.mass_dry * vehicle.k2_x + across,
        vehicle.mass_dry * vehicle.k2_y + across,
        vehicle.mass_dry * vehicle.k2_z + tank,
    )


@inline_kernel
def reciprocals(a: Vec3) -> Vec3:
    """Reciprocal of each component, by a single division."""
    inverse = 1.0 / (a.x * a.y * a.z)
    return Vec3(inverse * a.y * a.z, inverse * a.x * a.z, inverse * a.x * a.y)
