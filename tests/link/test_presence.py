"""Tests of lablink_dpg.link.presence, with time as an argument."""

from __future__ import annotations

import asyncio

import pytest

from lablink_dpg.link.errors import Cause, LinkDown
from lablink_dpg.link.presence import MAX_UNREACHABLE, Presence
from lablink_dpg.link.rest import RestError

SILENCE_S = 3.0
REFUSED = RestError(Cause.REFUSED, "refused")
TIMEOUT = RestError(Cause.TIMEOUT, "no answer")


class Setup:
    def __init__(self) -> None:
        self.changes: list[str] = []
        self.presence = Presence(SILENCE_S, self.changes.append)
        self.presence.note(None, 0.0)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_one_call_that_nobody_takes_means_nothing_and_several_in_a_row_that_the_server_is_gone(setup: Setup) -> None:
    for _ in range(MAX_UNREACHABLE - 1):
        setup.presence.note(REFUSED, 1.0)
        assert not setup.presence.reason
    setup.presence.note(REFUSED, 1.0)
    assert setup.presence.reason == "refused"
    setup.presence.note(None, 2.0)
    assert setup.changes == ["refused", ""]


def test_an_answer_in_between_begins_the_count_again(setup: Setup) -> None:
    for _ in range(10):
        setup.presence.note(REFUSED, 1.0)
        setup.presence.note(None, 1.0)
    assert not setup.changes


@pytest.mark.parametrize("cause", [Cause.STATUS, Cause.CONTENT, Cause.UNAUTHORIZED])
def test_a_server_that_refuses_or_talks_nonsense_is_there(setup: Setup, cause: Cause) -> None:
    for _ in range(10):
        setup.presence.note(RestError(cause, "no"), 1.0)
    assert not setup.changes


def test_slow_answers_mean_that_the_server_is_gone_only_where_no_other_call_is_answered(setup: Setup) -> None:
    for now_s in range(1, 20):
        setup.presence.note(None, float(now_s))
        setup.presence.note(TIMEOUT, now_s + 0.5)
    assert not setup.presence.reason
    setup.presence.note(TIMEOUT, 19.0 + SILENCE_S)
    assert setup.presence.reason == "no answer"


def test_where_nothing_was_ever_answered_one_call_that_takes_its_whole_time_says_it() -> None:
    presence = Presence(SILENCE_S)
    presence.note(TIMEOUT, 4.0)
    assert presence.reason == "no answer"


def test_who_waits_for_its_end_is_told_why_and_a_new_attempt_begins_anew(setup: Setup) -> None:
    async def work() -> None:
        waiting = asyncio.ensure_future(setup.presence.raise_when_gone())
        for _ in range(MAX_UNREACHABLE):
            setup.presence.note(REFUSED, 1.0)
        with pytest.raises(LinkDown, match="refused"):
            await waiting
        setup.presence.forget()
        waiting = asyncio.ensure_future(setup.presence.raise_when_gone())
        await asyncio.sleep(0)
        setup.presence.note(REFUSED, 2.0)
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(work())
