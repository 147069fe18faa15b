"""A text on the screen that talks to the library only when it changes: most words stand still most frames."""

from __future__ import annotations

from collections.abc import Callable

from lablink_dpg.gui import palette
from lablink_dpg.gui.device_names import AT
from lablink_dpg.gui.layout import FRAME_PAD_Y_PX, PLATE_PAD_X_PX
from lablink_dpg.gui.palette import Rgb, Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.words import ELLIPSIS

CACHED_CUTS = 4096  # cut names remembered; names are few, reasons change now and then
TIP_PX = 560  # of a tooltip's lines: large letters, too, stay on the screen
MIN_HEAD = 2  # letters before the ellipsis, or it is better to cut elsewhere
MAX_TAIL = 5  # letters of a number at the end of a name; a longer word is no number
_cuts: dict[tuple[str, int, Item], str] = {}  # main thread only


def text_width(text: str, font: Item) -> float:
    """Width in px. Before the first frame the library cannot say: then a guess of half an em a letter."""
    size = dpg.get_text_size(text, font=font)
    return float(size[0]) if size and size[0] else px(9) * float(len(text))


def cut(text: str, width_px: int, font: Item) -> str:
    """The longest beginning that fits, with an ellipsis if something is missing; what tells names apart is kept.

    That is the name after the server, "labser…/Scope 1", or before it, "Scope 1 @ lab…", or at least a number at the
    end, "Shaft vib…01".
    """
    key = (text, width_px, font)
    known = _cuts.get(key)
    if known is not None:
        return known
    answer = text
    name, at, server = text.partition(AT)
    if at and text_width(text, font) > width_px:
        is_told = text_width(name + at + server[:MIN_HEAD] + ELLIPSIS, font) <= width_px
        answer = _cut_before(text, "", width_px, font) if is_told else cut(name, width_px, font)
    elif text_width(text, font) > width_px:
        scheme = text.find("://") + 3 if "://" in text else 0
        server, slash, name = text[scheme:].partition("/")
        kept = [slash + name] if slash and " " not in server else []  # a slash in a sentence is something else
        number = text.rpartition(" ")[2]
        if any(letter.isdigit() for letter in number) and len(number) <= MAX_TAIL and number != text:
            kept.append(number)
        for tail in (*kept, ""):
            answer = _cut_before(text[: len(text) - len(tail)], tail, width_px, font)
            if answer:
                break
    if len(_cuts) >= CACHED_CUTS:
        _cuts.clear()
    if dpg.get_frame_count() > 1:  # before that, widths are guesses
        _cuts[key] = answer
    return answer


def forget_cuts() -> None:
    """Widths are others: fonts have another size."""
    _cuts.clear()


def _cut_before(head: str, tail: str, width_px: int, font: Item) -> str:
    """As much of ``head`` as fits before ``tail``; nothing if that is too little to be read, and there is a tail."""
    low, high = 0, len(head)  # letters known to fit, letters known not to
    while high - low > 1:
        middle = (low + high) // 2
        if text_width(head[:middle] + ELLIPSIS + tail, font) <= width_px:
            low = middle
        else:
            high = middle
    return head[:low].rstrip() + ELLIPSIS + tail if low >= MIN_HEAD or not tail else ""


class Label:
    """One text item. Main thread."""

    __slots__ = ("_colour", "_is_shown", "_pos", "_text", "font", "item")

    def __init__(self, parent: Item, font: Item, tone: Tone = Tone.PLAIN) -> None:
        self.font = font
        self.item: Item = dpg.add_text("", parent=parent, color=palette.now.tones[tone], pos=(0, 0))
        dpg.bind_item_font(self.item, font)
        self._text = ""
        self._colour: Rgb = palette.now.tones[tone]
        self._pos = (-1, -1)
        self._is_shown = True

    def place(self, x: int, y: int) -> None:
        if (x, y) != self._pos:
            self._pos = (x, y)
            # The library moves a text down by the padding of a button, so that the two line up in a row.
            dpg.configure_item(self.item, pos=(x, y - px(FRAME_PAD_Y_PX)))

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            dpg.configure_item(self.item, show=is_shown)

    def set(self, text: str, tone: Tone | Rgb, width_px: int | None = None) -> None:
        """Show ``text``, cut to ``width_px`` if given."""
        if width_px is not None:
            text = cut(text, width_px, self.font)
        if text != self._text:
            self._text = text
            dpg.set_value(self.item, text)
        colour = palette.now.tones[tone] if isinstance(tone, Tone) else tone
        if colour != self._colour:
            self._colour = colour
            dpg.configure_item(self.item, color=colour)

    def centre(self, left: int, width: int, y: int) -> None:
        """Place it in the middle of a stretch."""
        self.place(left + int((width - text_width(self._text, self.font)) / 2), y)

    def right(self, edge: int, y: int) -> None:
        """Place it so that it ends at ``edge``."""
        self.place(edge - int(text_width(self._text, self.font)), y)


class Plate:
    """A line on a ground of its own, to be read whatever is drawn below it. Main thread."""

    __slots__ = ("_font", "_shown", "_theme", "item")

    def __init__(self, parent: Item, theme: Theme, on_click: Callable[[], None] | None = None) -> None:
        self._theme = theme
        self._font = theme.fonts.name
        # A button, because it is the one item that has both; most of them nobody has to press.
        self.item: Item = dpg.add_button(parent=parent, label="", pos=(0, 0), show=False, callback=on_click)
        dpg.bind_item_font(self.item, self._font)
        self._shown: tuple[str, Tone, int, int] | None = None

    def hide(self) -> None:
        if self._shown is not None:
            self._shown = None
            dpg.configure_item(self.item, show=False)

    def show(self, text: str, tone: Tone, edge: int, y: int, width_px: int) -> None:
        """``text``, cut to ``width_px``, so that it ends at ``edge``."""
        if (text, tone, edge, y) == self._shown:
            return
        if self._shown is None or tone is not self._shown[1]:
            dpg.bind_item_theme(self.item, self._theme.plates[tone])
        self._shown = (text, tone, edge, y)
        text = cut(text, width_px - 2 * px(PLATE_PAD_X_PX), self._font)
        left = edge - int(text_width(text, self._font)) - 2 * px(PLATE_PAD_X_PX)
        dpg.configure_item(self.item, label=text, pos=(left, y), show=True)


def tooltip(item: Item, theme: Theme, text: str = "", delay_s: float = 0.5) -> Item:
    """Words that appear over ``item``; returns the text, to be changed by ``set_value``."""
    with dpg.tooltip(item, delay=delay_s) as tip:
        words: Item = dpg.add_text(text, wrap=px(TIP_PX))
    dpg.bind_item_theme(tip, theme.popup)
    dpg.bind_item_font(words, theme.fonts.small)
    return words


def set_tip(words: Item, text: str) -> None:
    """Other words in a tooltip; without any it does not appear."""
    dpg.set_value(words, text)
    dpg.configure_item(dpg.get_item_parent(words), show=bool(text))
