"""Why a contender cannot run here."""

from __future__ import annotations


class CannotRun(Exception):
    """In words for the table."""
