"""What servers came to that are no longer watched: sums, so that a run that changes servers all day stays small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from lablink_dpg.model.link import LinkCounters, LinkState
from lablink_dpg.query.latency import LatencyHistogram
from lablink_dpg.session.server import ServerSession
from lablink_dpg.store.counters import Counters


class Former:
    """Main thread."""

    def __init__(self) -> None:
        self.servers = 0
        self.counters = Counters()
        self.latency = LatencyHistogram()
        self.link = LinkCounters()
        self.dropped_events = 0

    def add(self, server: ServerSession) -> None:
        """``server`` has ended: nothing of it is counted elsewhere from now on."""
        self.servers += 1
        self.counters = plus(self.counters, server.counters())
        self.latency = LatencyHistogram.merged([self.latency, server.latency])
        self.link = _sum(self.link, server.status.counters)
        self.dropped_events += server.network.dropped_events


def plus(one: Counters, other: Counters) -> Counters:
    return one.plus(
        received=other.received,
        lost=other.lost,
        backfilled=other.backfilled,
        overlap_dropped=other.overlap_dropped,
    )


def _sum(one: LinkCounters, other: LinkCounters) -> LinkCounters:
    totals: dict[str, object] = {}
    for each in fields(LinkCounters):
        mine, more = getattr(one, each.name), getattr(other, each.name)
        if each.name == "state_s":
            continue
        if isinstance(mine, Mapping):
            totals[each.name] = {key: mine.get(key, 0) + more.get(key, 0) for key in (*mine, *more)}
        else:
            totals[each.name] = mine + more
    totals["active_streams"] = 0  # that was then
    state_s = dict(one.state_s)
    for state, spent_s in other.state_s.items():
        if state is not LinkState.CLOSED:  # how long it has been closed says nothing
            state_s[state] = state_s.get(state, 0.0) + spent_s
    return LinkCounters(**{**totals, "state_s": state_s})  # type: ignore[arg-type]
