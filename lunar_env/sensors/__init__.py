"""What the lander's computer is told: pure kernels between the true state and the observation.

`rangefinder.py` decides from a link budget whether an echo is seen and when a range is trusted,
`delay.py` keeps it until it arrives. `inertial.py` is the inertial unit and how dead reckoning
comes off the truth by it, `spread.py` what the designers know of that.
Imports: `lunar_env.physics`, `lunar_env.kernel`.
"""
