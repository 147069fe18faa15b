"""Another scale for the length of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lablink_dpg.gui import scale


@contextmanager
def scaled(size: float) -> Iterator[None]:
    before = scale.current()
    scale.use(size)
    try:
        yield
    finally:
        scale.use(before)
