"""A connection that ends, in whatever way: made again, every stream asked for as before, nothing missing."""

from __future__ import annotations

import json
import time
from collections import Counter

from websockets.sync.client import connect

from lablink_dpg.model.link import LinkState, StreamState
from lablink_dpg.sim.process import SimProcess
from tests.link.lab import until
from tests.link.running import Running
from tests.system.faults.bench import bench

BACK_S = 1.0  # from the server's return until every stream brings samples again
AWAY_S = 1.5
ENDS = {
    "reset": "connection broke",
    "close:1006": "connection broke",
    **{f"close:{code}": f"closed by the server ({code}" for code in (1000, 1001, 1009, 1011, 1012)},
}


def asked_for(sim: SimProcess, streams: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """What a second client sees of each of these streams: {(id, kind) → samples a window}, 0 for a device's."""
    seen: dict[tuple[str, str], int] = {}
    with connect(sim.ws_url, max_size=None, close_timeout=0.1) as spy:
        while seen.keys() < streams:
            message = json.loads(spy.recv(timeout=2.0))
            if message["type"] == "acquisition_stream":
                seen[message["acquisition_id"], "acquisition"] = message["data"]["count"]
            elif message["type"] == "stream_data":
                seen[message["equipment_id"], message["stream_type"]] = 0
    return seen


def keys_of(run: Running) -> set[tuple[str, str]]:
    """All streams that there are: acquisitions that the server has, and devices."""
    status = run.network.status
    live = {(name, "acquisition") for name, each in status.streams.items() if each.state is not StreamState.STOPPED}
    return live | set(status.readings)


def test_a_server_that_was_restarted_with_its_acquisitions_streams_them_all_and_what_was_missed_is_fetched() -> None:
    with bench(streams=3) as it:
        until(lambda: it.is_streaming(3), it.run.how_it_stands)
        before = asked_for(it.sim, keys_of(it.run))
        back_s = it.fault(f"restart:kept,{AWAY_S}") + AWAY_S
        until(lambda: it.run.state in (LinkState.CONNECTING, LinkState.WAITING), it.run.how_it_stands)
        until(lambda: it.is_streaming(3), it.run.how_it_stands)
        assert time.monotonic() - back_s < BACK_S
        it.until_more(500)
        assert asked_for(it.sim, keys_of(it.run)) == before
        assert it.counters.backfilled > 3 * (AWAY_S - 0.5) * 1000
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.zombies, it.reasons) == (1, 0, {})
        it.end_whole()


def test_a_server_that_was_restarted_without_its_acquisitions_streams_its_new_ones_and_the_old_ones_stay() -> None:
    with bench(streams=3) as it:
        until(lambda: it.is_streaming(3), it.run.how_it_stands)
        before = asked_for(it.sim, keys_of(it.run))
        old = set(it.names)
        back_s = it.fault(f"restart:gone,{AWAY_S}") + AWAY_S
        until(lambda: len(it.run.store.series) == 6 and it.is_streaming(3), it.run.how_it_stands)
        assert time.monotonic() - back_s < BACK_S
        it.names = tuple(set(it.run.store.series) - old)
        it.until_more(500)
        after = asked_for(it.sim, keys_of(it.run))
        assert Counter(after.values()) == Counter(before.values())
        assert {it.run.stream(name) for name in old} == {StreamState.STOPPED}
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.zombies, it.reasons) == (1, 0, {})
        it.until_whole()
        verified = it.end().verified
        assert verified == it.counters.received + it.counters.backfilled
        assert it.counters.lost == 0


def test_however_a_connection_ends_it_is_made_again_at_once_and_all_streams_asked_for_as_before() -> None:
    """One end after the other, each a first loss: a connection that has just been made counts as good here."""
    with bench(streams=3, stable_s=0.0) as it:
        until(lambda: it.is_streaming(3), it.run.how_it_stands)
        before = asked_for(it.sim, keys_of(it.run))
        assert len(before) == 3 + len(it.run.network.status.readings) > 3
        for number, (fault, said) in enumerate(ENDS.items(), 1):
            began_s = it.fault(fault)
            until(lambda number=number: it.run.network.status.counters.reconnects == number)
            until(lambda: it.is_streaming(3), it.run.how_it_stands)
            it.until_more(1)
            assert time.monotonic() - began_s < BACK_S, fault
            assert any(said in text for text in it.run.texts), it.run.texts
        assert asked_for(it.sim, keys_of(it.run)) == before
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.fallbacks, counters.zombies, it.reasons) == (len(ENDS), 0, 0, {})
        it.end_whole()
