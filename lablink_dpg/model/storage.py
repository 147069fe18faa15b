"""How values are kept in memory. Without numpy, because a command line is read before that is imported."""

from __future__ import annotations

from enum import StrEnum


class Storage(StrEnum):
    """Each is numpy's name of it. Pictures are float32 in any case, relative to an offset in float64."""

    FLOAT64 = "float64"  # as they come
    FLOAT32 = "float32"  # seven digits in half the memory; beyond 3.4e38 a value is infinite: drawn as an overload
