"""What PROTOCOL.md says is so: its message is read as it says, and its server is one that the client understands."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState
from lablink_dpg.model.messages import AcquisitionEmpty, Message
from lablink_dpg.sim.typed import SUBPROTOCOL
from lablink_dpg.store.store import Store
from lablink_dpg.wire import cbor
from lablink_dpg.wire.decoder import decode
from tests.support.wire_oracle import EPOCH, time_us

TEXT = (Path(cbor.__file__).parent / "PROTOCOL.md").read_text("utf-8")
START = datetime(2026, 11, 23, 0, 0, 30)
CHANNELS = ("CH1", "CH2")


def fenced(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return str(found)


class Session:
    """As much of a LabLink session as the example asks for; the value of a sample is its number, and its channel's."""

    id, state, channels, buffer_size = "a1", "acquiring", CHANNELS, 5000

    def __init__(self) -> None:
        self.total_samples = 0
        self.start_time = START

    def samples(self, first: int, stop: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        numbers = np.arange(first, stop)
        begin_us = (self.start_time - EPOCH) // timedelta(microseconds=1)
        values = {name: numbers + row / 4 for row, name in enumerate(CHANNELS)}
        return begin_us + 1000 * (numbers + 1), values


@pytest.fixture
def example() -> Any:
    names: dict[str, Any] = {}
    exec(compile(fenced("python"), "PROTOCOL.md", "exec"), names)
    return names["TypedStream"]


def take(store: Store, raws: list[bytes]) -> list[Message]:
    """As the receiver does."""
    out = [decode(raw, store.last_totals, store.last_starts) for raw in raws]
    for message in out:
        if isinstance(message, AcquisitionBlock):
            store.ingest(message, int(message.times_us[-1]))
    return out


def test_the_message_of_the_hex_dump_is_read_as_it_says() -> None:
    raw = bytes.fromhex("".join(line.partition("  ")[0] for line in fenced("hex").splitlines()))
    block = decode(raw, {})
    assert isinstance(block, AcquisitionBlock)
    assert (block.acquisition_id, block.state) == ("a1", AcquisitionState.ACQUIRING)
    assert (block.total_samples, block.count, block.channels) == (1002, 2, ("CH1",))
    assert block.started_us == time_us("2026-11-23T00:00:30")
    assert block.times_us.tolist() == [time_us("2026-11-23T00:00:31"), time_us("2026-11-23T00:00:31.001")]
    assert np.asarray(block.values).tolist() == [[0.5, -1.25]]


def test_the_name_and_every_tag_are_the_real_ones() -> None:
    assert f"`{SUBPROTOCOL}`" in TEXT
    table = TEXT[TEXT.index("| unsigned |") : TEXT.index("The tags of big-endian")]
    assert {int(number) for number in re.findall(r"\d+", table)} == set(cbor.TYPES) - {68}


def test_the_example_sends_every_sample_once(example: Any) -> None:
    session, store = Session(), Store(20_000)
    store.describe(AcquisitionInfo("a1", "e", "a", AcquisitionState.ACQUIRING, CHANNELS, 1000.0), "s")
    stream = example(300)
    session.total_samples = 1000
    (first,) = take(store, list(stream.messages(session)))
    assert isinstance(first, AcquisitionBlock)
    assert (first.total_samples, first.count) == (1000, 300)
    for new in (50, 0, 7, 4000):
        session.total_samples += new
        for message in take(store, list(stream.messages(session))):
            assert new or isinstance(message, AcquisitionEmpty)
    stream.start(10)  # by another client
    session.total_samples += 200
    take(store, list(stream.messages(session)))
    session.start_time += timedelta(seconds=60)  # another run
    session.total_samples = 40
    take(store, list(stream.messages(session)))
    series = store.series["a1"]
    counters = series.counters
    assert (counters.lost, counters.overlap_dropped) == (0, 0)
    assert series.ring.head == 300 + 4057 + 200 + 40
    stored = series.ring.read(0, series.ring.head)
    assert stored[0].tolist() == [*range(700, 5257), *range(40)]
    np.testing.assert_array_equal(stored[1], stored[0] + 0.25)


def test_the_example_splits_what_is_much(example: Any) -> None:
    session = Session()
    session.buffer_size = 10**7
    session.total_samples = 800_000
    blocks = [decode(raw, {}) for raw in example(800_000).messages(session)]
    assert [type(block) for block in blocks] == [AcquisitionBlock] * 3
    assert sum(block.count for block in blocks if isinstance(block, AcquisitionBlock)) == 800_000


def test_the_example_fits_on_a_page() -> None:
    assert len(fenced("python").splitlines()) < 45
