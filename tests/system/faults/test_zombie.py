"""One poisonous stream silences all others, and pings are still answered: found, polled, and the rest streams again.

Several links at the same time, each with a server of its own, because most of it is waiting.
"""

from __future__ import annotations

import random
import time
from contextlib import ExitStack

import pytest

from lablink_dpg.link.devices import READINGS
from lablink_dpg.link.socket_side import POISONOUS
from lablink_dpg.model.link import LinkState, StreamState, Way
from tests.link.lab import until
from tests.system.faults.bench import Bench, bench

STREAMS = 6
WITHIN_S = 5.0
STALL_S = 2.0
RETRY_S = 1.0  # of those that are suspected, instead of RECENT_RETRY_S
RETRY_COSTS_S = 2.0  # for two of them to be asked for, one after the other


class Patient(Bench):
    """One whose poisonous streams, or devices, are known to the test: so many acquisitions, or all readings."""

    def __init__(self, it: Bench, kind: int | str) -> None:
        self.__dict__.update(it.__dict__)
        status = self.run.network.status
        if kind == READINGS:
            self.poisonous = {name for name, stream_type in status.readings if stream_type == READINGS}
            fault = f"zombie:{READINGS}"
        else:
            places = random.Random(kind).sample(range(STREAMS), int(kind))
            names = list(status.streams)
            self.poisonous = {names[place] for place in places}
            fault = f"zombie:={','.join(map(str, places))}"
        self.separated_s: float | None = None
        self._began_s = self.fault(fault)

    def is_separated(self) -> bool:
        """Those are polled, all others stream."""
        status = self.run.network.status
        acquisitions = {name: each.state for name, each in status.streams.items()}
        devices = {name: each.state for (name, _), each in status.readings.items()}
        ways = {name: each.way for (name, _), each in status.readings.items()}
        return (
            status.state is LinkState.STREAMING
            and all(
                state is (StreamState.POLLED if name in self.poisonous else StreamState.STREAMING)
                for name, state in {**acquisitions, **devices}.items()
            )
            and all((way is Way.REST) is (name in self.poisonous) for name, way in ways.items())
        )

    def look(self) -> bool:
        """Whether it was separated, and when; each of them costs a connection, and one shows that there are any."""
        is_over = self.run.network.status.counters.zombies > len(self.poisonous) and self.is_separated()
        if is_over and self.separated_s is None:
            self.separated_s = time.monotonic() - self._began_s
        return self.separated_s is not None


@pytest.mark.parametrize("kinds", [(1, 3, READINGS), (STREAMS,)], ids=["some", "all"])
def test_any_streams_that_turn_poisonous_are_found_without_endless_reconnecting(kinds: tuple[int | str, ...]) -> None:
    with ExitStack() as stack:
        benches = [stack.enter_context(bench(streams=STREAMS)) for _ in kinds]
        for it in benches:
            until(lambda it=it: it.is_streaming(STREAMS), it.run.how_it_stands)
        patients = [Patient(it, kind) for it, kind in zip(benches, kinds, strict=True)]
        until(
            lambda: sum(it.look() for it in patients) == len(patients),
            lambda: str([it.run.how_it_stands() for it in patients]),
        )
        assert max(it.separated_s or 0.0 for it in patients) < WITHIN_S
        for it in patients:
            it.until_more(1000)
            until(it.is_separated, it.run.how_it_stands)
            status = it.run.network.status
            notes = {name: each.note for name, each in status.streams.items()}
            notes.update({name: each.note for (name, _), each in status.readings.items()})
            assert {name for name, note in notes.items() if note} == it.poisonous
            accused = {text.partition(":")[0] for text in it.run.texts if "kept off the WebSocket" in text}
            assert len(accused) == len(it.poisonous), accused
            counters = status.counters
            assert len(it.poisonous) < counters.zombies <= 2 * len(it.poisonous) + 1
            assert counters.reconnects == counters.zombies
            assert (counters.fallbacks, counters.rest_errors, it.reasons) == (0, 0, {})
            it.end_whole()


def test_a_server_that_only_stalls_costs_nothing_and_everything_streams_again_by_itself() -> None:
    """It cannot be told from a zombie while it lasts: some are suspected, and acquitted when they are tried again."""
    with bench(streams=STREAMS, silent_retry_s=RETRY_S) as it:
        until(lambda: it.is_streaming(STREAMS), it.run.how_it_stands)
        began_s = it.fault(f"stall:{STALL_S * 1000:.0f}")
        until(lambda: time.monotonic() > began_s + STALL_S)
        until(lambda: it.is_streaming(STREAMS), it.run.how_it_stands, RETRY_S + RETRY_COSTS_S)
        it.until_more(500)
        counters = it.run.network.status.counters
        assert counters.zombies <= STALL_S / 0.3  # one stream is tried on each connection, and takes so long
        assert counters.reconnects == counters.zombies
        assert POISONOUS not in str(it.run.texts)
        it.end_whole()
