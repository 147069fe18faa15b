"""Contrast is computed, not felt."""

from __future__ import annotations

import itertools

from lablink_dpg.gui import palette

TEXT_RATIO, LINE_RATIO = 4.5, 3.0  # WCAG 2 AA for text and for graphics


def test_contrast_of_black_and_white_is_21() -> None:
    assert round(palette.contrast((0, 0, 0), (255, 255, 255)), 3) == 21.0


def test_every_tone_is_readable_on_every_surface() -> None:
    for tone, surface in itertools.product(palette.now.tones.values(), palette.now.surfaces):
        assert palette.contrast(tone, surface) >= TEXT_RATIO


def test_text_is_readable_on_controls() -> None:
    for surface in (palette.now.control, palette.now.control_hover, palette.now.control_active):
        assert palette.contrast(palette.now.text, surface) >= TEXT_RATIO


def test_every_line_stands_out_from_the_plot() -> None:
    for index in range(16):
        assert palette.contrast(palette.line_colour(index), palette.now.plot) >= LINE_RATIO


def test_sixteen_lines_have_sixteen_colours() -> None:
    assert len({palette.line_colour(index) for index in range(16)}) == 16
