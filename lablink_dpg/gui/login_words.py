"""What a person is told before a password is typed: why it is asked for, and who else may get it."""

from __future__ import annotations

import re

from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkNeed, LinkStatus

PRIVATE = re.compile(r"https://|(127(\.\d+){3}|localhost|\[::1\]):")  # how names begin that nobody else can listen to


def question(status: LinkStatus) -> tuple[str, Tone]:
    """Why a person is asked, as a sentence."""
    why = status.needs_why or "this server wants a login"
    return f"{why[0].upper()}{why[1:]}.", Tone.BAD if status.needs is LinkNeed.LOCKED else Tone.WARN


def warning(status: LinkStatus) -> tuple[str, Tone]:
    """Who else may get the password; "" where nobody does."""
    if status.is_insecure:
        return "The certificate is not verified: whoever answers gets the password.", Tone.BAD
    if not PRIVATE.match(status.server):
        return "Not encrypted: others on the network can read the password.", Tone.WARN
    return "", Tone.MUTED
