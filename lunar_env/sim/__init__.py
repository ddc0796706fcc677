"""The environment as kernels: one step of one lander, and loops over rows.

Read `step.py` first: `step_rows` shows on one page what happens between two observations.
`world.py` has the arrays of a batch and `BatchRow`, one of its rows; `fields.py` and `frame.py`
name every element of observation, action, reward and privileged vector. Imports:
`lunar_env.sensors`, `lunar_env.physics`, `lunar_env.kernel`; neither Gymnasium nor the specs.
"""
