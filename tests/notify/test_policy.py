"""The same thing once, few at once, and none in silence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.notify.message import Message
from lablink_dpg.notify.policy import (
    MAX_IN_WINDOW,
    MAX_REMEMBERED,
    MAX_SERVERS_NAMED,
    REPEAT_S,
    WINDOW_S,
    Happening,
    Kind,
    Policy,
)


def happening(number: int, server: str = "a", kind: Kind = Kind.ALARM) -> Happening:
    return Happening(kind, server, (str(number),), Message(f"{kind.value} {number}", "", kind is Kind.ALARM))


def told(policy: Policy, *happenings: Happening, now_s: float) -> list[str]:
    titles = []
    for each in (*happenings, None):
        if each is not None:
            policy.take(each, now_s)
        due = policy.due(now_s)
        if due is not None:
            titles.append(due.title)
    return titles


def test_the_first_ones_are_told_at_once_each_by_itself() -> None:
    assert told(Policy(), *map(happening, range(3)), now_s=0.0) == ["alarm 0", "alarm 1", "alarm 2"]


def test_the_same_thing_is_told_once_and_after_a_while_again() -> None:
    policy = Policy()
    assert told(policy, happening(1), happening(1), now_s=0.0) == ["alarm 1"]
    assert told(policy, happening(1), now_s=REPEAT_S - 0.1) == []
    assert told(policy, happening(1), now_s=REPEAT_S) == ["alarm 1"], "one that comes and goes all day is told again"


def test_the_same_name_on_another_server_or_of_another_kind_is_something_else() -> None:
    others = [happening(1), happening(1, server="b"), happening(1, kind=Kind.HEALTH)]
    assert len(told(Policy(), *others, now_s=0.0)) == 3


def test_a_storm_is_a_few_messages_and_one_that_counts_the_rest() -> None:
    policy = Policy()
    assert len(told(policy, *map(happening, range(MAX_IN_WINDOW + 7)), now_s=0.0)) == MAX_IN_WINDOW
    assert told(policy, now_s=WINDOW_S - 0.1) == []
    assert told(policy, now_s=WINDOW_S) == ["7 more critical alarms"]
    assert told(policy, now_s=WINDOW_S) == []


def test_a_single_one_that_had_to_wait_is_told_itself() -> None:
    policy = Policy()
    told(policy, *map(happening, range(MAX_IN_WINDOW + 1)), now_s=0.0)
    assert told(policy, now_s=WINDOW_S) == [f"alarm {MAX_IN_WINDOW}"]


def test_what_waited_is_told_by_kind_with_its_servers_and_is_urgent_if_one_of_it_is() -> None:
    policy = Policy()
    told(policy, *map(happening, range(MAX_IN_WINDOW)), now_s=0.0)
    told(policy, *(happening(9, server=f"s{i}", kind=Kind.HEALTH) for i in range(6)), now_s=1.0)
    policy.take(happening(99), 2.0)
    due = policy.due(WINDOW_S)
    assert due is not None
    assert due.title == "1 more critical alarm, 6 more devices in worse health"
    assert due.text == ", ".join(f"s{i}" for i in range(MAX_SERVERS_NAMED)) + "…"
    assert due.is_urgent


def test_what_is_remembered_is_bounded() -> None:
    policy = Policy()
    told(policy, *map(happening, range(MAX_REMEMBERED + 50)), now_s=0.0)
    assert len(policy._told_s) == MAX_REMEMBERED


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.0, 40.0)), max_size=80))
def test_never_more_than_so_many_a_minute_and_nothing_new_untold(steps: list[tuple[int, float]]) -> None:
    policy, now_s, sent_s, taken, counted = Policy(), 0.0, [], set(), 0
    for number, pause_s in (*steps, (0, 2 * WINDOW_S)):
        now_s += pause_s
        if number not in taken and now_s < REPEAT_S:
            taken.add(number)
        policy.take(happening(number), now_s)
        due = policy.due(now_s)
        if due is not None:
            sent_s.append(now_s)
            counted += int(due.title.split()[0]) if "more" in due.title else 1
    assert counted >= len(taken)
    for first, last in zip(sent_s, sent_s[MAX_IN_WINDOW:], strict=False):
        assert last - first >= WINDOW_S
