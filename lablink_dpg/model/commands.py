"""What the display can ask of the link; each is handed over by ``call_soon_threadsafe``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from lablink_dpg.model.link import Mode
from lablink_dpg.model.orders import Order
from lablink_dpg.model.topic import Topic


@dataclass(frozen=True, slots=True)
class ReconnectNow:
    """Drop the connection, if any, and try at once, whatever the backoff says."""


@dataclass(frozen=True, slots=True)
class SetMode:
    mode: Mode


@dataclass(frozen=True, slots=True)
class Login:
    """Log in, where a server asks for it. A wrong password is not tried again."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    remember: bool = False  # keep the login, not the password, in the system's keyring


@dataclass(frozen=True, slots=True)
class Forget:
    """Log out, and delete what the system's keyring keeps of it."""


@dataclass(frozen=True, slots=True)
class WatchDevice:
    """Have the readings of a device come, or not."""

    equipment_id: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class WatchTopics:
    """Somebody looks at these now, and at no others: they are asked for more often."""

    topics: frozenset[Topic]


@dataclass(frozen=True, slots=True)
class SetHistory:
    """Keep so much of every acquisition from now on; of what is there, the newest."""

    samples: int  # a channel


Command: TypeAlias = ReconnectNow | SetMode | Login | Forget | WatchDevice | WatchTopics | SetHistory | Order
