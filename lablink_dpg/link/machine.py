"""The link's state machine: one table, so that a missing case is visible.

The table says where an input leads; what is done on the way is the supervisor's. A pair that is not in the table
is a bug of ours and raises at once. CLOSED is the end: a link is not reused, a new one is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from lablink_dpg.model.link import LinkState


class LinkInput(StrEnum):
    """What can happen to a link."""

    START = "start"
    SOCKET_OPENED = "socket opened"
    REST_ONLY = "REST only"  # REST answers, the WebSocket is refused or not wanted
    LOST = "lost"  # not reachable, or no longer
    RETRY = "retry"  # the wait is over, or the user wants it now, perhaps in another mode
    STOP = "stop"


TRANSITIONS: Mapping[tuple[LinkState, LinkInput], LinkState] = MappingProxyType(
    {
        (LinkState.IDLE, LinkInput.START): LinkState.CONNECTING,
        (LinkState.IDLE, LinkInput.STOP): LinkState.CLOSED,
        (LinkState.CONNECTING, LinkInput.SOCKET_OPENED): LinkState.STREAMING,
        (LinkState.CONNECTING, LinkInput.REST_ONLY): LinkState.POLLING,
        (LinkState.CONNECTING, LinkInput.LOST): LinkState.WAITING,
        (LinkState.CONNECTING, LinkInput.RETRY): LinkState.CONNECTING,
        (LinkState.CONNECTING, LinkInput.STOP): LinkState.CLOSED,
        (LinkState.STREAMING, LinkInput.LOST): LinkState.CONNECTING,  # it was there a moment ago: tried at once
        (LinkState.STREAMING, LinkInput.RETRY): LinkState.CONNECTING,
        (LinkState.STREAMING, LinkInput.STOP): LinkState.CLOSED,
        (LinkState.POLLING, LinkInput.SOCKET_OPENED): LinkState.STREAMING,
        (LinkState.POLLING, LinkInput.LOST): LinkState.CONNECTING,
        (LinkState.POLLING, LinkInput.RETRY): LinkState.CONNECTING,
        (LinkState.POLLING, LinkInput.STOP): LinkState.CLOSED,
        (LinkState.WAITING, LinkInput.RETRY): LinkState.CONNECTING,
        (LinkState.WAITING, LinkInput.STOP): LinkState.CLOSED,
    }
)


def advance(state: LinkState, happened: LinkInput) -> LinkState:
    """The state that follows.

    Raises:
        ValueError: if the table has no such pair.
    """
    try:
        return TRANSITIONS[state, happened]
    except KeyError:
        raise ValueError(f"a link that is {state.value!r} cannot take {happened.value!r}") from None
