"""Everything a run was asked for: one frozen value, validated once.

``SettingsError`` is deliberately no ``ValueError``: argparse swallows those and says only "invalid value", while each
error here is one line that names the option, the value and what is allowed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lablink_dpg.model.link import Mode, Wire
from lablink_dpg.model.storage import Storage

DEFAULT_SERVER = "localhost:8000"  # where a LabLink server listens unless told otherwise
TOKEN_VARIABLE = "LABLINK_TOKEN"
CONFIG_DIR_VARIABLE = "LABLINK_DPG_CONFIG_DIR"  # instead of the place that this platform has for it
STANDARD_OUTPUT = Path("-")  # as --report
MAX_USER_NAME = 128  # characters
MAX_SERVERS = 8  # each has a column of statistics, and so many fit the narrowest window


class SettingsError(Exception):
    """What was asked for cannot be done; the text is one line for a person."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The range of one numeric option."""

    option: str
    low: float
    high: float
    unit: str = ""
    is_whole: bool = True

    @property
    def allowed(self) -> str:
        kind = "a whole number" if self.is_whole else "a number"
        return f"{kind} from {self.low:.10g} to {self.high:.10g}{self.unit and ' ' + self.unit}"

    def parse(self, text: str) -> int | float:
        """Raises SettingsError, also for NaN and infinity."""
        try:
            value: int | float = int(text) if self.is_whole else float(text)
        except ValueError:
            raise SettingsError(f"{self.option} {text!r}: must be {self.allowed}") from None
        self.check(value)
        return value

    def check(self, value: object) -> None:
        """Raises SettingsError, also for NaN and infinity."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int if self.is_whole else (int, float))
            or not self.low <= value <= self.high  # false for NaN too
        ):
            raise SettingsError(f"{self.option} {value!r}: must be {self.allowed}")


# By field of Settings. Beyond these a value is a slip of the finger rather than a wish.
BOUNDS: Mapping[str, Bound] = {
    "streams": Bound("--streams", 1, 1024),  # 16 times the 64 that have to run smoothly
    "rate_hz": Bound("--rate", 0.01, 1_000_000, "Hz", is_whole=False),  # timestamps are whole µs: no more fit
    "channels": Bound("--channels", 1, 64),  # a scope has 4, a large scanner 64
    "interval_ms": Bound("--interval-ms", 1, 60_000, "ms"),  # rarer than once a minute is not live
    "seed": Bound("--seed", 0, 2**31),  # what the simulator accepts
    "ws_port": Bound("--ws-port", 1, 65_535),
    "retry_max_s": Bound("--retry-max", 0.5, 3600, "s", is_whole=False),  # the first wait, to once an hour
    "fps": Bound("--fps", 1, 240, "frames/s", is_whole=False),  # no screen shows more
    "window_s": Bound("--window", 0.001, 86_400, "s", is_whole=False),  # one sample at 1 kHz, to a day
    "history": Bound("--history", 1_000, 100_000_000, "samples"),  # a screen's width, to gigabytes a channel
    "duration_s": Bound("--duration", 0.1, 31_536_000, "s", is_whole=False),  # to a year; without it, for ever
}

# By field of Settings: what counts where the command line says nothing, before what was kept from earlier runs.
ENVIRONMENT: Mapping[str, str] = {
    "ws_port": "LABLINK_DPG_WS_PORT",
    "mode": "LABLINK_DPG_MODE",
    "wire": "LABLINK_DPG_WIRE",
    "fps": "LABLINK_DPG_FPS",
    "window_s": "LABLINK_DPG_WINDOW",
    "history": "LABLINK_DPG_HISTORY",
    "storage": "LABLINK_DPG_STORAGE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Valid by construction: a wrong value raises SettingsError. Either ``servers`` or ``streams`` is set."""

    servers: tuple[str, ...] = ()  # as typed; what forms an address has is known to ``link.address``, and cli asks it
    streams: int | None = None  # stress run: acquisitions of an own simulator
    rate_hz: float = 1000.0  # this and the next three are of the stress run
    channels: int = 1
    interval_ms: int = 50
    seed: int = 0
    faults: tuple[str, ...] = ()  # of the simulator; their words are known to ``sim.script``, and cli asks it
    ws_port: int | None = None  # of every server; None: see ``ws_ports``
    ws_ports: tuple[int | None, ...] = ()  # kept from earlier runs, as ``servers``; None, or no such: the port of REST
    mode: Mode = Mode.HYBRID
    wire: Wire = Wire.AUTO  # how samples are written on a WebSocket
    retry_max_s: float = 30.0  # longest wait before the next try of a server that is not there
    token: str | None = field(default=None, repr=False)  # never in a log, an error or a file
    user: str | None = field(default=None, repr=False)  # to log in as; the password is asked for
    remember: bool = False  # keep the login, not the password, in the system's keyring
    insecure: bool = False  # do not verify certificates
    ca_file: Path | None = None  # certificates to trust instead of the system's
    fps: float = 30.0
    window_s: float = 10.0
    history: int = 1_000_000  # samples per channel
    storage: Storage = Storage.FLOAT64
    duration_s: float | None = None  # None: until the user ends it
    headless: bool = False
    notifications: bool = True  # on the desktop, of critical alarms and of health that gets worse
    verify: bool = False
    report: Path | None = None
    screenshot: Path | None = None
    tour: Path | None = None  # folder for pictures of every panel and state
    verbose: bool = False
    log_file: Path | None = None

    def __post_init__(self) -> None:
        for name, bound in BOUNDS.items():
            value = getattr(self, name)
            if value is not None:
                bound.check(value)
        if not self.servers and self.streams is None:
            raise SettingsError("SERVER or --streams: one of them must be given")
        if len(self.servers) > MAX_SERVERS:
            raise SettingsError(f"SERVER: {len(self.servers)} servers, at most {MAX_SERVERS} can be watched at once")
        if self.servers and self.streams is not None:
            raise SettingsError(f"SERVER and --streams {self.streams}: give one, a stress run brings its own server")
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and self.token.split()):
            raise SettingsError(f"--token (or {TOKEN_VARIABLE}): must be printable ASCII in one line")
        if self.user is not None and not (self.user.isprintable() and 0 < len(self.user.strip()) <= MAX_USER_NAME):
            raise SettingsError(f"--user: must be a name of at most {MAX_USER_NAME} printable characters")
        if self.user is not None and self.token is not None:
            raise SettingsError("--user and --token: give one, a token needs no login")
        if self.streams is not None and (self.user is not None or self.remember):
            raise SettingsError("--user and --remember: a stress run brings its own server, which wants no login")
        if self.insecure and self.ca_file is not None:
            raise SettingsError("--insecure and --ca-file: give one, certificates are verified or they are not")
        for option, path in (("--screenshot", self.screenshot), ("--tour", self.tour)):
            if self.headless and path is not None:
                raise SettingsError(f"{option} {str(path)!r}: needs a window, so it excludes --headless")

    @property
    def is_report_on_stdout(self) -> bool:
        return self.report == STANDARD_OUTPUT


def config_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's configuration of this program lives; need not exist."""
    if override := environ.get(CONFIG_DIR_VARIABLE):
        return Path(override)
    import platformdirs  # here, because most starts name their server and need no such place

    return Path(platformdirs.user_config_dir("lablink-dpg", appauthor=False))
