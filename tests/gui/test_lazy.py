"""A list that is made as it is looked at."""

from __future__ import annotations

from lablink_dpg.gui.lazy import Lazy


def test_only_what_is_looked_at_is_made_and_once() -> None:
    made: list[int] = []

    def make(number: int) -> str:
        made.append(number)
        return str(number)

    lines = Lazy(range(500), make)
    assert len(lines) == 500
    assert lines[7] == lines[7] == "7"
    assert lines[498:] == ["498", "499"]
    assert made == [7, 498, 499]
    assert not Lazy((), make)
