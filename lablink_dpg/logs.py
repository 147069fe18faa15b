"""Where log lines go: one line each on standard error for a person, everything into a file for later.

Standard output gets nothing, because it belongs to the report. Libraries are held at WARNING even with ``--verbose``:
their DEBUG lines contain whole request URLs, and the WebSocket's carries the token. Should one slip into an error all
the same, the formatters mask it, those too that a login brought later (``hide``).
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from urllib.parse import quote

from lablink_dpg.settings import SettingsError

_PACKAGE = "lablink_dpg"
_MASK = "***"
MAX_SECRETS = 64  # newest, of all servers: older tokens have expired, and opened nothing for hours
_WORDS = {"WARNING": "warning", "ERROR": "error", "CRITICAL": "internal error"}  # CRITICAL is for our own bugs only


class Blanks:
    """Texts without the secrets that they may repeat. Any thread."""

    def __init__(self, mask: str) -> None:
        self._mask = mask
        self._lock = threading.Lock()  # two links may log in at the same moment
        self._secrets: list[str] = []  # oldest first
        self._forms: tuple[str, ...] = ()  # each as it is and as in a URL, the longest first; swapped whole

    def add(self, secret: str) -> None:
        with self._lock:
            if secret and secret not in self._secrets:
                self._secrets = [*self._secrets[1 - MAX_SECRETS :], secret]
                forms = {form for each in self._secrets for form in (each, quote(each, safe=""))}
                self._forms = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, self._mask)
        return text


class _Full(logging.Formatter):
    """Time, level, module, text and traceback, without secrets."""

    def __init__(self, token: str | None) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self.blanked = Blanks(_MASK)
        self.blanked.add(token or "")

    def format(self, record: logging.LogRecord) -> str:
        return self.blanked(super().format(record))


class _OneLine(_Full):
    """What a person at a prompt wants: no time, no traceback, one line."""

    def format(self, record: logging.LogRecord) -> str:
        text = " ".join(record.getMessage().split())
        if record.exc_info:
            text += " (run with --verbose for details)"
        return self.blanked(f"lablink-dpg: {_WORDS.get(record.levelname, record.levelname.lower())}: {text}")


def hide(secret: str) -> None:
    """Have no line of the log show it from now on. Any thread."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Full):
            handler.formatter.blanked.add(secret)


def set_up(log_file: Path | None = None, *, is_verbose: bool = False, token: str | None = None) -> None:
    """Send the whole program's log to standard error and to ``log_file``. Called once, before any other thread runs.

    Raises:
        SettingsError: if the file cannot be opened.
    """
    logging.raiseExceptions = False  # a full disk under the log file is not a traceback for every line
    to_person = logging.StreamHandler(sys.stderr)
    to_person.setFormatter(_Full(token) if is_verbose else _OneLine(token))
    to_person.setLevel(logging.DEBUG if is_verbose else logging.WARNING)
    root = logging.getLogger()
    if log_file is not None:
        try:
            to_file = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--log-file {str(log_file)!r}: {error.strerror}") from None
        to_file.setFormatter(_Full(token))
        root.addHandler(to_file)
    root.addHandler(to_person)
    logging.getLogger(_PACKAGE).setLevel(logging.DEBUG if is_verbose else logging.INFO)
