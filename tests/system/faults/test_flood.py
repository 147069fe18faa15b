"""A server faster than the client can decode: it waits, every stream gets its share, what is lost is counted."""

from __future__ import annotations

import time

import psutil
import pytest

from lablink_dpg.link import receiver
from lablink_dpg.model.link import LinkState, Wire
from tests.link.lab import until
from tests.system.faults.bench import bench

STREAMS, CHANNELS = 4, 16  # what waits at the server for one client is bounded in bytes: so it is soon reached
WORK_S = 0.004  # a message: this client manages 250 a second, and the server has 20 times 80
FLOOD_S = 4.0
LATEST_S = 20.0  # until a slow machine's server has filled what it has for us
HELD_UP_S = 0.5  # so long what waits has room at the server and on the way
FAIR = 0.5  # the stream that gets least has at least this share of what the one has that gets most
GROWTH = 200 * 2**20  # bytes: the queue of the library and what was stored meanwhile are a tenth of that
STALE_S = 1.0  # the link tells how it stands ten times a second; more than that is frozen to the eye


def test_every_stream_gets_its_share_and_nothing_grows_or_freezes(monkeypatch: pytest.MonkeyPatch) -> None:
    decode = receiver.decode

    def slowly(*arguments: object, **options: object) -> object:
        time.sleep(WORK_S)
        return decode(*arguments, **options)  # type: ignore[arg-type]

    # Of typed messages each sample is sent once, however many there are: no flood of them fills anything.
    with bench(streams=STREAMS, channels=CHANNELS, wire=Wire.JSON) as it:
        monkeypatch.setattr(receiver, "decode", slowly)
        before_bytes = psutil.Process().memory_info().rss
        before = {name: it.run.received(name) for name in it.names}
        began_s = it.fault("flood:20")
        messages, changed_s, longest_s, most_bytes = 0, time.monotonic(), 0.0, 0
        lossless_s, most_lost = 0.0, 0
        while (now_s := time.monotonic()) < began_s + (FLOOD_S if most_lost else LATEST_S):
            seen = it.run.network.status.counters.messages
            if seen != messages:
                messages, changed_s = seen, now_s
            longest_s = max(longest_s, now_s - changed_s)
            most_lost = max(most_lost, it.counters.lost)
            if not most_lost:
                lossless_s = now_s - began_s
            most_bytes = max(most_bytes, psutil.Process().memory_info().rss)
            time.sleep(0.02)
        shares = [it.run.received(name) - before[name] for name in it.names]
        assert min(shares) >= FAIR * max(shares) > 0, shares
        assert longest_s < STALE_S
        assert most_bytes - before_bytes < GROWTH
        assert lossless_s > HELD_UP_S  # the server is held up first
        assert most_lost > 0  # and is counted to have lost what it could not keep
        monkeypatch.setattr(receiver, "decode", decode)
        it.fault("clear")
        it.until_more(1000, within_s=30.0)
        it.until_whole(within_s=30.0)
        assert it.run.state is LinkState.STREAMING
        assert (it.reasons, it.run.network.status.counters.reconnects) == ({}, 0)
        it.end_whole()
        assert it.counters.backfilled > 0


@pytest.mark.parametrize("wire", [Wire.JSON, Wire.TYPED])
def test_a_flood_that_can_be_decoded_costs_nothing(wire: Wire) -> None:
    with bench(streams=STREAMS, wire=wire) as it:
        it.fault("flood:20")
        it.until_more(2000)
        messages = it.run.network.status.counters.messages
        until(lambda: it.run.network.status.counters.messages > messages + 500)
        it.end()
        assert it.counters.lost == 0
        if wire is Wire.JSON:
            assert it.counters.overlap_dropped > it.counters.received
        assert it.run.network.status.counters.reconnects == 0
