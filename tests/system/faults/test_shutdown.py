"""The end, from every state: in order, in time, and other clients keep the streams that they watch."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect

from lablink_dpg.link.network import STOP_S
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkNeed, LinkState, Mode, StreamState
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import Running
from tests.system.running import start
from tests.system.test_signals import IN_TIME_S, ended, log_of

FREEZE = "freeze:1.5"  # longer than a link takes to end
QUIET_S = 0.5  # ten intervals: a stream that goes on would be heard


def is_in(state: LinkState) -> Callable[[Running], bool]:
    return lambda run: run.state is state


def is_silent(run: Running) -> bool:
    return any(each.state is StreamState.POLLED for each in run.network.status.streams.values())


def has_samples(run: Running) -> bool:
    return len(run.store.series) == 2 and all(series.ring.head for series in run.store.series.values())


def is_hanging(run: Running) -> bool:
    """A call of REST is under way: after a lost connection everything is listed anew."""
    return run.network.status.counters.reconnects == 1 and run.state is LinkState.STREAMING


# Each state: faults before the link is started, those after samples have come, and how it is known to be there.
STATES: dict[str, tuple[Mode, tuple[str, ...], tuple[str, ...], Callable[[Running], bool]]] = {
    "streaming": (Mode.HYBRID, (), (), is_in(LinkState.STREAMING)),
    "polling, as chosen": (Mode.POLLING, (), (), is_in(LinkState.POLLING)),
    "polling, as the WebSocket is refused": (Mode.HYBRID, ("no-ws:404",), (), is_in(LinkState.POLLING)),
    "a silent stream": (Mode.HYBRID, ("silent:1",), (), is_silent),
    "waiting": (Mode.HYBRID, ("refuse:600",), (), is_in(LinkState.WAITING)),
    "connecting": (Mode.HYBRID, ("blackhole:600",), (), is_in(LinkState.CONNECTING)),
    "packets vanish": (Mode.HYBRID, (), ("blackhole:600",), is_in(LinkState.STREAMING)),
    "packets vanish, while polling": (Mode.POLLING, (), ("blackhole:600",), is_in(LinkState.POLLING)),
    "frozen": (Mode.HYBRID, (), (FREEZE,), is_in(LinkState.STREAMING)),
    "frozen, while polling": (Mode.POLLING, (), (FREEZE,), is_in(LinkState.POLLING)),
    "REST hangs": (Mode.HYBRID, (), ("slow-rest:600", "reset"), is_hanging),
    "REST hangs from the start": (Mode.HYBRID, ("slow-rest:600",), (), is_in(LinkState.CONNECTING)),
}


# Of the program: signal, fault before its start, fault while it streams, what its log says before that.
SIGNALS = (
    (signal.SIGINT, "", "blackhole:600", ": streaming"),
    (signal.SIGTERM, "", "slow-rest:600", ": streaming"),
    (signal.SIGTERM, "blackhole:600", "", "connecting to"),
)


def stopped_in_s(run: Running) -> float:
    began_s = time.monotonic()
    assert run.network.stop(), "left behind"
    assert run.state is LinkState.CLOSED
    return time.monotonic() - began_s


def test_a_link_ends_in_time_from_every_state() -> None:
    took_s = {}
    with SimProcess(streams=2) as sim:
        for name, (mode, before, after, is_there) in STATES.items():
            for fault in before:
                sim.fault(fault)
            run = Running(sim.url, LinkOptions(mode=mode))
            run.network.start()
            if not before:
                until(lambda run=run: has_samples(run), run.how_it_stands)
            for fault in after:
                sim.fault(fault)
            until(lambda run=run, is_there=is_there: is_there(run), run.how_it_stands)
            time.sleep(0.1)  # something is under way
            took_s[name] = stopped_in_s(run)
            sim.fault("clear")  # a frozen one answers when it is thawed
    assert max(took_s.values()) < STOP_S, took_s


def test_a_link_ends_in_time_while_a_login_is_wanted() -> None:
    with SimProcess(streams=1, token="T") as sim:
        run = Running(sim.url, LinkOptions())
        run.network.start()
        until(lambda: run.network.status.needs is LinkNeed.PASSWORD, run.how_it_stands)
        run.until_state(LinkState.WAITING)
        assert stopped_in_s(run) < STOP_S


def test_the_program_ends_in_time_by_a_signal_whatever_its_server_does(tmp_path: Path) -> None:
    """A run for each state, all at the same time."""
    with ExitStack() as stack:
        runs = []
        for number, before, after, word in SIGNALS:
            sim = stack.enter_context(SimProcess(streams=2))
            if before:
                sim.fault(before)
            log = tmp_path / f"{len(runs)}"
            process = start(sim.url, "--headless", "--report", "-", "--log-file", str(log))
            stack.callback(process.kill)
            runs.append((process, number, sim, after, log, word))
        for process, number, sim, after, log, word in runs:
            log_of(log, process, word)
            if after:
                sim.fault(after)
            time.sleep(0.2)  # something is under way
            out, took_s = ended(process, number)
            assert took_s < IN_TIME_S, (after, word)
            assert json.loads(out)["verify"]["mismatched"] == 0


def test_a_window_that_asks_for_a_login_ends_in_time_by_a_signal(xvfb: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = {**os.environ, "DISPLAY": xvfb, "GALLIUM_NOOP": "true"}
    with SimProcess(streams=1, token="T") as sim:
        process = start(sim.url, "--report", "-", "--log-file", str(log), environment=environment)
        log_of(log, process, ": waiting")
        out, took_s = ended(process, signal.SIGTERM)
    assert took_s < IN_TIME_S
    assert json.loads(out)["link"]["needs"] == "password"


def is_heard(client: ClientConnection, acquisition_id: str) -> bool:
    """Whether messages of it come that were not on their way already."""
    end_s = time.monotonic() + QUIET_S
    last_s = 0.0
    while (now_s := time.monotonic()) < end_s:
        try:
            message = json.loads(client.recv(timeout=end_s - now_s))
        except TimeoutError:
            break
        if message.get("acquisition_id") == acquisition_id and message["type"] == "acquisition_stream":
            last_s = now_s
    return last_s > end_s - QUIET_S / 2


@pytest.mark.parametrize("is_watched", [False, True])
def test_streams_that_only_we_use_end_with_us_and_those_that_others_watch_go_on(is_watched: bool) -> None:
    """The server ends them with its last connection; it is told to stop none, because nobody can know who watches."""
    with SimProcess(streams=1) as sim:
        run = Running(sim.url, LinkOptions())
        run.network.start()
        run.until_state(LinkState.STREAMING)
        until(lambda: run.store.series, run.how_it_stands)
        (name,) = run.store.series
        run.until_more(name)
        if is_watched:
            with connect(sim.ws_url, max_size=None, close_timeout=0.1) as other:
                assert is_heard(other, name)
                run.network.stop()
                assert is_heard(other, name)
        run.network.stop()
        with connect(sim.ws_url, max_size=None, close_timeout=0.1) as late:
            assert not is_heard(late, name)
