"""A stream is acknowledged and never sends: it alone is polled, says so, and is asked for again now and then."""

from __future__ import annotations

import time
from contextlib import ExitStack

from lablink_dpg.gui.states import stream_chip, stream_tip
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.socket_side import SILENT
from lablink_dpg.model.link import LinkState, StreamState, Way
from lablink_dpg.session import connect
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import linked
from tests.system.faults.bench import bench

STREAMS = 3
RETRY_S = 1.0  # instead of half a minute
QUICK = LinkOptions(readings_interval_ms=100)  # devices are tried one after the other, 2.5 intervals each


def test_a_stream_that_falls_silent_is_polled_in_time_and_streams_again_when_it_can() -> None:
    """At two intervals at the same time: a second is more than three of the one, and less than three of the other."""
    with ExitStack() as stack:
        benches = {
            interval_ms: stack.enter_context(
                bench(streams=STREAMS, interval_ms=interval_ms, silent_retry_s=RETRY_S, readings=False)
            )
            for interval_ms in (50, 500)
        }
        for it in benches.values():
            until(lambda it=it: it.is_streaming(STREAMS), it.run.how_it_stands)
        began_s = {interval_ms: it.fault("silent:1") for interval_ms, it in benches.items()}
        for interval_ms, it in benches.items():
            *others, silent = it.run.network.status.streams
            it.run.until_stream(silent, StreamState.POLLED)
            assert time.monotonic() - began_s[interval_ms] < max(3 * interval_ms / 1000, 1.0)
            status = it.run.network.status
            assert status.streams[silent].note == SILENT
            assert [status.streams[name].state for name in others] == [StreamState.STREAMING] * len(others)
            assert not any(status.streams[name].note for name in others)
        for it in benches.values():
            it.until_more(500)
            asked = it.run.network.status.counters
            assert (asked.silent_streams, asked.fallbacks, asked.reconnects, asked.zombies) == (1, 0, 0, 0)
            it.fault("clear")
        for it in benches.values():
            *_, silent = it.run.network.status.streams
            it.run.until_stream(silent, StreamState.STREAMING)
            assert not it.run.network.status.streams[silent].note
            it.until_more(500)
            counters = it.run.network.status.counters
            assert (counters.rest_errors, counters.reconnects, it.reasons) == (0, 0, {})
            it.end_whole()


def test_a_stream_that_is_silent_from_the_start_is_marked_on_the_screen() -> None:
    with SimProcess(streams=STREAMS, faults=("silent:1",)) as sim, connect(sim.url) as session:

        def shown() -> list[str]:
            return [stream_chip(line).word for line in session.stream_lines() if line.received]

        until(lambda: shown() == ["WS"] * (STREAMS - 1) + ["REST"], lambda: str(shown()))
        *others, silent = session.stream_lines()
        assert f"not over the WebSocket: {SILENT}" in stream_tip(silent)
        assert not any(line.note for line in others)
        session.stop()
        assert session.counters().lost == 0


def test_devices_that_are_silent_are_read_over_rest_and_the_acquisitions_stream() -> None:
    """As in the released server for everything that was connected over REST."""
    with SimProcess(faults=("silent:equipment",)) as sim, linked(sim.url, QUICK) as run:

        def is_settled() -> bool:
            status = run.network.status
            devices = [each for each in status.readings.values() if each.kind == "readings"]
            return (
                status.state is LinkState.STREAMING
                and [each.state for each in status.streams.values()] == [StreamState.STREAMING] * 3
                and [(each.state, each.way) for each in devices] == [(StreamState.POLLED, Way.REST)] * 2
                and all(each.note == SILENT for each in devices)
            )

        until(is_settled, run.how_it_stands)
        first = {key: each.at_us for key, each in run.network.status.readings.items() if each.way is Way.REST}
        until(lambda: all((run.network.status.readings[key].at_us or 0) > (at or 0) for key, at in first.items()))
        assert is_settled()
        counters = run.network.status.counters
        assert (counters.silent_streams, counters.reconnects, counters.zombies) == (3, 0, 0)
