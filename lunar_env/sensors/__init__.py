"""Sensor models: pure kernels between the true state and the observation.

`rangefinder.py` is the laser rangefinder: `link.py` its link budget, `acquisition.py` its search
and track modes, `delivery.py` and `delay.py` the transmission of ranges to the lander's computer.
`inertial.py` models the IMU and the errors of dead reckoning, `covariance.py` the covariance of
these errors. `channel.py` is what the other sensors have in common: a clock, a delay and the last
arrival. `velocimeter.py` and `radar.py` measure over the plane of `ground_plane.py`, `camera.py`
over the terrain. `events.py` records every sample that arrives. Imports: `lunar_env.physics`,
`lunar_env.kernel`.
"""
