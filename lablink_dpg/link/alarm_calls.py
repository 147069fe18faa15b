"""The REST calls behind what a person does to an alarm."""

from __future__ import annotations

from typing import Any

from lablink_dpg.link.rest import Rest
from lablink_dpg.model.orders import AcknowledgeAlarm, ClearAlarm


async def acknowledge(rest: Rest, order: AcknowledgeAlarm) -> tuple[str, dict[str, Any]]:
    body = {"event_id": order.event_id, "acknowledged_by": order.by}
    if order.note:
        body["note"] = order.note
    await rest.post("/api/alarms/events/acknowledge", body)
    return f"alarm acknowledged by {order.by}", {"event_id": order.event_id}


async def clear(rest: Rest, order: ClearAlarm) -> tuple[str, dict[str, Any]]:
    await rest.post("/api/alarms/{}/clear", {}, order.alarm_id)
    return "alarm cleared", {"alarm_id": order.alarm_id}
