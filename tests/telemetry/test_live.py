"""Lines of JSON over a socket of this machine; a slow viewer never slows the flight."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lunar_env import ConfigError, LunarEnvError
from lunar_env.telemetry.live import FORMAT, LOOPBACK, MOST_LINES, MOST_VIEWERS, LiveServer

FIRST = {"mission": "hakuto-r-m2"}


def until(condition, most_s=10.0):
    """Wait for what another thread does."""
    end = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def connect(server):
    before = server.viewers
    connection = socket.create_connection((LOOPBACK, server.port), timeout=10.0)
    until(lambda: server.viewers > before)
    return connection


def lines(connection):
    """All lines until the server disconnects."""
    with connection, connection.makefile("rb") as file:
        return [json.loads(line) for line in file.read().splitlines()]


def test_a_viewer_gets_every_line_after_what_is_flown():
    with LiveServer(0, FIRST) as server:
        connection = connect(server)
        for k in range(100):
            server.send({"time_s": 0.2 * k, "range_m": float("nan")})
    got = lines(connection)
    assert got[0] == {"format": FORMAT, **FIRST}
    assert [line["time_s"] for line in got[1:]] == [0.2 * k for k in range(100)]
    assert got[1]["range_m"] is None


def test_viewers_come_and_go():
    with LiveServer(0, FIRST) as server:
        server.send({"time_s": 0.0})  # to nobody
        one = connect(server)
        server.send({"time_s": 1.0})
        two = connect(server)
        one.close()
        for k in range(200):
            server.send({"time_s": 2.0 + k})
            time.sleep(0.001)
        until(lambda: server.viewers == 1)
    got = lines(two)
    assert got[0]["format"] == FORMAT
    assert [line["time_s"] for line in got[1:]] == [2.0 + k for k in range(200)]


def test_a_viewer_that_does_not_read_holds_up_nothing():
    """Its buffer is bounded: it misses lines, but gets none in part."""
    line = {"text": "x" * 1000}
    with LiveServer(0, FIRST) as server:
        slow = connect(server)
        begin = time.monotonic()
        worst = 0.0
        for k in range(20_000):
            before = time.process_time()
            server.send({**line, "k": k})
            worst = max(worst, time.process_time() - before)
        assert time.monotonic() - begin < 20.0
        (viewer,) = server._viewers
        assert len(viewer.waiting) <= MOST_LINES
        slow.settimeout(10.0)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lines, slow)
            server.close()
            got = reading.result()
    numbers = [entry["k"] for entry in got[1:]]
    assert numbers == sorted(numbers)
    assert MOST_LINES <= len(numbers) < 20_000
    assert worst < 0.1


def test_close_does_not_wait_for_a_viewer_that_does_not_read():
    server = LiveServer(0, FIRST)
    slow = connect(server)
    for _ in range(20_000):
        server.send({"text": "x" * 1000})
    begin = time.monotonic()
    server.close()
    server.close()
    assert time.monotonic() - begin < 5.0
    slow.close()


def test_it_is_reached_from_this_machine_only():
    with LiveServer(0, FIRST) as server:
        assert server._listener.getsockname()[0] == LOOPBACK == "127.0.0.1"


def test_the_number_of_viewers_is_bounded():
    with LiveServer(0, FIRST) as server:
        viewers = [connect(server) for _ in range(MOST_VIEWERS)]
        extra = socket.create_connection((LOOPBACK, server.port), timeout=10.0)
        assert extra.recv(10) == b""
        assert server.viewers == MOST_VIEWERS
        for each in (*viewers, extra):
            each.close()


@pytest.mark.parametrize("port", [-1, 65536])
def test_wrong_ports_are_rejected(port):
    with pytest.raises(ConfigError, match="must be from 0 to 65535"):
        LiveServer(port, FIRST)


def test_a_taken_port_is_an_error():
    with (
        LiveServer(0, FIRST) as server,
        pytest.raises(LunarEnvError, match=f"{LOOPBACK}:{server.port}: "),
    ):
        LiveServer(server.port, FIRST)
