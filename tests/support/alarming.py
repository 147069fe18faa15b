"""Making alarms on a real simulator: a rule, and a value that breaks it."""

from __future__ import annotations

import httpx

THRESHOLD = 5.0


def make_rule(rest: httpx.Client, **changes: object) -> str:
    """A rule that a value above THRESHOLD breaks; its id."""
    body = {"name": "Over voltage", "parameter": "voltage", "condition": "greater_than", "threshold": THRESHOLD}
    answer = rest.post("/api/alarms/create", json={**body, **changes})
    answer.raise_for_status()
    return str(answer.json()["alarm_id"])


def trip(rest: httpx.Client, rule: str, value: float = 9.5) -> str:
    """Have the simulator compare ``value``; the id of the event that this raises, "" for none."""
    answer = rest.post("/api/alarms/check", json={"alarm_id": rule, "value": value})
    answer.raise_for_status()
    event = answer.json()["event"]
    return "" if event is None else str(event["event_id"])
