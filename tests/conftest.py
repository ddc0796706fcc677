"""Settings for all tests."""

from hypothesis import settings

# The same examples in every run, on slow machines too; kernels compile inside the first example.
settings.register_profile("lunar_env", deadline=None, derandomize=True, database=None)
settings.load_profile("lunar_env")
