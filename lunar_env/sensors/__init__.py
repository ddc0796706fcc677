"""What the lander's computer is told: pure kernels between the true state and the observation.

`rangefinder.py` decides from a link budget whether an echo is seen and when a range is trusted,
`delay.py` keeps it until it arrives, `inertial.py` is dead reckoning with its errors. `channel.py`
is what the others have in common: a clock, a delay and the last arrival; `velocimeter.py`,
`radar.py` and `camera.py` measure, the first two over the ground of `spot.py`; `events.py` lists
every sample that arrives. Imports: `lunar_env.physics`, `lunar_env.kernel`.
"""
