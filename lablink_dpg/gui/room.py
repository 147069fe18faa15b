"""What a bar shows where there is no room for everything: what matters least shrinks or goes first.

Nothing ever overlaps. A larger scale is a narrower window, so everything here is in sizes for 100 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

CONTROL_GAP_PX = 8
EDGE_PX = 12  # right of the last control
PRODUCT_X_PX, PRODUCT_PX = 14, 110  # the program's name at the left
LEAST_TEXT_PX = 210  # for the servers' names: "● connected · labserver:8000"
LEAST_TEXT_SHOWN_PX = 70  # narrower, it says nothing


class Form(IntEnum):
    """Of a control."""

    WIDE = 0
    NARROW = 1
    SHORT = 2  # with a shorter word
    GONE = 3


@dataclass(frozen=True, slots=True)
class Widths:
    """At 100 %; a form that is not there looks like the one before."""

    wide: int
    narrow: int
    short: int

    def of(self, form: Form) -> int:
        return (self.wide, self.narrow, self.short, 0)[form]


# From left to right.
CONTROLS: Mapping[str, Widths] = {
    "product": Widths(PRODUCT_PX, PRODUCT_PX, PRODUCT_PX),  # at the left edge; the others from the right one
    "mode": Widths(126, 126, 126),  # "websocket" beside the arrow, also where letters are rounded up
    "reconnect": Widths(104, 104, 40),
    "filter": Widths(150, 130, 130),
    "span": Widths(96, 96, 96),  # "10 min"
    "y": Widths(96, 88, 40),
    "wall": Widths(56, 56, 56),
    "overlay": Widths(122, 104, 64),
    "live": Widths(176, 176, 112),
    "statistics": Widths(64, 64, 64),
    "log": Widths(54, 54, 54),
    "help": Widths(34, 34, 34),
}
# In this order, until there is room. Live or held is told always, and so is the length of the time axis.
GIVES_WAY: tuple[tuple[str, Form], ...] = (
    *((name, Form.NARROW) for name in CONTROLS),
    ("reconnect", Form.SHORT),
    ("filter", Form.GONE),
    ("y", Form.GONE),
    ("product", Form.GONE),
    ("overlay", Form.SHORT),
    ("live", Form.SHORT),
    ("log", Form.GONE),
    ("statistics", Form.GONE),
    ("reconnect", Form.GONE),
    ("mode", Form.GONE),
    ("help", Form.GONE),
    ("wall", Form.GONE),
    ("overlay", Form.GONE),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """Left edges at 100 %; ``places`` has only what is shown."""

    places: Mapping[str, tuple[int, int]]  # left edge and width
    forms: Mapping[str, Form]
    text_x: int
    text_width: int  # of the servers' names; 0: they are not shown


def toolbar(width: float) -> Fit:
    """Of a bar of ``width`` (at 100 %)."""
    forms = dict.fromkeys(CONTROLS, Form.WIDE)
    steps = iter(GIVES_WAY)
    while True:
        fit = _toolbar(int(width), forms)
        step = next(steps, None) if fit.text_width < LEAST_TEXT_PX else None
        if step is None:
            return fit
        forms[step[0]] = step[1]


def _toolbar(width: int, forms: Mapping[str, Form]) -> Fit:
    places: dict[str, tuple[int, int]] = {}
    x = width - EDGE_PX
    for name, widths in reversed(tuple(CONTROLS.items())):
        own = widths.of(forms[name])
        if not own or name == "product":
            continue
        x -= own
        places[name] = x, own
        x -= CONTROL_GAP_PX
    left = PRODUCT_X_PX
    if forms["product"] is not Form.GONE:
        places["product"] = left, PRODUCT_PX
        left += PRODUCT_PX
    room = x - left
    return Fit(places, dict(forms), left, room if room >= LEAST_TEXT_SHOWN_PX else 0)


def fields(widths: Sequence[int], ranks: Sequence[int], width: float) -> list[int | None]:
    """Left edges, at 100 %, of fields in a row; None for those that give way, the highest rank first."""
    shown = set(range(len(widths)))
    for index in sorted(shown, key=lambda each: ranks[each], reverse=True):
        if sum(widths[each] for each in shown) <= width:
            break
        shown.discard(index)
    x = 0
    out: list[int | None] = []
    for index, own in enumerate(widths):
        out.append(x if index in shown else None)
        x += own if index in shown else 0
    return out
