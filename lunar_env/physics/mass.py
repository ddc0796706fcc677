"""Mass properties: centre of mass and moments of inertia as functions of the remaining mass."""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.types import Vehicle


@inline_kernel
def com_height(mass: float, vehicle: Vehicle) -> float:
    """Height [m, S] of the centre of mass above the plane of the pads, at a `mass` [kg]."""
    propellant = mass - vehicle.mass_dry
    moment = vehicle.mass_dry * vehicle.com_z_dry + propellant * vehicle.com_z_tank
    return moment / mass


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
    across = tank + vehicle.mass_dry * propellant / mass * apart * apart
    return Vec3(
        vehicle.mass_dry * vehicle.k2_x + across,
        vehicle.mass_dry * vehicle.k2_y + across,
        vehicle.mass_dry * vehicle.k2_z + tank,
    )
