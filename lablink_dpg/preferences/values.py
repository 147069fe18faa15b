"""What is kept from run to run, as one frozen value, and how each of its keys is read from JSON and written to it.

Reading never raises: a value that cannot be used is left at its default, and one line says which and why. What it
says of a value is short and on one line, whatever the value is.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, NamedTuple

from lablink_dpg.model.link import Mode, Wire
from lablink_dpg.model.storage import Storage
from lablink_dpg.settings import BOUNDS, MAX_SERVERS, MAX_USER_NAME, Bound, SettingsError

MAX_RECENT = 12  # servers: as many as a person finds again in a list without searching
MAX_ADDRESS = 300  # characters: a host name has 253, and there are a scheme and a port
MAX_SHOWN = 60  # characters of a value in a message
MAX_DEPTH = 16  # of what others keep here; ours is four deep
MAX_OBJECT_BYTES = 64 * 1024  # of a layout, as JSON: hundreds of plots by name
FONT_SCALE = Bound("font_scale", 0.75, 3.0, is_whole=False)  # as gui.scale allows


class ThemeName(StrEnum):
    DARK = "dark"
    LIGHT = "light"


class LinePalette(StrEnum):
    COLOUR_BLIND = "colour-blind"  # told apart with any common colour blindness
    VIVID = "vivid"
    HIGH_CONTRAST = "high contrast"


class Server(NamedTuple):
    """A server as a person typed it; what forms an address has is known to ``link.address``."""

    address: str
    ws_port: int | None = None  # None: that of REST


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Valid where it was read from a file or changed by hand; the defaults are those of a first start."""

    last_servers: tuple[Server, ...] = ()  # watched by the last run: the next one's where none is named
    recent_servers: tuple[Server, ...] = ()  # newest first
    ws_port: int | None = None  # of servers for which no other is given; None: that of REST
    mode: Mode = Mode.HYBRID
    wire: Wire = Wire.AUTO
    fps: float = 30.0
    window_s: float = 10.0
    history: int = 1_000_000  # samples a channel
    storage: Storage = Storage.FLOAT64
    theme: ThemeName = ThemeName.DARK
    font_scale: float = 1.0
    lines: LinePalette = LinePalette.COLOUR_BLIND
    notifications: bool = True  # of the desktop
    acknowledged_by: str = ""  # who acknowledges alarms, until another name is typed
    docks: Mapping[str, Any] = field(default_factory=dict)  # which panels are open and where; gui knows its words
    plots: Mapping[str, Any] = field(default_factory=dict)  # which streams are in which plot; gui knows its words


class _Rule(NamedTuple):
    parse: Callable[[Any], Any]  # raises ValueError, its text says what is allowed
    dump: Callable[[Any], Any] = lambda value: value


def _number(name: str, *, may_be_none: bool = False, bound: Bound | None = None) -> _Rule:
    bound = bound or BOUNDS[name]

    def parse(value: Any) -> Any:
        if value is None and may_be_none:
            return None
        try:
            bound.check(value)
        except SettingsError:
            raise ValueError(f"must be {bound.allowed}{' or null' if may_be_none else ''}") from None
        return value if bound.is_whole else float(value)

    return _Rule(parse)


def _choice(kind: type[StrEnum]) -> _Rule:
    def parse(value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in [each.value for each in kind]:
            raise ValueError(f"must be one of {', '.join(kind)}")
        return kind(value)

    return _Rule(parse, str)


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_USER_NAME or not (value.isprintable() or not value):
        raise ValueError(f"must be a name of at most {MAX_USER_NAME} printable characters")
    return value


def _server(value: Any) -> Server:
    if isinstance(value, str):
        value = {"address": value}
    if not isinstance(value, Mapping):
        raise ValueError('must be an address, or an object with "address" and "ws_port"')
    address, ws_port = value.get("address"), value.get("ws_port")
    if not isinstance(address, str) or not 0 < len(address) <= MAX_ADDRESS or not address.isprintable():
        raise ValueError("must have an address as text")
    return Server(address, _RULES["ws_port"].parse(ws_port))


def _servers(most: int) -> _Rule:
    def parse(value: Any) -> tuple[Server, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise ValueError(f"must be a list of at most {most} servers")
        return tuple(_server(each) for each in value)

    return _Rule(parse, lambda servers: [each._asdict() for each in servers])


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict) and is_shallow(value):
        with contextlib.suppress(TypeError):  # from a program: what JSON has no word for
            if len(json.dumps(value)) <= MAX_OBJECT_BYTES:
                return value
    raise ValueError(f"must be an object of at most {MAX_OBJECT_BYTES} bytes, {MAX_DEPTH} deep")


_RULES: Mapping[str, _Rule] = {
    "last_servers": _servers(MAX_SERVERS),
    "recent_servers": _servers(MAX_RECENT),
    "ws_port": _number("ws_port", may_be_none=True),
    "mode": _choice(Mode),
    "wire": _choice(Wire),
    "fps": _number("fps"),
    "window_s": _number("window_s"),
    "history": _number("history"),
    "storage": _choice(Storage),
    "theme": _choice(ThemeName),
    "font_scale": _number("font_scale", bound=FONT_SCALE),
    "lines": _choice(LinePalette),
    "notifications": _Rule(_bool),
    "acknowledged_by": _Rule(_name),
    "docks": _Rule(_object),
    "plots": _Rule(_object),
}
KEYS = tuple(each.name for each in fields(Preferences))


def parse(found: Mapping[str, Any]) -> tuple[Preferences, tuple[str, ...]]:
    """What a file says, and a line for each value that cannot be used. Keys that nobody here knows are no trouble."""
    good: dict[str, Any] = {}
    problems = []
    for key in KEYS:
        if key in found:
            try:
                good[key] = _RULES[key].parse(found[key])
            except ValueError as error:
                problems.append(f"{key}: {shown(found[key])} {error}; the default is used")
    return Preferences(**good), tuple(problems)


def check(preferences: Preferences, keys: Iterable[str] = KEYS) -> None:
    """Raises ValueError, in one line, for what would not be read again."""
    for key, value in dump(preferences, keys).items():
        try:
            _RULES[key].parse(value)
        except ValueError as error:
            raise ValueError(f"{key}: {shown(value)} {error}") from None


def changed(before: Preferences, after: Preferences) -> tuple[str, ...]:
    return tuple(key for key in KEYS if getattr(before, key) != getattr(after, key))


def dump(preferences: Preferences, keys: Iterable[str]) -> dict[str, Any]:
    """As JSON writes it."""
    return {key: _RULES[key].dump(getattr(preferences, key)) for key in keys}


def with_recent(recent: Iterable[Server], *newest: Server) -> tuple[Server, ...]:
    """``newest`` before the others, each address once, bounded."""
    out: dict[str, Server] = {}
    for each in (*newest, *recent):
        out.setdefault(each.address, each)
    return tuple(out.values())[:MAX_RECENT]


def is_shallow(value: Any) -> bool:
    """Whether it is at most MAX_DEPTH deep, found out without recursion: it may be as deep as a parser allows."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for each in layer:
            if isinstance(each, dict):
                deeper += each.values()
            elif isinstance(each, list):
                deeper += each
        if not deeper:
            return True
        layer = deeper
    return False


def shown(value: Any) -> str:
    """A value in a message: what stands in a file may be long, deep, or have lines of its own."""
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value) if isinstance(value, str | int | float | bool | None) else repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
