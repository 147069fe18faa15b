"""Callbacks that know what they are about: the library passes arguments of its own to functions that take some."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


def call(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Callable[[], None]:
    """A function without arguments, which calls ``action`` with these."""

    def run() -> None:
        action(*args, **kwargs)

    return run
