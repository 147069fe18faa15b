"""How many samples one stream's columns take, without changing while a window fills or a rate jitters."""

from __future__ import annotations

from lablink_dpg.query.columns import HEADROOM, bucket_for

RESERVE = 2  # a stream faster than its word gets a bucket for twice what is in view, so that few changes follow …
FINER_BELOW = 8  # … and a finer one once an eighth of what its bucket serves is in view


class SteadyBucket:
    """One reader: the thread that builds frames."""

    __slots__ = ("_asked", "_chosen", "serves")

    def __init__(self) -> None:
        self._asked = (-1.0, -1)  # samples expected in view and pixels, for which the bucket was chosen
        self._chosen = 1
        self.serves = 0.0  # changed by ``samples`` only; so many samples in view leave a column a pixel

    def samples(self, nominal: float, in_view: int, width_px: int) -> int:
        """Samples a column: a matter of what the rate and the span promise, not of what happens to be stored.

        So it rests while a window fills. A stream faster than its word (or without one) is taken by what is in view;
        the bucket then stays as long as it serves, because a change of bucket is a change of every column.
        """
        most = max(nominal, in_view)
        if (nominal, width_px) != self._asked or in_view > self.serves or most * FINER_BELOW < self.serves:
            self._asked = (nominal, width_px)
            expected = nominal if in_view <= nominal * HEADROOM else RESERVE * in_view
            self._chosen = bucket_for(expected, width_px)
            self.serves = expected * HEADROOM
        return self._chosen
