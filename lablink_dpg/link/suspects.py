"""Which streams may be asked for on a connection, and whose fault it was when all of them ended at once.

A message that a server cannot write makes it drop the connection from its list without a word: nothing comes any more,
while it still answers pings and acknowledges new streams. What is started next to a poisonous stream dies with it, so
the poisonous one can only be found by what was heard before, and by starting suspects one at a time:

* Who has sent on a connection is proven. As long as nobody has ever died all streams are started at once; the poison
  is then among those that had not sent. They are started one by one on the next connections, the likeliest first.
* After the first death new streams come in groups of 1, 2, 4, …; each group has to prove itself before the next.
* A stream that is alone unheard when a connection dies on which others were heard is poisonous for certain. Where
  nobody was heard it may as well only be silent; it is kept off all the same, because the next one has to be tried on
  a connection that is known to live.

Every death but the first keeps one stream off or is followed by one that does, so that of n streams with k poisonous
and s silent ones at most 2 k + s + 1 connections die (``test_suspects`` tries it on random sets). Those that are kept
off are tried again one at a time, and after a try that has cost a connection not again for ``retry_s``, but for those
that have sent before and are only suspected: perhaps the server hung.

Pure: no socket, no clock; time is an argument, in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

RETRY_S = 600.0  # who repairs a server restarts it or presses "reconnect"; every try may cost all others half a second
SILENT_RETRY_S = 30.0  # where nobody is there to suffer; doubled each time up to the above
RECENT_RETRY_S = 5.0  # one that has sent before, and was silent together with all others: perhaps the server hung
MAX_FRUITLESS = 16  # connections in a row on which nobody was heard: then it is rather the server; no hurry any more


@dataclass(slots=True)
class _KeptOff:
    is_certain: bool
    due_s: float  # when it may be tried again
    wait_s: float  # until then, as chosen last


class Suspects(Generic[Key]):
    """One link's; whatever names a stream will do as its key."""

    def __init__(self, retry_s: float = RETRY_S, silent_retry_s: float = SILENT_RETRY_S) -> None:
        self._retry_s = retry_s
        self._silent_retry_s = min(silent_retry_s, retry_s)
        self.is_careful = False  # a connection has died
        self.deaths = 0
        self.fruitless = 0  # deaths in a row on connections on which nobody was heard
        self.unexplained = 0  # deaths in a row of connections on which everybody was heard
        self._ever: set[Key] = set()  # have sent at some time
        self._trusted: set[Key] = set()  # have sent since the last death that nobody was blamed for
        self._hunted: list[Key] = []  # the poison is among them, the likeliest first
        self._group = 1  # how many are started next
        self._kept_off: dict[Key, _KeptOff] = {}
        self._no_retry_before_s = -math.inf
        # of the present connection
        self._started: dict[Key, bool] = {}  # in this order; whether heard
        self._flight: dict[Key, None] = {}  # started, and neither heard nor given up
        self._is_group = False  # those in flight are a group, which grows with each success
        self._on_retry: Key | None = None

    # -- a connection ---------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """A new connection, on which nothing is started yet."""
        self._started.clear()
        self._flight.clear()
        self._on_retry = None

    @property
    def in_flight(self) -> Collection[Key]:
        """Started on this connection and not heard yet, in the order of starting."""
        return self._flight.keys()

    @property
    def heard_here(self) -> list[Key]:
        """Who has sent on this connection, in the order of starting."""
        return [key for key, is_heard in self._started.items() if is_heard]

    def next_starts(self, wanted: Sequence[Key], alone: Collection[Key], now_s: float) -> list[Key]:
        """Which of ``wanted`` to start now; empty while those that were started last have to prove themselves.

        ``alone`` are those that are dangerous enough to be started one at a time, and after all others.
        """
        open_ = [key for key in wanted if key not in self._started]
        free = [key for key in open_ if key not in self._kept_off]
        crowd = [key for key in free if key not in alone]
        if not self.is_careful and crowd:
            return self._start(crowd)
        if self._flight:
            return []
        self._is_group = False
        for some in ([key for key in free if key in self._trusted], [key for key in self._hunted if key in free][:1]):
            if some:
                return self._start(some)
        if crowd:
            self._is_group = True
            return self._start(crowd[: self._group])
        if free:
            return self._start(free[:1])
        self._on_retry = next((key for key in open_ if self._may_retry(key, now_s)), None)
        return self._start([self._on_retry]) if self._on_retry is not None else []

    def _start(self, keys: list[Key]) -> list[Key]:
        for key in keys:
            self._started[key] = False
            self._flight[key] = None
        return keys

    def _may_retry(self, key: Key, now_s: float) -> bool:
        kept = self._kept_off[key]
        if now_s < kept.due_s:
            return False
        # Who has sent before and is only suspected is not to suffer for others; if it is poisonous after all, this
        # try is the one that makes it certain.
        is_likely_good = key in self._ever and not kept.is_certain
        return is_likely_good or now_s >= self._no_retry_before_s or not self.heard_here

    def is_started(self, key: Key) -> bool:
        """On this connection."""
        return key in self._started

    def withdraw(self, key: Key) -> None:
        """It runs no more on this connection, and may be started again."""
        self._started.pop(key, None)
        self._flight.pop(key, None)

    def restarted(self, key: Key) -> None:
        """A stream that was given up on this connection is asked for again, for whatever reason."""
        if self._started.get(key) is False:
            self._flight[key] = None

    def heard(self, key: Key) -> None:
        """A message of it has come: it is not poisonous."""
        self._ever.add(key)
        self._trusted.add(key)
        self._kept_off.pop(key, None)
        self.fruitless = self.unexplained = 0
        if key in self._hunted:
            self._hunted.remove(key)
        if key not in self._started:
            return  # another client has started it; it will be asked for all the same
        self._started[key] = True
        if key in self._flight:
            del self._flight[key]
            if not self._flight and self._is_group:
                self._group *= 2

    def given_up(self, key: Key) -> None:
        """It is silent on a connection that lives: not poisonous, and nobody waits for it any more."""
        self._flight.pop(key, None)
        if key in self._hunted:
            self._hunted.remove(key)

    def forget(self, keys: Iterable[Key]) -> None:
        """They are no more, or were begun anew: what was known of them is void."""
        for key in keys:
            for known in (self._started, self._flight, self._kept_off):
                known.pop(key, None)
            self._ever.discard(key)
            self._trusted.discard(key)
            if key in self._hunted:
                self._hunted.remove(key)

    def pardon(self) -> None:
        """A person wants those that are kept off to be tried again, one at a time as ever."""
        self._no_retry_before_s = -math.inf
        for kept in self._kept_off.values():
            kept.due_s = -math.inf

    # -- its death ------------------------------------------------------------------------------------------------

    def died(self, now_s: float) -> list[Key]:
        """The connection lives no more, though its server answers; who is kept off from now on (one or nobody)."""
        # Where nobody has to prove itself any more, it may be one that was given up too soon.
        heard, flight = self.heard_here, list(self._flight)
        flight = flight or [key for key, is_heard in self._started.items() if not is_heard]
        self.is_careful = True
        self.deaths += 1
        self._group = 1
        self.fruitless = 0 if heard else self.fruitless + 1
        self.unexplained = 0 if flight else self.unexplained + 1
        if self._on_retry is not None and heard:
            self._no_retry_before_s = now_s + self._retry_s
        self._trusted.difference_update(flight)
        if not flight:
            # One of those that were heard, or another client's. Nobody is trusted any more.
            self._trusted.clear()
            self._hunted = []
            return []
        if len(flight) > 1:
            self._hunted = self._likeliest_first(flight)
            return []
        self._hunted = []
        self._keep_off(flight[0], bool(heard), now_s)
        return flight

    def _likeliest_first(self, flight: list[Key]) -> list[Key]:
        """Servers send the first messages in the order of starting: the one after the last that was heard did it."""
        place = {key: at for at, key in enumerate(self._started)}
        last = max((place[key] for key, is_heard in self._started.items() if is_heard), default=-1)
        return sorted(flight, key=lambda key: (place[key] < last, place[key]))

    def _keep_off(self, key: Key, is_certain: bool, now_s: float) -> None:
        before = self._kept_off.get(key)
        if is_certain:
            wait_s = self._retry_s
        elif before is not None:
            wait_s = min(before.wait_s * 2, self._retry_s)
        else:
            wait_s = min(RECENT_RETRY_S, self._silent_retry_s) if key in self._ever else self._silent_retry_s
        self._kept_off[key] = _KeptOff(is_certain, now_s + wait_s, wait_s)

    # -- what is shown --------------------------------------------------------------------------------------------

    def is_kept_off(self, key: Key) -> bool:
        """Not to be started but for a try now and then."""
        return key in self._kept_off

    @property
    def poisonous(self) -> list[Key]:
        """Those that are so for certain."""
        return [key for key, kept in self._kept_off.items() if kept.is_certain]
