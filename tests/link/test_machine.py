"""Tests of lablink_dpg.link.machine: walks over the whole table."""

from __future__ import annotations

import pytest

from lablink_dpg.link.machine import TRANSITIONS, LinkInput, advance
from lablink_dpg.model.link import LinkState


def _reachable(start: LinkState) -> set[LinkState]:
    found, new = {start}, {start}
    while new:
        new = {target for (state, _), target in TRANSITIONS.items() if state in new} - found
        found |= new
    return found


def test_every_state_is_reachable_from_idle() -> None:
    assert _reachable(LinkState.IDLE) == set(LinkState)


@pytest.mark.parametrize("state", [state for state in LinkState if state is not LinkState.CLOSED])
def test_every_state_can_be_stopped_in_one_step(state: LinkState) -> None:
    assert advance(state, LinkInput.STOP) is LinkState.CLOSED


@pytest.mark.parametrize("state", [LinkState.CONNECTING, LinkState.WAITING, LinkState.POLLING])
def test_streaming_is_reachable_from_every_state_of_a_started_link(state: LinkState) -> None:
    assert LinkState.STREAMING in _reachable(state)


@pytest.mark.parametrize("state", [LinkState.CONNECTING, LinkState.STREAMING, LinkState.POLLING, LinkState.WAITING])
def test_the_user_can_have_a_new_try_in_every_state_of_a_started_link(state: LinkState) -> None:
    assert advance(state, LinkInput.RETRY) is LinkState.CONNECTING


@pytest.mark.parametrize("state", [LinkState.STREAMING, LinkState.POLLING])
def test_a_server_that_was_there_is_tried_at_once_when_it_is_lost_and_waited_for_when_that_fails(
    state: LinkState,
) -> None:
    assert advance(state, LinkInput.LOST) is LinkState.CONNECTING
    assert advance(LinkState.CONNECTING, LinkInput.LOST) is LinkState.WAITING


def test_a_closed_link_takes_nothing() -> None:
    assert not [pair for pair in TRANSITIONS if pair[0] is LinkState.CLOSED]


@pytest.mark.parametrize(
    ("state", "happened"),
    [(state, happened) for state in LinkState for happened in LinkInput if (state, happened) not in TRANSITIONS],
)
def test_a_pair_that_is_not_in_the_table_is_a_bug_that_names_both(state: LinkState, happened: LinkInput) -> None:
    with pytest.raises(ValueError, match=rf"'{state.value}'.*'{happened.value}'"):
        advance(state, happened)


def test_every_input_is_used() -> None:
    assert {happened for _, happened in TRANSITIONS} == set(LinkInput)
