"""Lines that share a series: what the library is given is what each line was written as, and NaN everywhere else."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.strands import Strands

SIZE = 6


def lines_in(strands: Strands) -> dict[int, list[list[tuple[float, float]]]]:
    """Of each look its lines, as the library would draw them: cut at NaN."""
    found: dict[int, list[list[tuple[float, float]]]] = {}
    for look, strand in strands.by_look.items():
        assert strand.x.dtype == strand.y.dtype == np.float32
        assert strand.x.shape == strand.y.shape
        lines: list[list[tuple[float, float]]] = [[]]
        for x, y in zip(strand.x.tolist(), strand.y.tolist(), strict=True):
            if math.isnan(y):
                lines.append([])
            else:
                lines[-1].append((x, y))
        found[look] = [line for line in lines if line]
    return found


def line(start: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.arange(count, dtype=np.float32)
    return x, x * 2 + np.float32(start)


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 17), st.integers(0, SIZE), st.sampled_from((0.0, 2.0))), max_size=40),
)
def test_lines_are_what_was_written_last(looks: list[tuple[int, ...]], writes: list[tuple[int, int, float]]) -> None:
    strands = Strands(SIZE)
    assert strands.arrange(looks)
    places = [(row, channel) for row, colours in enumerate(looks) for channel in range(len(colours))]
    wanted: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for number, (at, count, later_s) in enumerate(writes):
        place = places[at % len(places)]
        x, y = line(number, count)
        strands.write(*place, x, y, later_s=later_s, scale=0.5, offset=float(place[0]))
        wanted[place] = list(zip((x + later_s).tolist(), (y * 0.5 + place[0]).tolist(), strict=True))
    slow: dict[int, list[list[tuple[float, float]]]] = {look: [] for colours in looks for look in colours}
    for place in places:
        if wanted.get(place):
            slow[looks[place[0]][place[1]]].append(wanted[place])
    assert lines_in(strands) == slow


def test_only_the_series_that_a_line_is_in_changes() -> None:
    strands = Strands(SIZE)
    strands.arrange([(0,), (1,), (0,)])
    for strand in strands.by_look.values():
        strand.is_dirty = False
    strands.write(2, 0, *line(0, 3))
    assert {look for look, strand in strands.by_look.items() if strand.is_dirty} == {0}


def test_another_colour_moves_a_line_and_the_same_ones_do_not() -> None:
    strands = Strands(SIZE)
    assert strands.arrange([(0,), (1,)])
    strands.write(0, 0, *line(0, 3))
    assert not strands.arrange([(0,), (1,)])
    assert strands.arrange([(16,), (1,)]), "all have to be written again"
    assert set(strands.by_look) == {16, 1}
    assert lines_in(strands) == {16: [], 1: []}


def test_a_longer_line_makes_room_for_all() -> None:
    strands = Strands(SIZE)
    strands.arrange([(0,), (0,)])
    assert not strands.fit(SIZE)
    assert strands.fit(SIZE + 1)
    strands.write(0, 0, *line(0, SIZE + 1))
    strands.write(1, 0, *line(9, 2))
    assert [len(each) for each in lines_in(strands)[0]] == [SIZE + 1, 2]


def test_a_cleared_row_is_gone_and_its_neighbours_are_not() -> None:
    strands = Strands(SIZE)
    strands.arrange([(0, 1), (0, 1)])
    for row in range(2):
        for channel in range(2):
            strands.write(row, channel, *line(row, SIZE))
    strands.clear(0)
    assert {look: [each[0][1] for each in lines] for look, lines in lines_in(strands).items()} == {0: [1.0], 1: [1.0]}


def test_a_shift_moves_every_line_in_time() -> None:
    strands = Strands(SIZE)
    strands.arrange([(0,), (1,)])
    strands.write(0, 0, *line(0, 2))
    strands.write(1, 0, *line(0, 2))
    strands.shift(-1.5)
    assert [[x for x, _ in lines[0]] for lines in lines_in(strands).values()] == [[-1.5, -0.5]] * 2
    assert all(strand.is_dirty for strand in strands.by_look.values())
