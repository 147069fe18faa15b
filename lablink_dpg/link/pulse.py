"""Is there anybody, and how far behind is the connection? Told by the server's answers to the message ``ping``.

The WebSocket's own ping is answered by a library, ahead of the messages that wait here unread. The answer to the
message is made by the server's program and comes in its turn: when it is here, whatever the server had sent before it
has been taken in, however slow the server, the network or this program. Only that makes "nothing came" a fact.
"""

from __future__ import annotations

from collections import deque

from lablink_dpg.link.options import LinkOptions

MAX_STEP_US = 800_000  # between two looks; a longer one means that this thread was held up, and says nothing of others
BEHIND_US = 2_000_000  # an answer that takes this long is worth a line
MUTE_US = 10_000_000  # messages come, and no answer for this long: this server does not know ``ping``


class Pulse:
    """Of one connection. Network thread only; time is an argument, in µs."""

    def __init__(self, options: LinkOptions, now_us: int, *, is_known_to_answer: bool) -> None:
        """``is_known_to_answer``: this server has answered a ``ping`` before, so that silence says something."""
        self.is_known_to_answer = is_known_to_answer
        self.proven_us = 0  # when the newest ping that was answered was sent: all that is older is here
        self.is_behind = False  # messages come, but the answer is late
        self._quiet_us = int(options.quiet_s * 1e6)
        self._dead_us = int(options.dead_s * 1e6)
        self._unanswered: deque[int] = deque()  # when each was sent; bounded, as the next waits for the last
        self._count = 0  # messages of whatever kind, at the last look
        self._looked_us = now_us
        self._silent_us = 0  # nothing at all has come for so long, as far as this thread was awake
        self._is_wanted = True  # each connection begins with one, to learn whether they are answered

    def want(self) -> None:
        """Somebody has to know whether what did not come was sent."""
        self._is_wanted = True

    def answered(self) -> None:
        """A ``pong`` was taken in, in its turn."""
        if self._unanswered:
            self.proven_us = self._unanswered.popleft()
            self.is_known_to_answer = True
            self.is_behind = False

    def look(self, now_us: int, messages: int) -> bool:
        """Whether a ping is to be sent now; ``messages`` is the count of all that were taken in."""
        step_us = min(now_us - self._looked_us, MAX_STEP_US)
        self._looked_us = now_us
        if messages != self._count:
            self._count = messages
            self._silent_us = 0
        else:
            self._silent_us += step_us
        if self._unanswered:
            age_us = now_us - self._unanswered[0]
            self.is_behind = age_us > BEHIND_US and self._silent_us < BEHIND_US
            if age_us <= MUTE_US or self._silent_us >= MUTE_US:
                return False
            self.proven_us = self._unanswered.popleft()
        if self._is_wanted or self._silent_us >= self._quiet_us:
            self._is_wanted = False
            self._unanswered.append(now_us)
            return True
        return False

    @property
    def is_waiting(self) -> bool:
        """For an answer."""
        return bool(self._unanswered)

    @property
    def is_dead(self) -> bool:
        """Nothing at all comes, not even the answer to a ping, from a server that is known to answer."""
        return bool(self._unanswered) and self.is_known_to_answer and self._silent_us >= self._quiet_us + self._dead_us
