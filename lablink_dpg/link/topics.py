"""What is asked again and again over REST beside the samples: alarms, health, jobs; how often, and who reads it.

The WebSocket tells of changes at once where the server sends its events; a list of everything is asked for all the
same, rarely, because an event that was not sent leaves no trace; and soon after an event, which does not tell all that
the list does. What nobody looks at is asked for more rarely still.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from lablink_dpg.link.board import Board
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.loop import about, race, wait_at_most
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.rest import NOT_FOUND, NOT_IMPLEMENTED, Rest, RestError
from lablink_dpg.link.subjects import SUBJECTS, Subject
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from lablink_dpg.store.stamps import to_axis_us
from lablink_dpg.wire.timestamps import parse_start

BROKEN = 500  # of a call that never works on some servers: asked for again only by a new connection, as one not found

HINT_S = 0.5  # at least between two lists because of events: a job a tick must not become a list a tick


@dataclass(slots=True)
class _Turn:
    due_s: float = 0.0  # of the loop's clock
    asked_s: float | None = None  # when it was asked for last
    is_absent: bool = False  # on this server
    wake: asyncio.Event = field(default_factory=asyncio.Event)  # it is due sooner than it was


class Topics:
    """Network thread only."""

    def __init__(self, parts: Parts, subjects: Mapping[Topic, Subject] = SUBJECTS) -> None:
        self._subjects = subjects
        self._store = parts.store
        self._board: Board = parts.board
        self._tally: Tally = parts.tally
        self._now_us = parts.now_us
        self._watched: frozenset[Topic] = frozenset()
        self._turns: dict[Topic, _Turn] = {}
        self._absent: set[Topic] = set()  # that are known not to be had, which is said once, not by each connection
        self._told_by: dict[str, list[Topic]] = {}
        for topic, subject in subjects.items():
            for event_type in subject.told_by:
                self._told_by.setdefault(event_type, []).append(topic)

    def watch(self, topics: frozenset[Topic]) -> None:
        """Somebody looks at these, and at no others; those that are new among them are asked for at once."""
        for topic in topics - self._watched:
            self.want(topic)
        self._watched = topics

    def want(self, topic: Topic) -> None:
        """Ask for it at once: something is known to have changed."""
        turn = self._turns.get(topic)
        if turn is not None:
            turn.due_s = 0.0
            turn.wake.set()

    def heard(self, event_type: str) -> None:
        """An event came over the WebSocket: lists about the same are asked for soon, but not with every event."""
        for topic in self._told_by.get(event_type, ()):
            turn = self._turns.get(topic)
            if turn is not None:
                soon_s = 0.0 if turn.asked_s is None else turn.asked_s + HINT_S
                if soon_s < turn.due_s:
                    turn.due_s = soon_s
                    turn.wake.set()

    async def run(self, rest: Rest) -> NoReturn:
        """Until cancelled; each begins anew, absent ones too."""
        self._turns = {topic: _Turn() for topic in self._subjects}
        await race(*(self._keep(rest, topic, turn) for topic, turn in self._turns.items()))
        raise AssertionError("none of them ends")

    async def _keep(self, rest: Rest, topic: Topic, turn: _Turn) -> NoReturn:
        """Each on its own: alarms do not wait for a server that takes its time over the health of its devices."""
        clock = asyncio.get_running_loop().time
        while True:
            if not turn.is_absent and turn.due_s <= clock():
                turn.asked_s = clock()
                turn.due_s = clock() + about(self._every_s(topic))  # first: what is wanted meanwhile is asked for again
                await self._ask(rest, topic, turn)
            await wait_at_most(turn.wake, math.inf if turn.is_absent else max(0.0, turn.due_s - clock()))

    def _every_s(self, topic: Topic) -> float:
        subject = self._subjects[topic]
        return subject.watched_s if topic in self._watched else subject.every_s

    async def _ask(self, rest: Rest, topic: Topic, turn: _Turn) -> None:
        subject = self._subjects[topic]
        asked_us = self._now_us()
        try:
            body = await rest.get(subject.path, timeout_s=subject.timeout_s)
            if subject.key and not (isinstance(body, dict) and subject.key in body):
                raise RestError(Cause.CONTENT, f"{subject.path}: answer is JSON, but has no {subject.key!r}")
        except RestError as error:
            self._failed(topic, turn, error)
            return
        self._absent.discard(topic)
        items = tuple(subject.parse(body, self._stamp))
        self._board.post(TopicAnswer(topic, items, self._now_us(), asked_us))

    def _failed(self, topic: Topic, turn: _Turn, error: RestError) -> None:
        turn.is_absent = error.status in (NOT_FOUND, NOT_IMPLEMENTED, BROKEN)
        if not turn.is_absent:  # what a server does not have is no trouble of the link
            self._tally.rest_failed(error)
        why = "not available on this server" if turn.is_absent else error.detail
        self._board.post(TopicProblem(topic, why, self._now_us(), turn.is_absent))
        if not turn.is_absent:
            self._board.say_of_one(f"{topic.value}: {error.detail}", f"several lists cannot be had: {error.kind}")
        elif topic not in self._absent:
            self._absent.add(topic)
            self._board.say(f"{topic.value}: {error.detail}")

    def _stamp(self, text: Any) -> int:
        """Unix µs of a time as the server writes it; now for anything else."""
        return to_axis_us(parse_start(text), self._store.clock, self._now_us())
