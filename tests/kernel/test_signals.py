"""A signal that comes while LLVM calls Python ends the program all the same."""

import atexit
import gc
import os
import signal

import pytest
from numba.core.registry import cpu_target

from lunar_env.cli import program
from lunar_env.kernel.compile import entry
from lunar_env.stopping import Stopped, stoppable


def fresh():
    """The same entry, as another process would make it."""

    @entry
    def triple_of(x):
        return 3.0 * x

    return triple_of


@pytest.mark.parametrize(
    ("hook", "kept"),
    [
        ("_object_cache_notify", False),
        ("_object_cache_getbuffer", False),
        ("_object_cache_getbuffer", True),
    ],
)
def test_a_signal_in_a_call_from_llvm_is_not_lost(hook, kept, cache, monkeypatch):
    if kept:
        fresh()(1.0)
    engine = cpu_target.target_context.codegen()._engine._ee
    original, heard = getattr(engine, hook), []

    def interrupted(*arguments):
        heard.append(hook)
        os.kill(os.getpid(), signal.SIGINT)
        return original(*arguments)

    stopped = fresh()
    with monkeypatch.context() as patch:
        patch.setattr(engine, hook, interrupted)
        with pytest.raises(Stopped), stoppable():
            stopped(2.0)
    assert heard
    assert stopped(2.0) == fresh()(2.0) == 6.0


def test_a_stopped_command_ends_without_looking_for_garbage(monkeypatch, capsys):
    """After a compilation that takes seconds."""
    asked = []

    def stop(*_):
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(atexit, "register", asked.append)
    monkeypatch.setattr(program.Program, "_dispatch", stop)
    assert program.Program("p", {}, "p").main([]) == 130
    assert capsys.readouterr().err == "stopped by SIGINT\n"
    assert asked == [gc.freeze]
