"""The file of preferences: JSON that a person can read and change, replaced whole or not at all.

A program writes only the keys that were changed in it, into what the file says at that moment, so that two programs do
not undo each other's changes, and keys of another version stay. Nothing here raises for what a file holds or a disk
refuses: whoever measures goes on, and is told in one line.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lablink_dpg.preferences import values
from lablink_dpg.preferences.values import Preferences
from lablink_dpg.settings import config_dir

FILE = "preferences.json"
OLD_FILE = "remembered.json"  # of versions that remembered the last servers and nothing else
MAX_BYTES = 512 * 1024  # several times what ours may have; so large a file is not ours, and is not read whole
OLD_S = 3600.0  # a half-written file of a program that was killed is deleted when it is so old

log = logging.getLogger(__name__)


class Loaded(NamedTuple):
    """``problems`` are for a person, a line each; they are in the log already."""

    preferences: Preferences = Preferences()
    problems: tuple[str, ...] = ()


def place(directory: Path | None = None) -> Path:
    return (directory or config_dir()) / FILE


def load(directory: Path | None = None) -> Loaded:
    """What the last runs have left, or the defaults. Never raises.

    A file that cannot be understood is kept beside itself as ``….broken``.
    """
    path = place(directory)
    found, problem = _read(path)
    if found is None and not problem:
        found, problem = _read(path.with_name(OLD_FILE))
        found = _of_old(found)
    preferences, bad = values.parse(found or {})
    problems = (*([problem] if problem else ()), *(f"{path.name}: {each}" for each in bad))
    for each in problems:
        log.warning("%s", each)
    return Loaded(preferences, problems)


def save(changes: Mapping[str, Any], directory: Path | None = None) -> str:
    """Write ``changes``, by key as JSON has them; what went wrong, in one line, or "". Any thread, one at a time."""
    path = place(directory)
    found, problem = _read(path)
    if found is None and problem and _may_be_there(path):
        return f"the settings cannot be saved over what is there: {problem}"  # it may be in order, and be read again
    old = path.with_name(OLD_FILE)
    if found is None:
        found = _of_old(_read(old)[0])
    with contextlib.suppress(OSError, RuntimeError):  # a link to a file elsewhere stays a link
        path = path.resolve()
    kept = {key: value for key, value in (found or {}).items() if values.is_shallow(value)}
    raw = _text({**kept, **changes}) or _text(dict(changes))
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")  # two programs may end at the same moment
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        return f"the settings cannot be saved in {path}: {error.strerror}"
    with contextlib.suppress(OSError):
        old.unlink()  # what it held is in the new one
    _clear_away(path)
    return problem


def _may_be_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # not even that may be asked
        return True


def _text(content: Mapping[str, Any]) -> bytes:
    """Empty if it is larger than would be read again."""
    try:
        raw = json.dumps(content, indent=2, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, which JSON can spell and UTF-8 cannot
        raw = json.dumps(content, indent=2).encode()
    return raw + b"\n" if len(raw) < MAX_BYTES else b""


def _read(path: Path) -> tuple[dict[str, Any] | None, str]:
    """What it says, None if there is none or it says nothing; and what is wrong with it."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, f"the settings cannot be read from {path}: {error.strerror}"
    try:
        if len(raw) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        found = json.loads(raw.decode("utf-8-sig"))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (ValueError, RecursionError) as error:  # json's and UTF-8's errors are ValueErrors
        return None, _set_aside(path, " ".join(str(error).split()))
    return found, ""


def _of_old(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The keys of today for what an earlier version remembered."""
    if found is None:
        return None
    servers = found.get("last_servers", [found.get("last_server")])
    return {"last_servers": servers, **({"recent_servers": servers} if isinstance(servers, list) else {})}


def _set_aside(path: Path, reason: str) -> str:
    kept = path.with_name(path.name + ".broken")
    try:
        path.replace(kept)
    except OSError as error:
        return f"{path} is broken ({reason}) and cannot be moved: {error.strerror}"
    return f"{path} is broken ({reason}): kept as {kept.name}, starting without it"


def _clear_away(path: Path) -> None:
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f"{path.name}.*.new"):
            if time.time() - left.stat().st_mtime > OLD_S:
                left.unlink()
