"""The environment as kernels: one step of one lander, and loops over rows.

Read `step.py` first: `step_rows` says in one page what happens between two observations. `world.py`
holds the arrays of a batch and the `BatchRow` of a row, `fields.py` names every element of
observation, action, reward and truth. Imports: `lunar_env.sensors`, `lunar_env.physics`,
`lunar_env.kernel`; neither Gymnasium nor the specs.
"""
