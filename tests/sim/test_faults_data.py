"""Faults inside the messages: what is sent is not what should be sent."""

from __future__ import annotations

import gzip
import itertools
import math
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from lablink_dpg.sim.garbage import LEAP
from lablink_dpg.sim.process import SimProcess
from tests.sim.faulty import RATE_HZ, check_window, cleared, ids, parsed, raw_messages, stream_all
from tests.sim.talk import Talk

LIMIT_BYTES = 64 << 20  # that every client must accept


@pytest.fixture(scope="module")
def module_process() -> Iterator[SimProcess]:
    with SimProcess(streams=2, rate_hz=RATE_HZ, channels=2, seed=8) as process:
        yield process


@pytest.fixture
def process(module_process: SimProcess) -> Iterator[SimProcess]:
    with cleared(module_process):
        yield module_process


@pytest.fixture
def talk(process: SimProcess) -> Iterator[Talk]:
    with Talk(process) as talk:
        yield talk


def newest(message: bytes, count: int) -> list[Any]:
    """The last values of the first channel, none where there is no such thing."""
    found = parsed(message)
    data = found.get("data") if isinstance(found, dict) else None
    return data["values"]["CH1"][-count:] if isinstance(data, dict) and "values" in data else []


def is_uneven(message: bytes) -> bool:
    found = parsed(message)
    data = found.get("data") if isinstance(found, dict) else None
    return isinstance(data, dict) and "values" in data and len(data["values"]["CH1"]) == len(data["timestamps"]) - 1


def is_not_utf8(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return message.startswith(b"{")
    return False


def is_not_json(message: bytes) -> bool:
    return message.startswith(b"{") and b"[[" not in message and not is_not_utf8(message) and parsed(message) is None


def is_half_a_gzip(message: bytes) -> bool:
    if not message.startswith(b"g\x1f\x8b"):
        return False
    with pytest.raises(EOFError):
        gzip.decompress(message[1:])
    return b'"acquisition_stream"' in zlib.decompressobj(31).decompress(message[1:])


def is_leap(message: bytes) -> bool:
    found = parsed(message)
    return isinstance(found, dict) and found.get("stats", {}).get("total_samples", 0) > LEAP


SIGNS: dict[str, Callable[[bytes], bool]] = {
    "nan": lambda message: [str(value) for value in newest(message, 3)] == ["-inf", "inf", "nan"],
    "null": lambda message: newest(message, 1) == [None],
    "uneven": is_uneven,
    "strings": lambda message: any(
        isinstance(value, str) and math.isfinite(float(value)) for value in newest(message, 1)
    ),
    "unknown": lambda message: b'"telemetry"' in message and parsed(message) is not None,
    "json": is_not_json,
    "utf8": is_not_utf8,
    "gzip": is_half_a_gzip,
    "leap": is_leap,
    "nested": lambda message: message.count(b"[" * 1000) > 1 and parsed(message) is None,
}


@pytest.mark.parametrize("kind", SIGNS)
def test_one_message_of_a_kind_is_bad_and_those_after_it_are_good(process: SimProcess, talk: Talk, kind: str) -> None:
    stream_all(talk)
    process.fault(f"garbage:{kind}")
    bad = [kind for message in raw_messages(talk, 60) if SIGNS[kind](message)]
    assert bad == [kind], "once"
    check_window(talk, talk.until("acquisition_stream"))


def test_all_kinds_come_one_after_the_other(process: SimProcess, talk: Talk) -> None:
    stream_all(talk)
    process.fault("garbage")
    bad = [kind for message in raw_messages(talk, 100) for kind, is_it in SIGNS.items() if is_it(message)]
    assert bad == list(SIGNS)
    check_window(talk, talk.until("acquisition_stream"))


def test_a_message_is_too_large_until_a_smaller_window_is_asked_for(process: SimProcess, talk: Talk) -> None:
    first, second = stream_all(talk)

    def next_size(acquisition_id: str) -> int:
        talk.drain()
        wanted = acquisition_id.encode()
        return next(len(each) for each in raw_messages(talk) if wanted in each[:200])

    process.fault("huge")
    assert next_size(first) > LIMIT_BYTES
    assert next_size(second) < LIMIT_BYTES
    talk.stream(first, num_samples=99)
    assert next_size(first) < LIMIT_BYTES
    talk.stream(first, num_samples=100)
    assert next_size(first) > LIMIT_BYTES
    process.fault("clear")
    assert next_size(first) < LIMIT_BYTES


def test_too_large_begins_with_the_first_stream_when_none_runs(process: SimProcess, talk: Talk) -> None:
    process.fault("huge")
    first = ids(talk)[0]
    talk.stream(first, num_samples=10)
    assert len(next(each for each in raw_messages(talk) if b'"acquisition_stream"' in each[:100])) > LIMIT_BYTES


def stamps(window: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in window["data"]["timestamps"]]


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_the_clock_jumps_and_the_samples_go_on(seconds: int) -> None:
    """In a process of its own: the jump stays in the buffer, where other tests would find it."""
    with SimProcess(streams=2, rate_hz=RATE_HZ, seed=8) as process, Talk(process) as talk:
        check_jump(process, talk, seconds)


def check_jump(process: SimProcess, talk: Talk, seconds: int) -> None:
    first, *_ = stream_all(talk)
    before = talk.next_window(first)
    process.fault(f"clock:{seconds}")
    talk.drain()
    window = talk.next_window(first)
    check_window(talk, window)
    grown = window["stats"]["total_samples"] - before["stats"]["total_samples"]
    moved_s = (stamps(window)[-1] - stamps(before)[-1]).total_seconds()
    assert moved_s == pytest.approx(seconds + grown / RATE_HZ, abs=0.002)
    # Samples from before the jump keep their time, in the buffer as well.
    content = talk.get(f"/api/acquisition/session/{first}/data", num_samples=10_000)
    times = stamps(content)
    steps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    odd = [step for step in steps if not 0.0009 < step < 0.0011]
    assert odd[-1] == pytest.approx(seconds, abs=0.002)
    assert stamps(talk.get(f"/api/acquisition/session/{first}/data", num_samples=1))[0] > times[-1]


def test_timestamps_are_out_of_order(process: SimProcess, talk: Talk) -> None:
    first, *_ = stream_all(talk)
    process.fault("unsorted")
    talk.drain()
    window = talk.next_window(first)
    check_window(talk, window)
    polled = talk.get(f"/api/acquisition/session/{first}/data", num_samples=50)
    for times in (stamps(window), stamps(polled)):
        assert times != sorted(times)
        assert len(set(times)) == len(times)
        assert all(late > early for late, early in zip(times[0::2], times[1::2], strict=True))
    process.fault("clear")
    talk.drain()
    times = stamps(talk.next_window(first))
    assert times == sorted(times)


def test_timestamps_have_no_fraction(process: SimProcess, talk: Talk) -> None:
    first, *_ = stream_all(talk)
    process.fault("whole-seconds")
    talk.drain()
    window = talk.next_window(first)
    check_window(talk, window)
    assert all(len(text) == len("2026-11-23T00:00:30") for text in window["data"]["timestamps"])
    assert "." in window["stats"]["start_time"]
    process.fault("clear")
    talk.drain()
    assert any("." in text for text in talk.next_window(first)["data"]["timestamps"])
