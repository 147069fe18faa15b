"""The preferences of a run: changed at once, written a little later, by a thread, so that no frame waits for a disk."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from lablink_dpg.preferences import values
from lablink_dpg.preferences.values import Preferences

SAVE_AFTER_S = 2.0  # after the last change: who drags an edge makes sixty a second
LATEST_S = 20.0  # after the first one, however often it changes
WRITE_S = 5.0  # a disk that takes longer is not waited for at the end

Save = Callable[[Mapping[str, Any]], str]  # changes by key; answers what went wrong, or ""


class Keeper:
    """Main thread. Without ``save`` nothing outlives the run."""

    def __init__(self, preferences: Preferences | None = None, save: Save | None = None, place: str = "") -> None:
        """``preferences``: as this run uses them, the command line's wishes included, which are not written."""
        self.preferences = preferences or Preferences()
        self.place = place  # of the file, for a person; "" where there is none
        self.saved = 0  # times that it was written
        self._save = save
        self._changed: set[str] = set()  # keys that the file does not know yet
        self._due_s = self._latest_s = 0.0
        self._writing: threading.Thread | None = None
        self._problems: list[str] = []  # appended by the writing thread, as the next
        self._failed: list[str] = []  # keys that could not be written: tried again with the next change, and at the end

    @property
    def is_saved(self) -> bool:
        return not self._changed and not self.is_writing

    @property
    def is_writing(self) -> bool:
        return self._writing is not None and self._writing.is_alive()

    def change(self, preferences: Preferences, now_s: float) -> None:
        """Use these from now on.

        Raises:
            ValueError: in one line, for what would not be read again; nothing is changed.
        """
        keys = values.changed(self.preferences, preferences)
        if not keys:
            return
        values.check(preferences, keys)
        self.preferences = preferences
        if self._save is not None:
            if not self._changed:
                self._latest_s = now_s + LATEST_S
            self._changed.update(keys)
            self._due_s = min(self._latest_s, now_s + SAVE_AFTER_S)

    def tick(self, now_s: float) -> tuple[str, ...]:
        """Begin to write if it is time; what went wrong with what was written. Cheap: called on every turn."""
        if self.is_writing:
            return ()
        if self._writing is not None:
            self._end(WRITE_S)
        elif self._changed and now_s >= self._due_s:
            self._begin()
        return self._take_problems() if self._problems else ()

    def close(self) -> tuple[str, ...]:
        """Write what is not written yet, and wait for it."""
        for _ in range(2):
            if self._writing is None and self._changed:
                self._begin()
            self._end(WRITE_S)
        return self._take_problems()

    def _take_problems(self) -> tuple[str, ...]:
        problems, self._problems = tuple(dict.fromkeys(self._problems)), []
        return problems

    def _begin(self) -> None:
        changes = values.dump(self.preferences, sorted(self._changed, key=values.KEYS.index))
        self._changed.clear()
        # A daemon, so that a disk that hangs never keeps the program from ending.
        self._writing = threading.Thread(target=self._write, args=(changes,), name="lablink-settings", daemon=True)
        self._writing.start()

    def _end(self, wait_s: float) -> None:
        if self._writing is not None:
            self._writing.join(wait_s)
            self._writing = None
        if self._failed:
            self._changed.update(self._failed)
            self._failed.clear()
            self._due_s = self._latest_s = math.inf

    def _write(self, changes: Mapping[str, Any]) -> None:
        assert self._save is not None
        problem = self._save(changes)
        self.saved += 1
        if problem:
            self._problems.append(problem)
            self._failed += changes
