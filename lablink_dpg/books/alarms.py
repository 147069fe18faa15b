"""Alarms of one server: those that are open, those of this session that are over, and the rules behind them.

Two sources contradict each other for moments: events are told over the WebSocket, whole lists come over REST, and a
list that was asked for before an event was told does not have it. So each event remembers when it was last told of,
and the book when its newest list was asked for:

* an event is open while it is in the newest list, or was told of since that list was asked for;
* what was told to be cleared stays cleared: an id is used once. What only went missing comes back with a later list;
* a state only goes forward: active, acknowledged, cleared. So it does not matter in which order it was told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState

KEPT_HISTORY = 1000  # events that are over: a bad day of a lab, and a few hundred kilobytes
MAX_OPEN = 5000  # as many as are read of one list; of more, those are left out that were heard of first
KEPT_NEW = 256  # opened and not yet drained: more at once is nothing that a person can be told one by one
KEPT_EARLY = 256  # updates of events that were not told of yet
MOVED_US = 100_000  # a time that a later message puts elsewhere by more: the server's clock is better known by then
NEVER_US = -(2**63)


@dataclass(slots=True)
class _Known:
    event: AlarmEvent
    is_acknowledged: bool = False
    is_surely_over: bool = False  # told, not only missing
    told_us: int = NEVER_US  # when it was last told to be open
    listed_us: int = NEVER_US  # when the newest list that has it was asked for


@dataclass(slots=True)
class _Early:
    """What was told of an event that was not told of itself."""

    is_acknowledged: bool = False
    is_over: bool = False
    told_us: int = NEVER_US
    by: str = ""
    note: str = ""


class AlarmBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.rules: Mapping[str, AlarmRule] = {}  # by alarm_id
        self.opened = 0  # events so far that were active when they were first heard of; never falls
        self.missed = 0  # of those, dropped before anybody drained them
        self.left_out = 0  # open events for which there was no room
        self._known: dict[str, _Known] = {}  # open ones, by event_id, in the order of hearing
        self._over: dict[str, _Known] = {}  # in the order of ending
        self._early: dict[str, _Early] = {}
        self._new: deque[str] = deque()  # ids
        self._list_us = NEVER_US  # when the newest list was asked for
        self._open: tuple[AlarmEvent, ...] = ()
        self._history: tuple[AlarmEvent, ...] = ()
        self._seen_revision = 0  # of these two, which are made when somebody looks: a storm is not sorted each time

    # ------------------------------------------------------------------ what is known

    @property
    def open(self) -> tuple[AlarmEvent, ...]:
        """Gravest first, then newest; the same object until something changes."""
        self._look()
        return self._open

    @property
    def history(self) -> Sequence[AlarmEvent]:
        """Those of this session that are over, the one that ended last first."""
        self._look()
        return self._history

    def find(self, event_id: str) -> AlarmEvent | None:
        """Open or over."""
        known = self._find(event_id)
        return None if known is None else self._named(known.event)

    def drain_new(self) -> list[AlarmEvent]:
        """Events opened since the last call, oldest first, as they are known now; each is given once. One reader.

        Those count that were active when they were first heard of, in whichever way: what was acknowledged or over
        by then is no news. What nobody drains is bounded by KEPT_NEW; ``opened`` counts all.
        """
        events = [self.find(event_id) for event_id in self._new]
        self._new.clear()
        return [event for event in events if event is not None]

    # ------------------------------------------------------------------ what comes in

    def take_told(self, event: AlarmEvent, now_us: int) -> None:
        """An event was told of, once more perhaps."""
        self._tell(self._merge(event), event.state, now_us)

    def take_update(self, event_id: str, state: AlarmState, now_us: int, *, by: str = "", note: str = "") -> None:
        """What became of an event; it may be told before the event itself."""
        known = self._find(event_id)
        if known is None:
            self._keep_for_later(event_id, state, now_us, by, note)
            return
        self._sign(known, by, note)
        self._tell(known, state, now_us)

    def take_open(self, events: Sequence[AlarmEvent], at_us: int, asked_us: int | None = None) -> None:
        """All that are open, as the server lists them: it came at ``at_us`` and was asked for at ``asked_us``.

        A list that was asked for before the newest one is not looked at.
        """
        asked_us = at_us if asked_us is None else asked_us
        if asked_us < self._list_us:
            return
        self._list_us = asked_us
        for event in events:
            known = self._merge(event)
            known.is_acknowledged |= event.state is AlarmState.ACKNOWLEDGED
            if event.state is AlarmState.CLEARED:
                known.is_surely_over = True
            else:
                known.listed_us = asked_us
            if event.event_id in self._over:
                self._settle(known, at_us)
        for known in tuple(self._known.values()):
            self._settle(known, at_us)
        self._make_room()

    def take_rules(self, rules: Sequence[AlarmRule]) -> None:
        """All rules, as the server lists them."""
        found = {rule.alarm_id: rule for rule in rules}
        if found != self.rules:
            self.rules = found
            self.revision += 1

    # ------------------------------------------------------------------ inside

    def _find(self, event_id: str) -> _Known | None:
        return self._known.get(event_id) or self._over.get(event_id)

    def _tell(self, known: _Known, state: AlarmState, now_us: int) -> None:
        known.is_acknowledged |= state is AlarmState.ACKNOWLEDGED
        if state is AlarmState.CLEARED:
            known.is_surely_over = True
        else:
            known.told_us = max(known.told_us, now_us)
        self._settle(known, now_us)
        self._make_room()

    def _keep_for_later(self, event_id: str, state: AlarmState, now_us: int, by: str, note: str) -> None:
        early = self._early.pop(event_id, None) or _Early()
        early.is_acknowledged |= state is AlarmState.ACKNOWLEDGED
        if state is AlarmState.CLEARED:
            early.is_over = True
        else:
            early.told_us = max(early.told_us, now_us)
        early.by, early.note = by or early.by, note or early.note
        self._early[event_id] = early
        if len(self._early) > KEPT_EARLY:
            del self._early[next(iter(self._early))]

    def _merge(self, event: AlarmEvent) -> _Known:
        """The one that is known of that id, with what this message adds; its state is for ``_settle``."""
        known = self._find(event.event_id)
        if known is None:
            return self._add(event)
        before = known.event
        is_moved = abs(event.triggered_us - before.triggered_us) > MOVED_US
        # What was heard first is kept where the later message says nothing, as a list says nothing of names.
        self._set(
            known,
            replace(
                event,
                alarm_id=event.alarm_id or before.alarm_id,
                name=event.name or before.name,
                message=event.message or before.message,
                equipment_id=event.equipment_id or before.equipment_id,
                parameter=event.parameter or before.parameter,
                value=before.value if event.value is None else event.value,
                threshold=before.threshold if event.threshold is None else event.threshold,
                state=before.state,
                acknowledged_by=event.acknowledged_by or before.acknowledged_by,
                note=event.note or before.note,
                triggered_us=event.triggered_us if is_moved else before.triggered_us,
                cleared_us=before.cleared_us,
                way=before.way,
            ),
        )
        return known

    def _add(self, event: AlarmEvent) -> _Known:
        known = self._known[event.event_id] = _Known(replace(event, cleared_us=None))
        early = self._early.pop(event.event_id, None)
        is_news = event.state is AlarmState.ACTIVE
        if early is not None:
            is_news &= not early.is_acknowledged and not early.is_over
            self._sign(known, early.by, early.note)
            known.told_us = early.told_us
            known.is_acknowledged, known.is_surely_over = early.is_acknowledged, early.is_over
        self.revision += 1
        if is_news:
            self.opened += 1
            self._new.append(event.event_id)
            if len(self._new) > KEPT_NEW:
                self._new.popleft()
                self.missed += 1
        return known

    def _sign(self, known: _Known, by: str, note: str) -> None:
        """Who acknowledged it, where that is told."""
        event = known.event
        self._set(known, replace(event, acknowledged_by=by or event.acknowledged_by, note=note or event.note))

    def _settle(self, known: _Known, at_us: int) -> None:
        """Put it among the open ones or among those that are over, as all that is known of it says."""
        event = known.event
        is_heard = known.listed_us == self._list_us or known.told_us >= self._list_us
        if is_heard and not known.is_surely_over:
            if event.event_id in self._over:  # it was only missing
                self._known[event.event_id] = self._over.pop(event.event_id)
            state = AlarmState.ACKNOWLEDGED if known.is_acknowledged else AlarmState.ACTIVE
            self._set(known, replace(event, state=state, cleared_us=None))
        elif event.event_id in self._known:
            self._over[event.event_id] = self._known.pop(event.event_id)
            self._set(known, replace(event, state=AlarmState.CLEARED, cleared_us=max(at_us, event.triggered_us)))

    def _set(self, known: _Known, event: AlarmEvent) -> None:
        if event != known.event:
            known.event = event
            self.revision += 1

    def _make_room(self) -> None:
        while len(self._known) > MAX_OPEN:
            del self._known[next(iter(self._known))]
            self.left_out += 1
        while len(self._over) > KEPT_HISTORY:
            del self._over[next(iter(self._over))]

    def _look(self) -> None:
        if self.revision == self._seen_revision:
            return
        self._seen_revision = self.revision
        opened = [self._named(known.event) for known in self._known.values()]
        self._open = tuple(sorted(opened, key=_gravest_first))
        self._history = tuple(self._named(known.event) for known in reversed(self._over.values()))

    def _named(self, event: AlarmEvent) -> AlarmEvent:
        rule = None if event.name else self.rules.get(event.alarm_id)
        return event if rule is None else replace(event, name=rule.name)


def _gravest_first(event: AlarmEvent) -> tuple[int, int, str]:
    return -event.severity.rank, -event.triggered_us, event.event_id
