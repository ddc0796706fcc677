"""Numba's front end for kernels: less work, the same signatures, and nothing left behind."""

import gc
import math
import operator

import numba
import pytest
from numba.core import types
from numba.core.compiler import Compiler
from numba.core.registry import cpu_target

from lunar_env.kernel import front_end
from lunar_env.kernel.compile import entry, inline_kernel, numba_config
from lunar_env.kernel.front_end import SKIPPED_PASSES, fast_front_end, without_skipped
from lunar_env.kernel.library import KernelCompiler

pytestmark = pytest.mark.skipif(numba_config.DISABLE_JIT, reason="kernels are interpreted")

REAL, WHOLE = types.float64, types.int64
ROWS = types.Array(REAL, 2, "C")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(tmp_path))


@pytest.fixture
def asked(monkeypatch):
    """Calls that reached Numba's own search."""
    calls, own = [], types.Function.get_call_type

    def counting(self, context, args, kws):
        calls.append((self.typing_key, args))
        return own(self, context, args, kws)

    monkeypatch.setattr(types.Function, "get_call_type", counting)
    return calls


def resolve(function, *args):
    """The signature of a call, and the key by which Numba finds its code."""
    context = cpu_target.typing_context
    context.refresh()
    kind = context.resolve_value_type(function)
    signature = kind.get_call_type(context, args, {})
    return signature, kind.get_impl_key(signature)


USES = [
    (operator.add, (REAL, REAL)),
    (operator.sub, (REAL, WHOLE)),
    (operator.lt, (WHOLE, types.uint64)),
    (operator.rshift, (types.uint64, types.IntegerLiteral(7))),
    (operator.getitem, (ROWS, types.UniTuple(WHOLE, 2))),
    (operator.setitem, (ROWS, types.UniTuple(WHOLE, 2), REAL)),
]


@pytest.mark.parametrize(("function", "args"), USES)
def test_an_operator_is_looked_up_once(function, args, asked):
    expected = resolve(function, *args)
    asked.clear()
    with fast_front_end():
        assert resolve(function, *args) == expected
        assert resolve(function, *args) == expected
    assert [call for call in asked if call == (function, args)] == [(function, args)]


def test_other_types_are_other_answers():
    with fast_front_end():
        assert resolve(operator.add, REAL, REAL)[0].return_type == REAL
        assert resolve(operator.add, WHOLE, WHOLE)[0].return_type == WHOLE
        assert resolve(operator.add, REAL, REAL)[0].return_type == REAL


def test_what_is_no_operator_or_unknown_to_operators_is_numbas_affair(asked):
    with fast_front_end():
        for _ in range(2):
            resolve(math.sqrt, REAL)
            with pytest.raises(numba.TypingError):
                resolve(operator.add, REAL, types.UniTuple(REAL, 2))
    functions = [function for function, _ in asked]
    assert functions.count(math.sqrt) == 2
    assert functions.count(operator.add) == 2


def test_a_numba_that_finds_code_otherwise_is_asked_always():
    class Other:
        typing_key = operator.add

    answers = iter(["first", "second"])
    ask = front_end._cached_lookup(lambda *_: next(answers))
    assert [ask(Other(), None, (REAL, REAL), {}) for _ in range(2)] == ["first", "second"]


def fail_within():
    with fast_front_end():
        assert not gc.isenabled()
        return 1 / 0


@pytest.mark.parametrize("collects", [True, False])
def test_nothing_is_left_behind(collects):
    own, before = types.Function.get_call_type, gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError):
            fail_within()
        assert gc.isenabled() == collects
    finally:
        (gc.enable if before else gc.disable)()
    assert types.Function.get_call_type is own


def test_kernels_go_through_the_passes_that_they_need(monkeypatch):
    run = []
    monkeypatch.setattr(
        KernelCompiler,
        "_compile_core",
        lambda self: run.append(self.define_pipelines()) or Compiler._compile_core(self),
    )

    @inline_kernel
    def half(x):
        return 0.5 * x

    @entry
    def quarter(x):
        return half(half(x))

    assert quarter(8.0) == 2.0
    assert run
    for (pipeline,) in run:
        names = {each[0].__name__ for each in pipeline.passes}
        assert not names & SKIPPED_PASSES
        # Powers of whole numbers, names for each assignment, and deletions are made in these.
        assert names >= {"GenericRewrites", "ReconstructSSA", "IRLegalization", "NativeLowering"}


def test_passes_of_another_name_or_kind_are_run():
    class Renamed:
        pass

    passes = [(Renamed, "a pass"), (object(), "of a pipeline that holds instances")]
    assert without_skipped(passes) == passes
