"""A list whose lines are made when they are looked at: of five hundred, a panel shows ten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")


class Lazy(Sequence[T], Generic[S, T]):
    """Each line is made once, from ``things[index]``."""

    def __init__(self, things: Sequence[S], make: Callable[[S], T]) -> None:
        self._things = things
        self._make = make
        self._made: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._things)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if index not in self._made:
            self._made[index] = self._make(self._things[index])
        return self._made[index]
