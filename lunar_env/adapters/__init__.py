"""The vector environment behind the interfaces of learning libraries.

One module per library, named after it, imported only by who uses that library: `sb3`
(Stable-Baselines3) and `rsl_rl`. Both libraries are in the extra ``train``; without it the import
of the module raises `lunar_env.MissingExtra`.
"""
