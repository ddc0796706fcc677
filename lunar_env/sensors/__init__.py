"""What the lander's computer is told: pure kernels between the true state and the observation.

`rangefinder.py` is the instrument: `link.py` its light, `acquisition.py` when a range is trusted,
`delivery.py` and `delay.py` its way to the computer. `inertial.py` is the inertial unit and how
dead reckoning comes off the truth by it, `spread.py` what the designers know of that. `channel.py`
is what the others have in common: a clock, a delay and the last arrival; `velocimeter.py`,
`radar.py` and `camera.py` measure, the first two over the ground of `spot.py`; `events.py` lists
every sample that arrives. Imports: `lunar_env.physics`, `lunar_env.kernel`.
"""
