"""Tests of lablink_dpg.link.pulse, with time as an argument."""

from __future__ import annotations

import pytest

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.pulse import BEHIND_US, MUTE_US, Pulse

SECOND = 1_000_000
STEP_US = SECOND // 10


class Setup:
    def __init__(self, *, is_known_to_answer: bool = True) -> None:
        self.now_us = 0
        self.messages = 0
        self.pings: list[int] = []
        options = LinkOptions(quiet_s=1.0, dead_s=3.0)
        self.pulse = Pulse(options, 0, is_known_to_answer=is_known_to_answer)

    def live(self, seconds: float, *, messages: int = 0, answers: bool = False) -> None:
        """``messages`` between two looks, and an answer to each ping just after it if the server ``answers``."""
        end_us = self.now_us + int(seconds * SECOND)
        while self.now_us < end_us and not self.pulse.is_dead:
            self.now_us += STEP_US
            self.messages += messages
            if self.pulse.look(self.now_us, self.messages):
                self.pings.append(self.now_us)
                if answers:
                    self.messages += 1
                    self.pulse.answered()


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_a_connection_begins_with_a_ping_and_has_none_while_messages_come(setup: Setup) -> None:
    setup.live(30, messages=1, answers=True)
    assert setup.pings == [STEP_US]


def test_a_quiet_server_is_asked_once_a_second_and_lives_as_long_as_it_answers(setup: Setup) -> None:
    setup.live(60, answers=True)
    assert not setup.pulse.is_dead
    assert 50 <= len(setup.pings) <= 60


def test_a_server_that_says_nothing_at_all_is_lost_within_five_seconds(setup: Setup) -> None:
    setup.live(30, messages=1, answers=True)
    fell_silent_us = setup.now_us
    setup.live(30)
    assert setup.pulse.is_dead
    assert 4 * SECOND <= setup.now_us - fell_silent_us < 5 * SECOND


def test_a_server_that_sends_and_does_not_answer_is_behind_and_not_lost(setup: Setup) -> None:
    setup.live(BEHIND_US / SECOND + 1, messages=1)
    assert setup.pulse.is_behind
    assert not setup.pulse.is_dead
    setup.pulse.answered()
    assert not setup.pulse.is_behind


def test_all_that_was_sent_before_an_answered_ping_is_here(setup: Setup) -> None:
    setup.live(1, messages=1)
    assert setup.pulse.proven_us == 0
    setup.pulse.want()
    setup.live(1, messages=1)
    assert len(setup.pings) == 1, "the next one waits for the answer to the first"
    setup.pulse.answered()
    assert setup.pulse.proven_us == setup.pings[0]
    setup.live(0.1, messages=1)
    setup.pulse.answered()
    assert setup.pulse.proven_us == setup.pings[1] > 2 * SECOND


def test_time_in_which_this_thread_was_held_up_is_not_held_against_the_server(setup: Setup) -> None:
    setup.live(2, messages=1, answers=True)
    setup.now_us += 3600 * SECOND
    setup.live(1)
    assert not setup.pulse.is_dead


def test_a_server_that_does_not_know_pings_is_not_lost_and_silence_is_believed_in_the_end() -> None:
    setup = Setup(is_known_to_answer=False)
    setup.live(60)
    assert not setup.pulse.is_dead
    setup.live(MUTE_US / SECOND + 1, messages=1)
    assert setup.pulse.proven_us == setup.pings[0]


def test_an_answer_that_nobody_asked_for_does_no_harm(setup: Setup) -> None:
    setup.pulse.answered()
    assert setup.pulse.proven_us == 0
