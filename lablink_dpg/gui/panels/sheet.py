"""What is known of one thing, as two columns of text that wraps and scrolls; only what changed is handed over."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui import palette
from lablink_dpg.gui.facts import Fact
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

MAX_LINES = 120  # items once made are kept; nobody reads more of one thing
NAME_PX = 104


class Sheet:
    """Main thread. Takes the width of ``parent``; as high as its lines."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self._table: Item = dpg.add_table(parent=parent, header_row=False, policy=dpg.mvTable_SizingFixedFit)
        dpg.bind_item_theme(self._table, theme.dense)
        dpg.bind_item_font(self._table, theme.fonts.small)
        dpg.add_table_column(parent=self._table, width_fixed=True, init_width_or_weight=px(NAME_PX))
        dpg.add_table_column(parent=self._table, width_stretch=True)
        self._rows: list[tuple[Item, Item, Item]] = []
        self.shown: list[Fact | None] = []

    def draw(self, facts: Sequence[Fact]) -> None:
        facts = facts[:MAX_LINES]
        while len(self._rows) < len(facts):
            with dpg.table_row(parent=self._table, show=False) as row:
                name = dpg.add_text("", color=palette.now.tones[Tone.MUTED])
                text = dpg.add_text("", wrap=0)
            self._rows.append((row, name, text))
            self.shown.append(None)
        for index, (row, name, text) in enumerate(self._rows):
            fact = facts[index] if index < len(facts) else None
            before = self.shown[index]
            if fact == before:
                continue
            self.shown[index] = fact
            if fact is None:
                dpg.configure_item(row, show=False)
                continue
            if before is None:
                dpg.configure_item(row, show=True)
            if before is None or before.name != fact.name:
                dpg.set_value(name, fact.name)
            if before is None or before.text != fact.text:
                dpg.set_value(text, fact.text)
            if before is None or before.tone != fact.tone:
                dpg.configure_item(text, color=palette.now.tones[fact.tone])
