"""Everything that can be done from the keyboard, as one table: keys, help page and command palette are made from it.

A command without a key is found by its words. Nothing here knows the window library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

AGAIN = "… again to confirm: Enter"  # beside a command that waits for its second time
MAX_FOUND = 12  # commands that the palette shows: as many as fit a window of 560 lines


class Control(Enum):
    """What the Ctrl key means to a binding."""

    EITHER = "either"
    HELD = "held"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Command:
    """``keys`` are names of ``hands.KEYS``; ``shown`` is how a person calls them; "" where there is none."""

    title: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()
    shown: str = ""
    control: Control = Control.FREE
    repeats: bool = False  # while the key is held down
    works_while_typing: bool = False  # its key is no letter that anybody could want to write
    is_asked_twice: bool = False  # in the palette, as panels ask: what it ends does not come back


def matching(commands: Iterable[Command], text: str) -> list[Command]:
    """Commands for what was typed, best first, at most MAX_FOUND; in the table's order where nothing tells them apart.

    Each word typed must occur in the title; one that begins a word of it counts more, and so does an early one.
    """
    words = text.casefold().split()
    found: list[tuple[int, int, Command]] = []
    for number, command in enumerate(commands):
        title = command.title.casefold()
        ranks = [_rank(title, word) for word in words]
        if None not in ranks:
            found.append((sum(rank for rank in ranks if rank is not None), number, command))
    found.sort(key=lambda each: each[:2])
    return [command for _, _, command in found[:MAX_FOUND]]


def _rank(title: str, word: str) -> int | None:
    """0 at the very beginning, small at the beginning of a word, large inside one, None if it does not occur."""
    if title.startswith(word):
        return 0
    at = title.find(" " + word)
    if at >= 0:
        return 1 + at
    at = title.find(word)
    return 1000 + at if at >= 0 else None


def is_meant(command: Command, asked: Command | None) -> bool:
    """Whether it is to be done now; ``asked`` is the one that waits to be chosen for the second time."""
    return not command.is_asked_twice or command is asked


def stepped(selected: int, step: int, found: Sequence[Command]) -> int:
    """The next line of the list up or down, around its ends; 0 for an empty one."""
    return (selected + step) % len(found) if found else 0
