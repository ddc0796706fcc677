"""Kernels' code is linked into the entries that need it, and made machine code there alone."""

import math

import numba
import numpy as np
import pytest

from lunar_env.kernel.compile import entry, inline_kernel, kernel, numba_config
from lunar_env.kernel.library import EntryLibrary, KernelLibrary

pytestmark = pytest.mark.skipif(numba_config.DISABLE_JIT, reason="kernels are interpreted")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(tmp_path))


@kernel
def leaf(x):
    return math.sqrt(x) + 1.0


@inline_kernel
def left(x):
    return 2.0 * leaf(x)


@kernel
def right(x):
    return leaf(x) - left(x + 1.0)


def test_entries_that_share_kernels_compute_what_python_does():
    @entry
    def sum_of_both(x):
        return left(x) + right(x)

    @entry
    def right_alone(x):
        return right(x)

    root, next_root = math.sqrt(7.0), math.sqrt(8.0)
    expected_right = root + 1.0 - 2.0 * (next_root + 1.0)
    assert sum_of_both(7.0) == 2.0 * (root + 1.0) + expected_right
    assert right_alone(7.0) == expected_right


def test_a_kernel_has_no_separate_machine_code():
    @entry
    def calls_right(x):
        return right(x)

    calls_right(2.0)
    (compiled,) = right.overloads.values()
    assert isinstance(compiled.library, KernelLibrary)
    assert compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name) == 0
    (whole,) = calls_right.overloads.values()
    names = {function.name for function in whole.library.get_defined_functions()}
    assert whole.fndesc.llvm_func_name in names
    assert isinstance(whole.library, EntryLibrary)


def test_a_kernel_can_be_called_from_python():
    assert right(4.0) == 3.0 - 2.0 * (math.sqrt(5.0) + 1.0)


def long_function():
    """A function too long to be inlined, with an argument that the optimiser can drop."""
    terms = (f"    total += math.sin({k}.5 * x + total) / ({k}.25 + x * x)" for k in range(80))
    source = "\n".join(["def series(unused, x):", "    total = x", *terms, "    return total"])
    names = {"math": math}
    exec(source, names)
    return names["series"]


series = kernel(long_function())


def test_code_of_an_entry_is_not_used_for_another_caller():
    """Code is found by its name, and an entry's copy of a kernel may take other arguments."""

    @entry
    def twice(unused, x):
        return series(unused, x) + series(unused, 2.0 * x)

    @numba.njit(error_model="numpy")
    def elsewhere(unused, x):
        return series(unused, x) - series(unused, 3.0 * x)

    unused = np.zeros((3, 4))
    one, two, three = (series.py_func(unused, x) for x in (1.5, 3.0, 4.5))
    assert twice(unused, 1.5) == pytest.approx(one + two, rel=1e-12)
    assert elsewhere(unused, 1.5) == pytest.approx(one - three, rel=1e-12)
    assert series(unused, 1.5) == pytest.approx(one, rel=1e-12)
