"""When the next frame is due: at full pace while something changes, rarely while nothing does.

While nothing changes the loop of a window rests between its turns until it is woken, so that the first sample after
hours of silence is on the screen as soon as at any other time. Where nobody can wake it, it turns at full pace all the
time; a loop that nobody watches turns ten times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable

IDLE_S = 0.25  # between two frames while nothing changes: ages and countdowns are seen to go on …
QUIET_S = 1.0  # … and after QUIET_AFTER_S of that: they tell seconds
QUIET_AFTER_S = 10.0  # longer than anything that was begun by hand is waited for; news as rare as that end no quiet
TURN_S = 0.1  # the longest time between two turns until then, and where nobody can end a rest
LEAST_REST_S = 0.01  # so that no rounding makes a loop without a rest
LINGER_S = 1.0  # full pace after a change: a stream of a message a second scrolls as smoothly as any other …
GLIMPSE_S = 0.25  # … but less after one that comes alone: what is new takes a few frames to find its place


class Pace:
    """Of one loop; ``is_due`` and ``wait`` once a turn each. Main thread."""

    def __init__(
        self,
        fps: float,
        now_s: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], object] = time.sleep,
        *,
        is_watched: bool = True,
    ) -> None:
        """``is_watched``: by a person, whose input is asked for on each turn, however little changes."""
        self._is_watched = is_watched
        self.change(fps)
        self._now_s = now_s
        self._sleep = sleep
        self._turn_s = now_s()  # when this turn was to begin
        self._news: object = None
        self._changed_s = self._turn_s  # when something was last new
        self._active_until_s = self._turn_s + LINGER_S
        self._quiet_from_s = self._active_until_s + QUIET_AFTER_S
        self._last_s: float | None = None  # when the last frame began
        self.is_idle = False
        self._idle_s = IDLE_S  # between two frames of that kind

    def change(self, fps: float) -> None:
        """Frames a second wanted from now on."""
        self._frame_s = 1 / fps
        self._step_s = min(self._frame_s, TURN_S)

    def is_due(self, news: object, *, is_touched: bool = False) -> bool:
        """Whether to make a frame now. ``news`` differs from the last turn's if there is something new to show.

        ``is_touched``: the user did something, or the desktop did something to the window.
        """
        now_s = self._now_s()
        if is_touched or news != self._news:
            self._news = news
            silent_s, self._changed_s = now_s - self._changed_s, now_s
            is_alone = silent_s > 2 * LINGER_S and not is_touched
            self._active_until_s = max(self._active_until_s, now_s + (GLIMPSE_S if is_alone else LINGER_S))
            if is_touched or silent_s <= QUIET_AFTER_S:  # else such as a list that is asked for now and then
                self._quiet_from_s = self._active_until_s + QUIET_AFTER_S
        self.is_idle = now_s >= self._active_until_s
        self._idle_s = IDLE_S if now_s < self._quiet_from_s else QUIET_S
        every_s = max(self._frame_s, self._idle_s) if self.is_idle else self._frame_s
        if self._last_s is not None and now_s - self._last_s < every_s - self._step_s / 2:
            return False
        self._last_s = now_s
        return True

    def wait(self, rest: Callable[[float], object] | None = None) -> None:
        """Sleep until the next turn; one that is late begins anew instead of hurrying through those it missed.

        ``rest``: sleeps for so many seconds, or until there may be something new.
        """
        if rest is not None and self.is_idle:
            rest(TURN_S if self._idle_s == IDLE_S else self._until_due_s())  # whatever has to be heard at once ends it
            self._turn_s = self._now_s()
            return
        self._turn_s += self._step_s if self._is_watched or not self.is_idle else TURN_S
        now_s = self._now_s()
        if self._turn_s > now_s:
            self._sleep(self._turn_s - now_s)
        else:
            self._turn_s = now_s

    def _until_due_s(self) -> float:
        """Until the next frame, whenever this rest was begun: seconds are told one by one."""
        last_s = self._turn_s if self._last_s is None else self._last_s
        return min(max(last_s + self._idle_s - self._now_s(), LEAST_REST_S), self._idle_s)
