"""The one door for faults: every message and every REST call passes here.

This is only what is wrong at present, and what that does to what passes. ``director`` decides when something goes
wrong; the rest of the simulator knows nothing of either.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from starlette.responses import Response

from lablink_dpg.sim.garbage import Frame, garble
from lablink_dpg.sim.garbage_typed import garble as garble_typed
from lablink_dpg.sim.pieces import Pieces
from lablink_dpg.sim.script import EQUIPMENT, READINGS
from lablink_dpg.sim.typed import Window

ACQUISITION: Final = "acquisition"  # the stream type under which the hub keeps acquisition streams
WITH_DATETIME: Final = frozenset({"readings", "waveform"})  # stream types that the released server cannot serialise
HUGE_BYTES: Final = 65 << 20  # of a message that is too large: just over the 64 MiB that a client must accept
HUGE_EVERY_S: Final = 1.0  # one of them costs 0.1 s of work here, and a stream has ten windows a second or more


Which: TypeAlias = int | str | tuple[int, ...]  # so many of the last acquisitions, EQUIPMENT or READINGS, their places


class Poison(Exception):
    """This message cannot be serialised: whoever it was for falls off the broadcast list."""


class Faults:
    """A server in good health, until an attribute says otherwise. Event loop only."""

    def __init__(self) -> None:
        self.acquisitions: Mapping[str, object] = {}  # those of the lab, in their order
        self.begin: Callable[[str], None] = _nobody_listens  # NAME[:ARG] at once; set while a server runs
        self.forget()

    def forget(self) -> None:
        """Everything that lasts is over."""
        self.ws_status: int | None = None  # handshakes are refused with it
        self.silent: Which = 0
        self.poisonous: Which = 0
        self.stalled_until_s = 0.0  # loop time
        self.flood = 1.0
        self.garbage: deque[str] = deque()  # kinds to send, one a message
        self.stamps: Callable[[list[str]], list[str]] | None = None  # what becomes of a window's timestamps
        self.rest_delay_s = 0.0
        self.rest_answer: Callable[[], Response] | None = None
        self._huge: dict[str, int] = {}  # acquisition id → from so many samples on its messages are too large
        self._huge_due_s = 0.0

    def make_huge(self, acquisition_id: str, num_samples: int) -> None:
        """``num_samples`` 0: as many as will be asked for next."""
        self._huge[acquisition_id] = num_samples

    def outgoing(self, text: str) -> str | None:
        """A WebSocket message on its way to every client: as it is, changed, or None to lose it."""
        return text

    def answer(self, method: str, path: str) -> Response | None:
        """What to answer a REST call instead of the truth; None to let it through."""
        return None if self.rest_answer is None else self.rest_answer()

    def stream(self, key: tuple[str, str], message: str | Pieces, num_samples: int, now_s: float) -> tuple[Frame, ...]:
        """The frames to send instead of a stream's message; none to lose it.

        Raises:
            Poison: if the message cannot be sent at all.
        """
        if not self._passes(key):
            return ()
        source, kind = key
        if kind != ACQUISITION or not (self._huge or self.stamps is not None or self.garbage):
            return (message,)
        text = str(message)
        if self._is_huge(source, num_samples):
            return (text.ljust(HUGE_BYTES),) if self._huge_is_due(now_s) else ()
        if self.stamps is not None:
            text = self.stamped(text)
        if self.garbage and '"timestamps":["' in text:
            return garble(self.garbage.popleft(), text)
        return (text,)

    def typed(self, key: tuple[str, str], window: Window, num_samples: int, now_s: float) -> tuple[Frame, ...]:
        """The same of a typed message of an acquisition."""
        if not self._passes(key):
            return ()
        if self._is_huge(key[0], num_samples):
            return (window.encode().ljust(HUGE_BYTES, b"\0"),) if self._huge_is_due(now_s) else ()
        if self.stamps is not None:
            window = window.stamped(self.stamps)
        if self.garbage and window.count:
            return garble_typed(self.garbage.popleft(), window)
        return (window.pieces(),)

    def _passes(self, key: tuple[str, str]) -> bool:
        if self.poisonous and self._is_meant(self.poisonous, *key):
            raise Poison
        return not (self.silent and self._is_meant(self.silent, *key))

    def _is_huge(self, source: str, num_samples: int) -> bool:
        if source not in self._huge or num_samples < (self._huge[source] or num_samples):
            return False
        self._huge[source] = self._huge[source] or num_samples
        return True

    def _huge_is_due(self, now_s: float) -> bool:
        if now_s < self._huge_due_s:
            return False
        self._huge_due_s = now_s + HUGE_EVERY_S
        return True

    def stamped(self, text: str) -> str:
        """A window, as a message or as REST's answer, with the timestamps that are wrong at present."""
        head, found, rest = text.partition('"timestamps":["')
        if self.stamps is None or not found:
            return text
        inside, end, tail = rest.partition('"]')
        changed = '","'.join(self.stamps(inside.split('","')))
        return f"{head}{found}{changed}{end}{tail}"

    def _is_meant(self, which: Which, source: str, kind: str) -> bool:
        if which == EQUIPMENT:
            return kind != ACQUISITION
        if which == READINGS:
            return kind in WITH_DATETIME
        if kind != ACQUISITION or source not in self.acquisitions:
            return False
        place = list(self.acquisitions).index(source)
        if isinstance(which, tuple):
            return place in which
        assert isinstance(which, int)
        return place >= len(self.acquisitions) - which


def swapped(stamps: list[str]) -> list[str]:
    """Each with its neighbour."""
    swapped = stamps.copy()
    even = len(stamps) // 2 * 2
    swapped[0:even:2], swapped[1:even:2] = stamps[1:even:2], stamps[0:even:2]
    return swapped


def whole(stamps: list[str]) -> list[str]:
    """Without fraction of a second."""
    return [stamp.partition(".")[0] for stamp in stamps]


def _nobody_listens(text: str) -> Any:
    raise RuntimeError(f"no server runs that could begin {text}")
