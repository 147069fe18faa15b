"""The lists that are asked for over REST: where each is, how often, and who reads it. One line a topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from lablink_dpg.model.topic import Topic

Stamp: TypeAlias = Callable[[Any], int]  # from a time as the server writes it to Unix µs; now for anything else
MAX_ITEMS = 5000  # of one list that are read


class Subject(NamedTuple):
    path: str
    every_s: float  # between two lists while nobody looks
    watched_s: float  # while somebody does
    parse: Callable[[Any, Stamp], Iterable[Any]]  # answer → frozen values of ``model``; never raises


SUBJECTS: Mapping[Topic, Subject] = {}
