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
MESSAGES_PER_S = 20  # of each stream
FAIR = 0.8  # of the messages that there should be, on a loaded machine


def is_up(it: Bench) -> bool:
    mode = it.run.network.status.mode
    return it.run.state is LinkState.POLLING if mode is Mode.POLLING else it.is_streaming(STREAMS)


def test_it_is_noticed_within_five_seconds_and_what_comes_late_is_taken_in_order() -> None:
    """Links at the same time, each with a server of its own; one of those only naps, and is not given up."""
    with (
        bench(streams=STREAMS) as dark,
        bench(streams=STREAMS) as frozen,
        bench(mode=Mode.POLLING) as polled,
        bench(streams=STREAMS) as napping,
    ):
        until(lambda: is_up(napping), napping.run.how_it_stands)
        messages = napping.run.network.status.counters.messages
        benches = {"dark": dark, "frozen": frozen, "frozen while polled": polled}
        until(lambda: all(is_up(it) for it in benches.values()))
        began_s = {
            name: it.fault(f"{'blackhole' if it is dark else 'freeze'}:{AWAY_S}") for name, it in benches.items()
        }
        napping.fault(f"blackhole:{NAP_S}")
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
        # All that was held up has come on the same connection: none of it is a loss.
        assert napping.run.network.status.counters.messages > messages + STREAMS * AWAY_S * MESSAGES_PER_S * FAIR
        assert is_up(napping)
        counters = napping.run.network.status.counters
        assert (counters.reconnects, counters.fallbacks, counters.zombies, napping.reasons) == (0, 0, 0, {})
        napping.end_whole()
        assert napping.counters.backfilled == 0
        for series in napping.run.store.series.values():
            assert [item for item in series.breaks if item.kind is not BreakKind.PAUSE] == []
