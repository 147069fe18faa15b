"""Nothing comes and nobody says why: packets vanish, or the server is frozen. Noticed by the missing answers."""

from __future__ import annotations

import time

from lablink_dpg.model.link import LinkState, Mode
from lablink_dpg.store.breaks import BreakKind
from tests.link.lab import until
from tests.system.faults.bench import Bench, bench

STREAMS = 2
NOTICED_S = 5.0
AWAY_S = 5.2  # just longer than that
NAP_S = 2.5  # so short that a server may be only slow
BACK_S = 1.0
FAIR = 0.8  # of the messages that there should be, on a loaded machine


def is_up(it: Bench) -> bool:
    mode = it.run.network.status.mode
    return it.run.state is LinkState.POLLING if mode is Mode.POLLING else it.is_streaming(STREAMS)


def test_it_is_noticed_within_five_seconds_and_goes_on_where_it_was() -> None:
    """Three links at the same time, each with a server of its own."""
    with bench(streams=STREAMS) as dark, bench(streams=STREAMS) as frozen, bench(mode=Mode.POLLING) as polled:
        benches = {"dark": dark, "frozen": frozen, "frozen while polled": polled}
        until(lambda: all(is_up(it) for it in benches.values()))
        began_s = {
            name: it.fault(f"{'blackhole' if it is dark else 'freeze'}:{AWAY_S}") for name, it in benches.items()
        }
        noticed_s: dict[str, float] = {}
        back_s: dict[str, float] = {}

        def is_back() -> bool:
            now_s = time.monotonic()
            for name, it in benches.items():
                if name not in noticed_s and it.run.state in (LinkState.CONNECTING, LinkState.WAITING):
                    noticed_s[name] = now_s - began_s[name]
                    assert it.run.network.status.reason
                elif name in noticed_s and name not in back_s and is_up(it):
                    back_s[name] = now_s - began_s[name]
            return len(back_s) == len(benches)

        until(is_back, lambda: f"{noticed_s} {back_s}")
        assert max(noticed_s.values()) < NOTICED_S, noticed_s
        assert max(back_s.values()) < AWAY_S + BACK_S, back_s
        for it in benches.values():
            it.until_more(500)
            counters = it.run.network.status.counters
            assert (counters.reconnects, counters.zombies, counters.silent_streams, it.reasons) == (1, 0, 0, {})
            it.end_whole()
            assert it.counters.received > 0


def test_what_a_server_sends_late_after_a_nap_is_taken_in_order() -> None:
    """It was not given up yet: the same connection brings all that it had not sent."""
    with bench(streams=STREAMS) as it:
        until(lambda: is_up(it), it.run.how_it_stands)
        messages = it.run.network.status.counters.messages
        began_s = it.fault(f"blackhole:{NAP_S}")
        it.until_more(1000)
        assert time.monotonic() - began_s < NAP_S + BACK_S
        due = messages + STREAMS * NAP_S * 20 * FAIR  # 20 a second of each stream: those that were held up are no loss
        until(lambda: it.run.network.status.counters.messages > due, it.run.how_it_stands)
        until(lambda: is_up(it), it.run.how_it_stands)
        counters = it.run.network.status.counters
        assert (counters.reconnects, counters.fallbacks, counters.zombies, it.reasons) == (0, 0, 0, {})
        it.end_whole()
        assert it.counters.backfilled == 0
        for series in it.run.store.series.values():
            assert [item.kind for item in series.breaks if item.kind is not BreakKind.PAUSE] == []
