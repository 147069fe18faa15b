"""Tests of lablink_dpg.link.loop."""

from __future__ import annotations

import asyncio
import math

import pytest

from lablink_dpg.link.loop import REST_BEAT_S, LinkLoop, about, next_beat, race, wait_at_most


def run_in_link_loop(work: object) -> object:
    with asyncio.Runner(loop_factory=LinkLoop) as runner:
        return runner.run(work)  # type: ignore[arg-type]


async def forever(ended: list[str], name: str) -> str:
    try:
        return await asyncio.get_running_loop().create_future()
    finally:
        ended.append(name)


async def after_a_turn(result: str) -> str:
    await asyncio.sleep(0)
    return result


async def failing(fault: Exception) -> str:
    raise fault


def test_the_first_to_end_gives_the_result_and_the_others_have_ended() -> None:
    ended: list[str] = []
    assert asyncio.run(race(forever(ended, "a"), after_a_turn("won"), forever(ended, "b"))) == "won"
    assert sorted(ended) == ["a", "b"]


def test_an_error_of_the_first_to_end_is_raised() -> None:
    ended: list[str] = []
    with pytest.raises(ZeroDivisionError):
        asyncio.run(race(forever(ended, "a"), failing(ZeroDivisionError())))
    assert ended == ["a"]


def test_cancelling_a_race_ends_all_of_it() -> None:
    ended: list[str] = []

    async def run() -> None:
        racing = asyncio.ensure_future(race(forever(ended, "a"), forever(ended, "b")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        racing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await racing

    asyncio.run(run())
    assert sorted(ended) == ["a", "b"]


def test_of_two_that_end_together_the_earlier_in_order_counts() -> None:
    assert asyncio.run(race(after_a_turn("one"), after_a_turn("two"))) == "one"


def test_waiting_for_an_event_clears_it_or_gives_up() -> None:
    async def run() -> list[bool]:
        event = asyncio.Event()
        event.set()
        return [await wait_at_most(event, 1), event.is_set(), await wait_at_most(event, 0.001)]

    assert asyncio.run(run()) == [True, False, False]


def test_names_are_resolved_as_the_standard_loop_does() -> None:
    async def run() -> object:
        return await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)

    assert run_in_link_loop(run()) == asyncio.run(run())


@pytest.mark.parametrize("name", ["no-such-host.invalid", "x" * 70 + ".example"])
def test_a_name_that_does_not_resolve_is_an_os_error(name: str) -> None:
    with pytest.raises(OSError, match=r".+"):
        run_in_link_loop(_resolve(name))


async def _resolve(name: str) -> object:
    return await asyncio.get_running_loop().getaddrinfo(name, 80)


@pytest.mark.parametrize(("now_s", "left_s"), [(10.0, 0.25), (10.125, 0.125), (10.2495, 0.2505), (10.2, 0.05)])
def test_a_beat_ends_at_a_multiple_of_its_period_and_is_not_the_one_that_has_just_been(
    monkeypatch: pytest.MonkeyPatch, now_s: float, left_s: float
) -> None:
    slept: list[float] = []

    async def nap(seconds: float) -> None:
        slept.append(seconds)

    async def beat() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s)
        monkeypatch.setattr(asyncio, "sleep", nap)
        await next_beat(0.25)
        monkeypatch.undo()

    run_in_link_loop(beat())
    assert slept == [pytest.approx(left_s)]


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.7, 0.75, 2.0, 5.0, 60.0, 1e9, math.inf])
@pytest.mark.parametrize("now_s", [0.0, 10.0, 10.3, 12345.678])
def test_what_is_done_now_and_then_is_done_with_the_beat_that_is_next_to_its_time(
    monkeypatch: pytest.MonkeyPatch, now_s: float, seconds: float
) -> None:
    async def ask() -> float:
        with monkeypatch.context() as patched:
            patched.setattr(asyncio.get_running_loop(), "time", lambda: now_s)
            return about(seconds)

    wait_s = run_in_link_loop(ask())
    assert isinstance(wait_s, float)
    if seconds < 2 * REST_BEAT_S or seconds == math.inf:
        assert wait_s == seconds, "what is in a hurry is not moved"
    else:
        beats = (now_s + wait_s) / REST_BEAT_S
        assert beats == pytest.approx(round(beats))
        assert abs(wait_s - seconds) <= REST_BEAT_S / 2 + 1e-6
