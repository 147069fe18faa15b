"""Tests of lablink_dpg.link.suspects: played against a server with the defect, in memory, for any set of streams."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.link.suspects import RECENT_RETRY_S, RETRY_S, SILENT_RETRY_S, Suspects


class Play:
    """A server on which some streams are poisonous and some silent, and a client that asks ``Suspects`` what to do.

    ``rng``: first messages come in any order instead of that of starting.
    """

    def __init__(
        self,
        streams: Sequence[str],
        poisonous: set[str],
        silent: set[str] | None = None,
        *,
        alone: set[str] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.suspects: Suspects[str] = Suspects()
        self.streams = list(streams)
        self.poisonous = poisonous
        self.silent = silent or set()
        self.alone = alone or set()
        self.now_s = 0.0
        self.connections = 0
        self.running: list[str] = []  # of the present connection, in the order of starting
        self.is_alive = True
        self._rng = rng
        self._connect()

    def _connect(self) -> None:
        self.connections += 1
        self.running = []
        self.is_alive = True
        self.suspects.opened()

    def settle(self) -> None:
        """Until there is nothing more to start."""
        while True:
            starts = self.suspects.next_starts(self.streams, self.alone, self.now_s)
            if not starts:
                return
            self.running += starts
            self._send(starts)
            if self.is_alive and self.suspects.heard_here:
                for key in list(self.suspects.in_flight):
                    self.suspects.given_up(key)
            elif self.suspects.in_flight:
                self.die()
                assert self.connections < 1000, "endless reconnecting"

    def _send(self, starts: Sequence[str]) -> None:
        order = list(starts)
        if self._rng is not None:
            self._rng.shuffle(order)
        for key in order:
            if key in self.poisonous:
                self.is_alive = False
            if self.is_alive and key not in self.silent:
                self.suspects.heard(key)

    def die(self) -> None:
        self.suspects.died(self.now_s)
        self._connect()

    def tick(self) -> None:
        """All streams that run send another message, in the order of starting."""
        if any(key in self.poisonous for key in self.running):
            self.is_alive = False
            self.die()
            self.settle()

    @property
    def streaming(self) -> set[str]:
        return set(self.suspects.heard_here)

    def check(self) -> None:
        assert self.streaming == set(self.streams) - self.poisonous - self.silent
        assert self.poisonous <= {key for key in self.streams if self.suspects.is_kept_off(key)}
        assert set(self.suspects.poisonous) <= self.poisonous


@st.composite
def labs(draw: st.DrawFn) -> tuple[list[str], set[str], set[str], set[str]]:
    """Streams; of them the poisonous, the silent and those that are started alone."""
    streams = [f"s{number}" for number in range(draw(st.integers(1, 60)))]
    kinds = draw(st.lists(st.sampled_from("gggps"), min_size=len(streams), max_size=len(streams)))
    share = draw(st.sampled_from([0.0, 0.1, 1.0]))
    rng = random.Random(draw(st.integers(0, 2**32)))
    alone = {name for name in streams if rng.random() < share}
    by_kind = {kind: {name for name, each in zip(streams, kinds, strict=True) if each == kind} for kind in "gps"}
    return streams, by_kind["p"], by_kind["s"], alone


@given(lab=labs(), seed=st.one_of(st.none(), st.integers(0, 2**32)))
def test_whatever_is_poisonous_the_rest_streams_after_a_bounded_number_of_deaths(
    lab: tuple[list[str], set[str], set[str], set[str]], seed: int | None
) -> None:
    streams, poisonous, silent, alone = lab
    rng = random.Random(seed) if seed is not None else None
    play = Play(streams, poisonous, silent, alone=alone, rng=rng)
    play.settle()
    play.check()
    assert play.suspects.deaths <= 2 * len(poisonous) + len(silent) + 1
    before = play.connections
    for _ in range(100):
        play.tick()
    play.now_s += SILENT_RETRY_S / 2
    play.settle()
    assert play.connections == before, "and then no connection dies any more"


@given(lab=labs())
def test_streams_that_turn_poisonous_while_they_run_are_found_as_well(
    lab: tuple[list[str], set[str], set[str], set[str]],
) -> None:
    streams, poisonous, _, alone = lab
    play = Play(streams, set(), alone=alone)
    play.settle()
    assert (play.streaming, play.connections) == (set(streams), 1)
    play.poisonous = poisonous
    play.tick()
    play.check()
    assert play.suspects.deaths <= 2 * len(poisonous) + 1


@pytest.mark.parametrize("place", [0, 1, 100, 198, 199])
def test_one_of_two_hundred_costs_one_connection_and_is_found(place: int) -> None:
    streams = [f"s{number}" for number in range(200)]
    play = Play(streams, {f"s{place}"})
    play.settle()
    play.check()
    assert play.suspects.deaths == (1 if place == 199 else 2), "one that tells of it, one that proves which"
    assert play.suspects.poisonous == ([f"s{place}"] if place else []), "with nobody heard it is not certain"


def test_all_of_them_cost_one_connection_each_and_one_more() -> None:
    streams = [f"s{number}" for number in range(8)]
    play = Play(streams, set(streams))
    play.settle()
    assert play.suspects.deaths == 9
    assert play.suspects.fruitless == 9
    assert not play.streaming


def test_devices_are_started_one_after_the_other_once_the_acquisitions_send() -> None:
    suspects: Suspects[str] = Suspects()
    suspects.opened()
    wanted, alone = ["supply", "a", "load", "b"], {"supply", "load"}
    assert suspects.next_starts(wanted, alone, 0.0) == ["a", "b"]
    assert suspects.next_starts(wanted, alone, 0.0) == []
    suspects.heard("a")
    assert suspects.next_starts(wanted, alone, 0.0) == [], "one has still to prove itself"
    suspects.heard("b")
    assert suspects.next_starts(wanted, alone, 0.0) == ["supply"]
    assert suspects.next_starts(wanted, alone, 0.0) == []
    suspects.given_up("supply")
    assert suspects.next_starts(wanted, alone, 0.0) == ["load"]
    suspects.heard("load")
    assert suspects.next_starts([*wanted, "c"], alone, 0.0) == ["c"], "a new acquisition"


def test_after_a_reconnect_without_a_death_all_that_have_sent_are_started_at_once() -> None:
    play = Play(["a", "b", "supply"], set(), alone={"supply"})
    play.settle()
    play.suspects.opened()
    assert play.suspects.next_starts(["a", "b", "supply"], {"supply"}, 0.0) == ["a", "b"]
    play.suspects.heard("a")
    play.suspects.heard("b")
    assert play.suspects.next_starts(["a", "b", "supply"], {"supply"}, 0.0) == ["supply"]


def test_poison_is_remembered_across_reconnects_and_tried_again_alone_and_rarely() -> None:
    play = Play([f"s{number}" for number in range(8)], {"s2", "s5"})
    play.settle()
    deaths = play.suspects.deaths
    for _ in range(5):
        play._connect()
        play.settle()
        play.check()
    assert play.suspects.deaths == deaths
    for _ in range(10):  # two that are due, but others suffer once in RETRY_S
        play.now_s += RETRY_S
        play.settle()
        play.now_s += RETRY_S / 2
        play.settle()
    assert play.suspects.deaths - deaths <= 16
    play.check()


def test_poison_that_is_gone_is_streamed_again_without_a_death() -> None:
    play = Play([f"s{number}" for number in range(8)], {"s2", "s5"})
    play.settle()
    deaths = play.suspects.deaths
    play.poisonous = set()
    play.now_s += RETRY_S - 1
    play.settle()
    assert len(play.streaming) == 6
    play.now_s += 1
    play.settle()
    assert (len(play.streaming), play.suspects.deaths) == (8, deaths)


def test_a_person_can_have_it_tried_again_at_once() -> None:
    play = Play(["a", "b", "c"], {"b"})
    play.settle()
    play.poisonous = set()
    play.suspects.pardon()
    play.settle()
    assert play.streaming == {"a", "b", "c"}


def test_a_server_that_hangs_for_a_moment_gets_all_its_streams_back_soon() -> None:
    streams = [f"s{number}" for number in range(8)]
    play = Play(streams, set())
    play.settle()
    play.silent = set(streams)  # all at once, as if the connection had died
    play.die()
    for _ in range(3):
        assert len(play.suspects.next_starts(streams, (), play.now_s)) == 1
        play.die()
    play.silent = set()
    play.settle()
    assert len(play.streaming) == 5
    play.now_s += RECENT_RETRY_S
    play.settle()
    assert play.streaming == set(streams)


def test_where_nobody_suffers_a_lone_silent_stream_is_tried_ever_more_rarely() -> None:
    play = Play(["a"], set(), {"a"})
    play.settle()
    tries = [play.suspects.deaths]
    for _ in range(40):
        play.now_s += SILENT_RETRY_S
        play.settle()
        tries.append(play.suspects.deaths)
    assert tries[1] == tries[0] + 1
    assert 5 <= tries[-1] <= 8


def test_a_death_that_nobody_can_be_blamed_for_makes_nobody_trusted() -> None:
    play = Play(["a", "b", "c", "d"], set())
    play.settle()
    play.die()
    assert play.suspects.unexplained == 1
    assert play.suspects.next_starts(play.streams, (), 0.0) == ["a"]
    play.suspects.heard("a")
    assert play.suspects.next_starts(play.streams, (), 0.0) == ["b", "c"]
    play.suspects.heard("b")
    play.suspects.heard("c")
    assert play.suspects.next_starts(play.streams, (), 0.0) == ["d"]
    assert play.suspects.unexplained == 0


def test_one_that_is_asked_for_again_has_to_prove_itself_again() -> None:
    suspects: Suspects[str] = Suspects()
    suspects.opened()
    suspects.next_starts(["a", "b"], (), 0.0)
    suspects.heard("a")
    suspects.given_up("b")
    suspects.restarted("a")
    assert not suspects.in_flight
    suspects.restarted("b")
    assert list(suspects.in_flight) == ["b"]
    assert suspects.died(0.0) == ["b"]
    assert suspects.poisonous == ["b"]


def test_what_is_forgotten_begins_anew() -> None:
    play = Play(["a", "b"], {"b"})
    play.settle()
    assert play.suspects.is_kept_off("b")
    play.suspects.forget(["b"])
    play.poisonous = set()
    play.settle()
    assert play.streaming == {"a", "b"}


def test_a_stream_that_is_only_suspected_and_has_sent_before_does_not_wait_for_the_poisonous_one() -> None:
    """The server hung while ``good`` was tried, after ``poison`` had begun to be so: both had sent before."""
    suspects: Suspects[str] = Suspects()
    streams = ["poison", "good", "other"]
    suspects.opened()
    for key in suspects.next_starts(streams, (), 0.0):
        suspects.heard(key)
    suspects.died(0.0)
    for _ in ("poison", "good"):  # each dies alone, before anybody was heard
        suspects.opened()
        [started] = suspects.next_starts(streams, (), 0.0)
        assert suspects.died(0.0) == [started]
    suspects.opened()
    assert suspects.next_starts(streams, (), 0.0) == ["other"]
    suspects.heard("other")
    assert suspects.next_starts(streams, (), RECENT_RETRY_S) == ["poison"]
    assert suspects.died(RECENT_RETRY_S) == ["poison"]
    suspects.opened()
    suspects.heard(*suspects.next_starts(streams, (), RECENT_RETRY_S))
    assert suspects.next_starts(streams, (), RECENT_RETRY_S) == ["good"]
    suspects.heard("good")
    assert not suspects.is_kept_off("good")
    assert suspects.poisonous == ["poison"]
    assert suspects.next_starts(streams, (), RETRY_S - 1) == []
