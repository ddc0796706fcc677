"""The vector environment behind the interfaces of learning libraries.

One module per library, named after it, imported only by who uses that library: `sb3`
(Stable-Baselines3, in the extra ``train``) and `rsl_rl` (in the extra ``rsl-rl``). Without it the
import of a module raises `lunar_env.MissingExtra`.
"""
