"""A message over the size limit: a clear reason, smaller windows afterwards, and it goes on after the reconnect."""

from __future__ import annotations

import psutil

from lablink_dpg.link.websocket import MAX_MESSAGE_BYTES
from lablink_dpg.model.link import LinkState
from tests.link.lab import until
from tests.system.faults.bench import bench

MIB = 2**20


def test_a_message_that_is_too_large_costs_a_connection_and_halves_the_windows() -> None:
    with bench() as it:
        until(lambda: set(it.names) <= it.run.network.status.streams.keys(), it.run.how_it_stands)
        planned = {name: status.num_samples for name, status in it.run.network.status.streams.items()}
        before = psutil.Process().memory_info().rss
        it.fault("huge")
        until(lambda: it.run.network.status.counters.reconnects == 1, lambda: str(it.run.texts))
        it.run.until_state(LinkState.STREAMING)
        it.until_more(1500)
        it.until_whole()
        after = {name: status.num_samples for name, status in it.run.network.status.streams.items()}
        assert all(after[name] < planned[name] for name in it.names)
        assert f"message of over {MAX_MESSAGE_BYTES // MIB} MiB refused" in str(it.run.texts)
        assert "all windows are halved" in str(it.run.texts)
        assert it.run.network.status.counters.reconnects == 1  # once is enough
        it.end()
        assert it.counters.lost == 0
        assert psutil.Process().memory_info().rss - before < 3 * MAX_MESSAGE_BYTES
