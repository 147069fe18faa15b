"""Nobody there: the client stays up, says why, tries again ever more rarely, and at once when it is asked to."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.commands import ReconnectNow
from lablink_dpg.model.link import LinkState
from lablink_dpg.sim.doors import bound
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import Running, linked
from tests.system.faults.bench import Bench
from tests.system.running import start

FIRST_S, MAX_S = 0.05, 0.4  # a tenth and less of what users have, so that ten waits pass in a few seconds
WAITS = 10
PATIENT = LinkOptions(backoff_first_s=60.0, backoff_max_s=60.0)
BACK_S = 1.0  # from the wish until the streams come
SLACK_S = 0.3  # for a loaded machine, at a wait that is half a second


@contextmanager
def closed_port() -> Iterator[int]:
    """Nobody else can take it, and it refuses connections."""
    with bound(socket.AF_INET, ("127.0.0.1", 0)) as mine:
        yield mine.getsockname()[1]


def waits_s(run: Running, count: int) -> list[float]:
    """How long the link says that it will wait, try after try."""
    seen: dict[int, float] = {}

    def look() -> bool:
        status = run.network.status
        if status.state is LinkState.WAITING and status.next_retry_us is not None:
            seen.setdefault(status.since_us, (status.next_retry_us - status.since_us) / 1e6)
        return len(seen) >= count

    until(look, lambda: f"{len(seen)} waits: {run.network.status}")
    return list(seen.values())


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ("something.invalid:8000", "host name 'something.invalid' cannot be resolved"),
        ("127.0.0.1:{port}", "connection refused: nothing listens on 127.0.0.1 port {port}"),
    ],
    ids=["DNS", "refused"],
)
def test_it_stays_up_says_which_and_begins_with_half_a_second(server: str, why: str) -> None:
    with closed_port() as port, linked(server.format(port=port), LinkOptions()) as run:
        first_s, second_s = waits_s(run, 2)
        assert run.network.status.reason == why.format(port=port)
        assert f"waiting: {why.format(port=port)}" in run.texts
        assert 0.5 <= first_s < 0.76
        assert 0.5 <= second_s < 1.51
        counters = run.network.status.counters
        assert (counters.messages, counters.reconnects, counters.fallbacks) == (0, 0, 0)
    assert LinkOptions().backoff_max_s == 30.0


def test_waits_double_at_most_are_never_the_same_and_end_at_the_longest() -> None:
    options = LinkOptions(backoff_first_s=FIRST_S, backoff_max_s=MAX_S)
    with closed_port() as port, linked(f"127.0.0.1:{port}", options) as run:
        waits = waits_s(run, WAITS)
    ceilings = [min(FIRST_S * 1.5 * 2**number, MAX_S) for number in range(WAITS)]
    assert all(FIRST_S <= each < ceiling + 0.01 for each, ceiling in zip(waits, ceilings, strict=True)), waits
    assert max(waits) > MAX_S / 2
    assert len(set(waits)) == WAITS, "jitter"


def test_a_server_that_comes_up_is_streamed_at_once_when_a_person_asks_for_it() -> None:
    """However long the wait would be."""
    with SimProcess(streams=2, seed=5, faults=("refuse:600",)) as sim, linked(sim.url, PATIENT) as run:
        run.until_state(LinkState.WAITING)
        assert "refused" in run.network.status.reason
        sim.fault("clear")
        run.network.send(ReconnectNow())
        until(lambda: len(run.store.series) == 2, run.how_it_stands, BACK_S)
        run.until_state(LinkState.STREAMING)
        it = Bench(sim, run, 2, 1)
        assert "reconnect asked for" in run.texts
        it.end()
        assert (it.counters.lost, it.run.network.status.counters.reconnects) == (0, 0)


class Slammer:
    """A port where every connection is ended at once; when each came."""

    def __init__(self) -> None:
        self.came_s: list[float] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._slam, daemon=True)
        self._thread.start()

    def _slam(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.came_s.append(time.monotonic())
            connection.close()

    def __enter__(self) -> Slammer:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


def test_the_longest_wait_is_an_option_and_the_key_r_asks_for_another_try(xvfb: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": xvfb, "GALLIUM_NOOP": "true"}
    log = tmp_path / "log"
    with Slammer() as slammer:
        server = f"127.0.0.1:{slammer.port}"
        process = start(server, "--retry-max", "0.5", "--log-file", str(log), environment=environment)
        try:
            until(lambda: len(slammer.came_s) >= 6, lambda: str(slammer.came_s), within_s=30.0)
            gaps_s = [later - earlier for earlier, later in pairwise(slammer.came_s)]
            assert 0.5 <= statistics.median(gaps_s) < 0.5 + SLACK_S, gaps_s
            words = ("xdotool", "search", "--sync", "--onlyvisible", "--name", server)
            (window,) = subprocess.run(words, env=environment, capture_output=True, check=True).stdout.split()
            subprocess.run(["xdotool", "mousemove", "--window", window, "50", "200"], env=environment, check=True)

            def is_asked() -> bool:
                subprocess.run(["xdotool", "key", "r"], env=environment, check=True)
                return "reconnect asked for" in log.read_text()

            until(is_asked)
            process.terminate()
            _, errors = process.communicate(timeout=10.0)
        finally:
            process.kill()
    assert process.returncode == 0, errors
