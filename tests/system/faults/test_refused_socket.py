"""The WebSocket is refused, REST is fine: everything is polled, at the wanted rates, and streamed when it can be."""

from __future__ import annotations

import time
from contextlib import ExitStack

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkState, StreamState, Way
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import linked
from tests.system.faults.bench import Bench, bench

STREAMS = 2
SAID = {"403": "WebSocket refused (403)", "404": "WebSocket refused (404)", "closed": "connection refused"}
WITHIN_S = 2.0
WATCHED_S = 1.5  # seven polls of each stream
BACK_S = 1.0
FAIR = 0.6  # of the polls that there should be, on a loaded machine


def is_polled(it: Bench) -> bool:
    return all(it.run.stream(name) is StreamState.POLLED for name in it.names)


def test_all_streams_are_polled_within_two_seconds_and_streamed_when_it_opens_again() -> None:
    """Refused in three ways at the same time, each by a server of its own."""
    options = LinkOptions()
    with ExitStack() as stack:
        benches = {how: stack.enter_context(bench(streams=STREAMS, sim=("--ws-port", "0"))) for how in SAID}
        began_s = time.monotonic()
        for how, it in benches.items():
            it.fault(f"no-ws:{how}")
        for it in benches.values():
            until(lambda it=it: is_polled(it), it.run.how_it_stands, WITHIN_S)
            it.until_more(1)
        assert time.monotonic() - began_s < WITHIN_S
        polls = {how: -it.run.network.status.counters.messages for how, it in benches.items()}
        for how, it in benches.items():
            status = it.run.network.status
            assert (status.state, status.counters.fallbacks) == (LinkState.POLLING, 1)
            assert SAID[how] in status.reason
            assert "polling over REST" in status.reason
            assert status.next_retry_us is not None  # the WebSocket is tried again all the while
        time.sleep(WATCHED_S)
        wanted = STREAMS * WATCHED_S * 1000 / options.poll_interval_ms
        for how, it in benches.items():
            polls[how] += it.run.network.status.counters.messages
            assert FAIR * wanted <= polls[how] <= wanted + 2 * STREAMS, polls
        for it in benches.values():
            it.fault("clear")
            cleared_s = time.monotonic()
            it.run.until_state(LinkState.STREAMING)
            it.until_more(1)
            assert time.monotonic() - cleared_s < BACK_S
        for it in benches.values():
            it.until_more(500)
            counters = it.run.network.status.counters
            assert (counters.fallbacks, counters.reconnects, counters.rest_errors, it.reasons) == (1, 1, 0, {})
            it.end_whole()


def test_a_server_without_websocket_from_the_start_shows_its_acquisitions_and_its_devices() -> None:
    with SimProcess(seed=5, faults=("no-ws:404",)) as sim, linked(sim.url, LinkOptions()) as run:

        def is_all_polled() -> bool:
            streams, readings = run.network.status.streams, run.network.status.readings
            polled = [each for each in readings.values() if each.way is Way.REST and each.state is StreamState.POLLED]
            return (
                len(streams) == 3
                and all(each.state is StreamState.POLLED for each in streams.values())
                and all(run.received(name) for name in streams)
                and len(polled) == 2  # power supply and load; an oscilloscope has no readings over REST
            )

        until(is_all_polled, run.how_it_stands, WITHIN_S)
        assert run.state is LinkState.POLLING
        assert (run.network.status.counters.fallbacks, run.network.status.counters.rest_errors) == (1, 0)
        ages = {name: series.newest_us for name, series in run.store.series.items()}
        until(lambda: all((series.newest_us or 0) > (ages[name] or 0) for name, series in run.store.series.items()))
        assert all(series.counters.lost == 0 for series in run.store.series.values())
