"""What is asked of a server again and again over REST beside its samples, and how that goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lablink_dpg.model.link import Way


class Topic(StrEnum):
    ALARMS = "alarms"  # events that are open
    RULES = "alarm rules"
    HEALTH = "health"
    SYSTEM = "system diagnostics"
    JOBS = "jobs"
    EXECUTIONS = "job runs"
    ACQUISITIONS = "acquisitions"
    READINGS = "readings"  # of devices: no list, they are told more often while somebody looks


@dataclass(frozen=True, slots=True)
class TopicAnswer:
    """A whole list, as the server had it just now."""

    topic: Topic
    items: tuple[Any, ...]  # frozen values of ``model``
    at_us: int
    asked_us: int | None = None  # it is not older than that; None: than ``at_us``

    @property
    def since_us(self) -> int:
        """What was told after this may be missing in it."""
        return self.at_us if self.asked_us is None else self.asked_us


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """It could not be had. ``is_absent``: this server does not have it, and is asked again only by a new connection."""

    topic: Topic
    why: str  # one line for a person
    at_us: int
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """How what a panel shows is known."""

    listed_us: int | None = None  # when the last list came over REST
    told_us: int | None = None  # when the last event came over the WebSocket
    problem: str = ""  # "" while all is well
    is_absent: bool = False  # not available on this server

    @property
    def way(self) -> Way | None:
        """How the newest of it came; None before anything has."""
        if self.told_us is None and self.listed_us is None:
            return None
        return Way.WEBSOCKET if (self.told_us or 0) >= (self.listed_us or 0) else Way.REST
