"""The book of alarms: what is told and what is listed, in any order, against saying it all again from the start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books import alarms
from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity
from lablink_dpg.model.link import Way

ACTIVE, ACKNOWLEDGED, CLEARED = AlarmState


def event(event_id: str, state: AlarmState = ACTIVE, at_us: int = 0, **changes: object) -> AlarmEvent:
    made = AlarmEvent(event_id, "rule", "", Severity.ERROR, state, "eq", "voltage", 9.5, 5.0, "too much", at_us)
    return replace(made, **changes)  # type: ignore[arg-type]


def states(book: AlarmBook) -> dict[str, AlarmState]:
    return {each.event_id: each.state for each in (*book.open, *book.history)}


# ---------------------------------------------------------------------- one thing at a time


def test_an_event_that_is_told_is_open_and_new_once() -> None:
    book = AlarmBook()
    book.take_told(event("a"), 10)
    book.take_told(event("a"), 11)
    assert [each.event_id for each in book.open] == ["a"]
    assert [each.event_id for each in book.drain_new()] == ["a"]
    assert book.drain_new() == []
    book.take_open([event("a", way=Way.REST)], 30, 20)
    assert book.drain_new() == []
    assert book.opened == 1
    assert book.open[0].way is Way.WEBSOCKET, "as it was first heard of"


def test_what_a_list_has_no_more_is_cleared() -> None:
    book = AlarmBook()
    book.take_told(event("a"), 10)
    book.take_open([], 30, 20)
    assert book.open == ()
    (over,) = book.history
    assert (over.state, over.cleared_us) == (CLEARED, 30)


def test_what_was_told_after_a_list_was_asked_for_outlives_that_list() -> None:
    book = AlarmBook()
    book.take_told(event("a"), 25)
    book.take_open([], 30, 20)
    assert [each.event_id for each in book.open] == ["a"]
    book.take_open([], 50, 40)
    assert book.open == ()


def test_a_list_asked_for_before_an_event_was_cleared_does_not_open_it_again() -> None:
    book = AlarmBook()
    book.take_told(event("a"), 10)
    book.take_update("a", CLEARED, 25)
    book.take_open([event("a")], 30, 20)
    assert states(book) == {"a": CLEARED}


def test_a_list_asked_for_before_an_acknowledgement_does_not_take_it_back() -> None:
    book = AlarmBook()
    book.take_told(event("a"), 10)
    book.take_update("a", ACKNOWLEDGED, 25, by="anna")
    book.take_open([event("a")], 30, 20)
    assert (book.open[0].state, book.open[0].acknowledged_by) == (ACKNOWLEDGED, "anna")


def test_an_older_list_is_not_looked_at() -> None:
    book = AlarmBook()
    book.take_open([event("a")], 30, 20)
    book.take_open([event("b")], 31, 10)
    assert states(book) == {"a": ACTIVE}


def test_what_was_only_missing_comes_back_with_a_later_list_and_is_no_news() -> None:
    book = AlarmBook()
    book.take_told(event("a", ACKNOWLEDGED, acknowledged_by="anna"), 10)
    book.take_open([], 30, 20)
    book.take_open([event("a")], 50, 40)
    assert states(book) == {"a": ACKNOWLEDGED}
    assert book.open[0].cleared_us is None
    assert book.drain_new() == []


def test_what_is_told_of_an_event_before_itself_is_remembered() -> None:
    book = AlarmBook()
    book.take_update("a", ACKNOWLEDGED, 5, by="anna", note="seen")
    book.take_update("b", CLEARED, 6)
    book.take_told(event("a"), 10)
    book.take_told(event("b"), 11)
    assert states(book) == {"a": ACKNOWLEDGED, "b": CLEARED}
    assert (book.open[0].acknowledged_by, book.open[0].note) == ("anna", "seen")
    assert book.drain_new() == [], "nobody has to be called to what somebody has seen already"


def test_the_gravest_come_first_then_the_newest() -> None:
    book = AlarmBook()
    book.take_open(
        [
            event("old", at_us=1),
            event("new", at_us=2),
            event("info", at_us=3, severity=Severity.INFO),
            event("critical", at_us=0, severity=Severity.CRITICAL),
        ],
        10,
    )
    assert [each.event_id for each in book.open] == ["critical", "new", "old", "info"]


def test_a_name_that_no_message_told_is_the_rules_whenever_that_comes() -> None:
    book = AlarmBook()
    book.take_open([event("a")], 10)
    rule = AlarmRule("rule", "Over voltage", "eq", "voltage", "greater_than", Severity.ERROR, thresholds=(5.0,))
    before = book.revision
    book.take_rules([rule])
    assert book.open[0].name == "Over voltage"
    assert book.revision > before
    assert book.drain_new()[0].name == "Over voltage"


def test_a_list_that_says_nothing_new_is_no_change() -> None:
    book = AlarmBook()
    book.take_told(event("a", name="Over voltage"), 10)
    book.take_update("a", ACKNOWLEDGED, 15, by="anna")
    book.take_open([event("a", ACKNOWLEDGED, note="seen", way=Way.REST)], 30, 20)
    before, shown = book.revision, book.open
    book.take_open([event("a", ACKNOWLEDGED, note="seen", way=Way.REST)], 50, 40)
    book.take_rules([])
    assert book.revision == before
    assert book.open is shown
    assert (shown[0].name, shown[0].acknowledged_by, shown[0].note) == ("Over voltage", "anna", "seen")


def test_a_time_is_put_right_only_when_it_was_far_off() -> None:
    book = AlarmBook()
    book.take_told(event("a", at_us=1_000_000), 10)
    book.take_open([event("a", at_us=1_050_000)], 20)
    assert book.open[0].triggered_us == 1_000_000
    book.take_open([event("a", at_us=3_600_000_000)], 30)
    assert book.open[0].triggered_us == 3_600_000_000


def test_history_has_a_bound_and_keeps_the_newest() -> None:
    book = AlarmBook()
    for number in range(alarms.KEPT_HISTORY + 10):
        book.take_told(event(str(number)), number)
        book.take_update(str(number), CLEARED, number)
    assert len(book.history) == alarms.KEPT_HISTORY
    assert book.history[0].event_id == str(alarms.KEPT_HISTORY + 9)


def test_open_ones_news_and_what_came_too_early_have_bounds_and_are_counted() -> None:
    book = AlarmBook()
    for number in range(alarms.MAX_OPEN + 10):
        book.take_told(event(str(number)), number)
        book.take_update(f"unknown {number}", ACKNOWLEDGED, number)
    assert len(book.open) == alarms.MAX_OPEN
    assert book.left_out == 10
    assert book.opened == alarms.MAX_OPEN + 10
    assert len(book.drain_new()) == alarms.KEPT_NEW
    assert book.missed == book.opened - alarms.KEPT_NEW
    assert len(book._early) == alarms.KEPT_EARLY


# ---------------------------------------------------------------------- everything at once, against a slow oracle


@dataclass(frozen=True)
class Told:
    event_id: str
    state: AlarmState
    at_us: int


@dataclass(frozen=True)
class Updated:
    event_id: str
    state: AlarmState
    at_us: int


@dataclass(frozen=True)
class Listed:
    events: tuple[tuple[str, AlarmState], ...]
    asked_us: int
    at_us: int


Fact: TypeAlias = Told | Updated | Listed

ids = st.sampled_from("abc")
moments = st.integers(0, 12)
alive = st.sampled_from([ACTIVE, ACKNOWLEDGED])
some_states = st.sampled_from(list(AlarmState))
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Told, ids, some_states, moments),
    st.builds(Updated, ids, some_states, moments),
    st.builds(
        lambda found, asked, took: Listed(tuple(found.items()), asked, asked + took),
        st.dictionaries(ids, alive),
        moments,
        st.integers(0, 5),
    ),
)


def tell(book: AlarmBook, fact: Fact) -> None:
    match fact:
        case Told(event_id, state, at_us):
            book.take_told(event(event_id, state), at_us)
        case Updated(event_id, state, at_us):
            book.take_update(event_id, state, at_us)
        case Listed(found, asked_us, at_us):
            book.take_open([event(event_id, state) for event_id, state in found], at_us, asked_us)


def oracle(log: list[Fact]) -> dict[str, AlarmState]:
    """The state of each event from all that was ever said of it."""
    lists: list[Listed] = []
    for fact in log:
        if isinstance(fact, Listed) and (not lists or fact.asked_us >= lists[-1].asked_us):
            lists.append(fact)
    answer = {}
    for event_id in "abc":
        told = [fact for fact in log if isinstance(fact, Told | Updated) and fact.event_id == event_id]
        listed = [each for each in lists if event_id in dict(each.events)]
        if not listed and not any(isinstance(fact, Told) for fact in told):
            continue
        newest_us = lists[-1].asked_us if lists else -1
        is_listed = any(each.asked_us == newest_us for each in listed)
        is_told_since = any(fact.at_us >= newest_us for fact in told if fact.state is not CLEARED)
        seen = {fact.state for fact in told} | {dict(each.events)[event_id] for each in listed}
        if CLEARED in seen or not (is_listed or is_told_since):
            answer[event_id] = CLEARED
        else:
            answer[event_id] = ACKNOWLEDGED if ACKNOWLEDGED in seen else ACTIVE
    return answer


@given(st.lists(facts, max_size=14))
def test_whatever_is_told_and_listed_the_book_says_what_the_oracle_says(log: list[Fact]) -> None:
    book = AlarmBook()
    news: Counter[str] = Counter()
    for number, fact in enumerate(log):
        before = book.revision, states(book)
        tell(book, fact)
        assert states(book) == oracle(log[: number + 1])
        assert (states(book) == before[1]) or book.revision > before[0], "a change is told"
        news.update(each.event_id for each in book.drain_new())
        assert all(each.is_open for each in book.open)
        assert not any(each.is_open for each in book.history)
        assert all((each.cleared_us is None) is each.is_open for each in (*book.open, *book.history))
    assert not news or max(news.values()) == 1, "each is new once"
    assert book.opened == sum(news.values())


@given(st.lists(st.one_of(st.builds(Told, ids, some_states, moments), st.builds(Updated, ids, some_states, moments))))
def test_the_order_of_what_is_told_does_not_matter(log: list[Fact]) -> None:
    one, other = AlarmBook(), AlarmBook()
    for fact in log:
        tell(one, fact)
    for fact in (*reversed(log), *log):
        tell(other, fact)
    assert states(one) == states(other)
