"""The mapping of acquisitions, and what the decoder is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState
from lablink_dpg.store.counters import Ingest
from lablink_dpg.store.store import Store
from tests.support.store_oracle import Server


def described(server: Server) -> Store:
    store = Store(1024)
    store.describe(server.info, "lab")
    return store


def test_a_new_acquisition_gives_a_new_mapping_and_an_old_reader_keeps_his() -> None:
    server = Server()
    store = described(server)
    seen = store.series
    store.describe(replace(server.info, acquisition_id="other"), "lab")
    assert list(seen) == ["acq"]
    assert list(store.series) == ["acq", "other"]
    assert store.series["acq"] is seen["acq"]


def test_a_forgotten_acquisition_is_gone_and_an_old_reader_keeps_it() -> None:
    server = Server()
    store = described(server)
    store.describe(replace(server.info, acquisition_id="other"), "lab")
    server.sample(20)
    store.ingest(server.block(20, None), server.now_us)
    seen = store.series
    store.forget("acq")
    store.forget("nobody")
    assert (list(store.series), store.last_totals) == (["other"], {})
    assert seen["acq"].ring.read(0, 20).shape == (2, 20)
    assert store.forgotten.received == 40  # nothing that was counted is uncounted
    assert store.lost_ranges("acq") == ()
    store.describe(server.info, "lab")
    assert store.series["acq"].ring.head == 0


def test_describing_again_renews_what_is_known_and_keeps_the_samples() -> None:
    server = Server()
    store = described(server)
    server.sample(20)
    store.ingest(server.block(20, None), server.now_us)
    series = store.series["acq"]
    store.describe(replace(server.info, name="renamed", channels=("A", "B", "C")), "other-lab")
    assert store.series["acq"] is series
    assert (series.info.name, series.server) == ("renamed", "other-lab")
    assert series.channels == ("CH1", "CH2")  # of the ring, whatever a listing says
    server.sample(5)
    assert store.ingest(server.block(20, 20), server.now_us).new == 5
    assert series.ring.read(0, 25).shape == (2, 25)


def test_channels_of_the_first_message_win_over_those_described() -> None:
    server = Server()
    store = Store(1024)
    store.describe(replace(server.info, channels=("X",)), "lab")
    server.sample(5)
    assert store.ingest(server.block(5, None), server.now_us).new == 5
    assert store.series["acq"].channels == ("CH1", "CH2")
    assert store.series["acq"].breaks == ()


def test_a_message_of_an_acquisition_that_nobody_described_is_kept() -> None:
    server = Server()
    store = Store(1024)
    server.sample(5)
    store.ingest(server.block(5, None), server.now_us)
    series = store.series["acq"]
    assert (series.info.state, series.server) == (AcquisitionState.ACQUIRING, "")
    store.describe(server.info, "lab")
    assert (series.server, series.info.sample_rate_hz) == ("lab", 1000.0)


def test_the_decoder_is_told_what_is_stored_but_not_while_the_numbers_are_uncertain() -> None:
    server = Server()
    store = described(server)
    server.sample(100)
    window = server.data(50)
    store.ingest_polled(window, 100, 103, server.now_us)
    assert store.last_totals == {}
    store.ingest(server.block(60, None), server.now_us)
    assert store.last_totals == {"acq": 100}
    server.restart()
    server.sample(10)
    server.wait(1_000_000)
    server.sample(10)
    store.ingest(server.block(60, 100), server.now_us)
    assert store.last_totals == {"acq": 20}


def test_holes_are_listed_and_filled_by_acquisition() -> None:
    server = Server()
    store = described(server)
    server.sample(10)
    store.ingest(server.block(10, None), server.now_us)
    server.sample(50)
    assert store.ingest(server.block(20, 10), server.now_us) == Ingest(new=20, lost=30)
    assert store.lost_ranges("acq") == ((10, 40),)
    assert store.lost_ranges("nobody") == ()
    assert store.backfill(replace(server.data(60), acquisition_id="nobody")) == 0
    assert store.backfill(server.data(60)) == 30
    assert store.lost_ranges("acq") == ()


def test_an_empty_block_or_window_is_nothing() -> None:
    store = Store(1024)
    none = np.empty(0, np.int64)
    block = AcquisitionBlock("acq", AcquisitionState.IDLE, 0, 0, none, ("CH1",), np.empty((1, 0)))
    assert store.ingest(block, 0) == Ingest()
    assert store.ingest_polled(Server().data(5), 0, 0, 0) == Ingest()
    assert store.backfill(Server().data(5)) == 0
    assert store.lost_ranges("acq") == ()


def test_streams_of_one_server_share_its_clock() -> None:
    store = Store(1024)
    hour_us = 3_600_000_000
    for name in ("a", "b"):
        server = Server(zone_us=hour_us)
        server.sample(10)
        store.describe(replace(server.info, acquisition_id=name), "lab")
        state = AcquisitionState.ACQUIRING if name == "a" else AcquisitionState.PAUSED
        store.ingest(replace(server.block(10, None), acquisition_id=name, state=state), server.now_us + 3000)
    assert store.series["a"].ring.time_at(9) == store.series["b"].ring.time_at(9)


def test_changes_tell_when_there_is_something_else_to_see_and_only_then() -> None:
    server = Server()
    store = Store(1024)
    seen = [store.changes]

    def has_changed() -> bool:
        seen.append(store.changes)
        return seen[-1] != seen[-2]

    store.describe(server.info, "lab")
    assert has_changed()
    store.describe(server.info, "lab")
    assert not has_changed()
    server.sample(20)
    block = server.block(20, None)
    store.ingest(block, server.now_us)
    assert has_changed()
    store.ingest(block, server.now_us)  # a paused acquisition sends the same window for ever
    assert not has_changed()
    store.forget("acq")
    assert has_changed()


def test_another_capacity_reaches_one_acquisition_after_the_other_and_each_new_one() -> None:
    server = Server()
    store = described(server)
    store.describe(replace(server.info, acquisition_id="other"), "lab")
    server.sample(500)
    store.ingest(server.block(500, None), server.now_us)
    store.capacity = 256
    changes = store.changes
    assert [store.resize_next() for _ in range(3)] == [True, True, False]
    assert store.changes == changes + 2
    assert [series.ring.capacity for series in store.series.values()] == [256, 256]
    assert store.series["acq"].ring.oldest == 144  # the server keeps 400
    store.describe(replace(server.info, acquisition_id="third"), "lab")
    assert store.series["third"].ring.capacity == 256
    server.sample(10)
    assert store.ingest(server.block(20, 500), server.now_us) == Ingest(new=10, overlap=10)
