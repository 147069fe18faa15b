"""The messages and answers of a LabLink 1.2.5 server, field for field: names, order and types.

Read off recorded sessions; a test compares this table with the recordings where they are at hand.
A type stands for itself, a tuple for one of several, None for null, a list for a list of that, a dict with the key
``...`` for a dict with any keys of that value.
"""

from __future__ import annotations

from typing import Any

NUMBER = float
MAYBE = (None, str)

ACK_STREAM = {"type": str, "equipment_id": str, "stream_type": str}
ACK_ACQUISITION = {"type": str, "acquisition_id": str}
STATS = {
    "total_samples": int,
    "samples_per_channel": {...: int},
    "start_time": MAYBE,
    "end_time": MAYBE,
    "duration_seconds": (None, float),
    "actual_sample_rate": (None, float),
    "buffer_overruns": int,
    "min_values": {...: float},
    "max_values": {...: float},
    "mean_values": {...: float},
}
ACQUISITION_STREAM = {
    "type": str,
    "acquisition_id": str,
    "state": str,
    "stats": STATS,
    "data": {"timestamps": [str], "values": {...: [float]}, "count": int},
}
SUPPLY_READINGS = {
    "equipment_id": str,
    "timestamp": str,
    "channel": int,
    "voltage_set": float,
    "current_set": float,
    "voltage_actual": float,
    "current_actual": float,
    "output_enabled": bool,
    "in_cv_mode": bool,
    "in_cc_mode": bool,
}
LOAD_READINGS = {
    "equipment_id": str,
    "timestamp": str,
    "mode": str,
    "setpoint": float,
    "voltage": float,
    "current": float,
    "power": float,
    "load_enabled": bool,
}
MEASUREMENTS = {
    "vpp": float,
    "vmax": float,
    "vmin": float,
    "vavg": float,
    "vrms": float,
    "freq": float,
    "period": float,
}
WAVEFORM = {
    "equipment_id": str,
    "channel": int,
    "timestamp": str,
    "sample_rate": float,
    "time_scale": float,
    "voltage_scale": float,
    "voltage_offset": float,
    "num_samples": int,
    "data_id": str,
}


def stream_data(data: dict[str, Any]) -> dict[str, Any]:
    return {"type": str, "equipment_id": str, "stream_type": str, "data": data}


def event(data: dict[str, Any]) -> dict[str, Any]:
    return {"type": str, "data": data}


ALARM_EVENT = event(
    {
        "event_id": str,
        "alarm_id": str,
        "alarm_name": str,
        "severity": str,
        "state": str,
        "equipment_id": MAYBE,
        "parameter": str,
        "value": float,
        "threshold": (None, float),
        "message": str,
        "timestamp": str,
    }
)
ALARM_UPDATED = event({"event_id": str, "state": str, "acknowledged_at": str, "acknowledged_by": str})
ALARM_CLEARED = event({"event_id": str})
JOB = {"job_id": str, "name": str, "schedule_type": str, "trigger_type": str, "enabled": bool}
JOB_STARTED = event({"job_id": str, "execution_id": str, "started_at": str})
JOB_COMPLETED = event({"job_id": str, "execution_id": str, "completed_at": str, "result": (None, dict)})
JOB_FAILED = event({"job_id": str, "execution_id": str, "failed_at": str, "error": str})
HEALTH_CHANGED = event(
    {"equipment_id": str, "health_status": str, "health_score": float, "previous_score": float, "timestamp": str}
)
BENCHMARK_PROGRESS = event(
    {"equipment_id": str, "benchmark_id": str, "progress": float, "step": str, "result": (None, dict)}
)

ABOUT = {"name": str, "version": str, "hostname": str, "status": str, "security_enabled": bool}
HEALTH = {"status": str, "connected_devices": int}
EQUIPMENT = [
    {
        "id": str,
        "type": str,
        "manufacturer": str,
        "model": str,
        "serial_number": str,
        "connection_type": str,
        "resource_string": str,
        "nickname": MAYBE,
    }
]
EQUIPMENT_STATUS = {
    "id": str,
    "connected": bool,
    "error": MAYBE,
    "firmware_version": str,
    "capabilities": dict,
    "temperature_celsius": (None, float),
    "operating_hours": (None, float),
    "error_code": (None, int),
    "error_message": MAYBE,
    "last_calibration_date": MAYBE,
    "calibration_due_date": MAYBE,
    "calibration_status": MAYBE,
    "self_test_status": MAYBE,
    "self_test_last_run": MAYBE,
    "health_score": (None, float),
    "last_error_messages": [str],
}
CREATED = {"success": bool, "message": str, "acquisition_id": str, "state": str}
ORDERED = {"success": bool, "message": str, "acquisition_id": str}
ACQUISITION_STATUS = {
    "acquisition_id": str,
    "equipment_id": str,
    "state": str,
    "config": {
        "acquisition_id": str,
        "equipment_id": str,
        "name": MAYBE,
        "description": MAYBE,
        "mode": str,
        "sample_rate": float,
        "num_samples": (None, int),
        "duration_seconds": (None, float),
        "channels": [str],
        "trigger_config": {
            "trigger_type": str,
            "level": (None, float),
            "edge": MAYBE,
            "channel": MAYBE,
            "pre_trigger_samples": int,
        },
        "buffer_size": int,
        "auto_export": bool,
        "export_format": str,
        "export_path": MAYBE,
        "metadata": dict,
    },
    "stats": STATS,
    "created_at": str,
    "started_at": MAYBE,
    "stopped_at": MAYBE,
}
DATA = {
    "acquisition_id": str,
    "channels": [str],
    "data": {"timestamps": [str], "values": {...: [float]}},
    "count": int,
}
SESSIONS = {
    "sessions": [
        {
            "acquisition_id": str,
            "equipment_id": str,
            "name": MAYBE,
            "state": str,
            "mode": str,
            "created_at": str,
            "total_samples": int,
        }
    ],
    "count": int,
}
ALARMS = {
    "success": bool,
    "count": int,
    "alarms": [
        {
            "alarm_id": str,
            "name": str,
            "description": MAYBE,
            "equipment_id": MAYBE,
            "parameter": str,
            "alarm_type": str,
            "condition": str,
            "severity": str,
            "threshold": (None, float),
            "threshold_high": (None, float),
            "threshold_low": (None, float),
            "deadband": (None, float),
            "delay_seconds": float,
            "auto_clear": bool,
            "enabled": bool,
            "notifications": [str],
            "escalation_enabled": bool,
            "escalation_delay_minutes": (None, float),
            "created_at": str,
            "created_by": MAYBE,
            "tags": [str],
        }
    ],
}
OPEN_ALARM = {
    "event_id": str,
    "alarm_id": str,
    "state": str,
    "severity": str,
    "message": str,
    "equipment_id": MAYBE,
    "parameter": str,
    "value": float,
    "threshold": (None, float),
    "triggered_at": str,
    "acknowledged_at": MAYBE,
    "cleared_at": MAYBE,
    "acknowledged_by": MAYBE,
    "acknowledgment_note": MAYBE,
    "escalated": bool,
    "escalated_at": MAYBE,
    "notifications_sent": [str],
    "notification_count": int,
    "additional_data": dict,
}
ALARM_CREATED = {"success": bool, "alarm_id": str, "message": str}
ALARM_CHECKED = {"success": bool, "triggered": bool, "event": OPEN_ALARM}
ACTIVE_ALARMS = {"success": bool, "count": int, "events": [OPEN_ALARM]}
DONE = {"success": bool, "message": str}
JOB_MADE = {"success": bool, "job_id": str, "message": str}
JOB_RUN = {"success": bool, "execution_id": str, "message": str}
JOBS = {
    "success": bool,
    "count": int,
    "jobs": [
        {
            "job_id": str,
            "name": str,
            "description": MAYBE,
            "schedule_type": str,
            "equipment_id": MAYBE,
            "trigger_type": str,
            "cron_expression": MAYBE,
            "interval_seconds": (None, int),
            "interval_minutes": (None, int),
            "interval_hours": (None, int),
            "interval_days": (None, int),
            "run_date": MAYBE,
            "time_of_day": MAYBE,
            "day_of_week": MAYBE,
            "day_of_month": (None, int),
            "parameters": dict,
            "enabled": bool,
            "max_instances": int,
            "misfire_grace_time": int,
            "coalesce": bool,
            "start_date": MAYBE,
            "end_date": MAYBE,
            "max_executions": (None, int),
            "created_at": str,
            "created_by": MAYBE,
            "tags": [str],
            "profile_id": MAYBE,
            "on_failure_alarm": bool,
            "conflict_policy": str,
        }
    ],
}
EXECUTIONS = {"success": bool, "count": int, "executions": list}
STATISTICS = {
    "success": bool,
    "statistics": {
        "total_jobs": int,
        "active_jobs": int,
        "disabled_jobs": int,
        "running_executions": int,
        "total_executions_today": int,
        "successful_today": int,
        "failed_today": int,
        "by_type": {...: int},
        "upcoming_jobs": list,
    },
}
BENCHMARK = {
    "benchmark_id": str,
    "equipment_id": str,
    "timestamp": str,
    "command_latency_ms": {...: float},
    "throughput_commands_per_sec": float,
    "sample_rate_hz": (None, float),
    "data_transfer_rate_mbps": (None, float),
    "buffer_fill_time_ms": (None, float),
    "cpu_usage_percent": float,
    "memory_usage_mb": float,
    "baseline_deviation_percent": (None, float),
    "performance_score": float,
}
DEVICE_HEALTH = {
    "equipment_id": str,
    "timestamp": str,
    "health_status": str,
    "health_score": float,
    "connection_status": str,
    "communication_status": str,
    "performance_status": str,
    "functionality_status": str,
    "connection_diagnostics": {
        "equipment_id": str,
        "is_connected": bool,
        "connection_time": str,
        "disconnection_count": int,
        "last_error": MAYBE,
        "uptime_seconds": float,
        "visa_resource": MAYBE,
        "visa_interface_type": MAYBE,
        "timeout_ms": (None, float),
        "response_time_ms": (None, float),
        "packet_loss_percent": (None, float),
        "error_rate": float,
    },
    "communication_diagnostics": {
        "equipment_id": str,
        "total_commands": int,
        "successful_commands": int,
        "failed_commands": int,
        "timeout_count": int,
        "retry_count": int,
        "average_response_time_ms": float,
        "min_response_time_ms": float,
        "max_response_time_ms": float,
        "bytes_sent": int,
        "bytes_received": int,
        "data_transfer_rate_bps": float,
        "last_error": MAYBE,
        "error_history": list,
        "error_rate": (None, float),
    },
    "performance_benchmark": BENCHMARK,
    "active_issues": [str],
    "warnings": [str],
    "recommendations": [str],
    "test_results": [
        {
            "result_id": str,
            "test_id": str,
            "equipment_id": str,
            "status": str,
            "started_at": str,
            "completed_at": str,
            "duration_seconds": (None, float),
            "value": (None, float),
            "expected_value": (None, float),
            "tolerance": (None, float),
            "message": str,
            "details": dict,
            "error": MAYBE,
            "recommendations": [str],
        }
    ],
    "passed_tests": int,
    "failed_tests": int,
    "warning_tests": int,
}
ALL_HEALTH = {"success": bool, "count": int, "equipment_health": {...: DEVICE_HEALTH}}
ONE_HEALTH = {"success": bool, "health": DEVICE_HEALTH}
BENCHMARKED = {"success": bool, "benchmark": BENCHMARK}
DETAIL = {"detail": str}
INVALID = {"detail": [{"type": str, "loc": list, "msg": str, "input": object}]}


def mismatch(value: Any, shape: Any, where: str = "$") -> str | None:
    """The first place where a value is not of that shape, in words; None if it is."""
    if isinstance(shape, tuple):
        found = [mismatch(value, one, where) for one in shape]
        return None if None in found else found[-1]
    if shape is None:
        return None if value is None else f"{where}: {value!r}, not null"
    if isinstance(shape, type):
        is_bool = isinstance(value, bool) and shape not in (bool, object)
        return f"{where}: {value!r}, not {shape.__name__}" if is_bool or not isinstance(value, shape) else None
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where}: {value!r}, not a list"
        inner = (mismatch(item, shape[0], f"{where}[{number}]") for number, item in enumerate(value))
        return next((text for text in inner if text is not None), None)
    if not isinstance(value, dict):
        return f"{where}: {value!r}, not an object"
    if ... in shape:
        pairs = [(key, shape[...]) for key in value]
    elif list(value) != list(shape):
        return f"{where}: fields {list(value)}, not {list(shape)}"
    else:
        pairs = list(shape.items())
    inner = (mismatch(value[key], one, f"{where}.{key}") for key, one in pairs)
    return next((text for text in inner if text is not None), None)
