"""How well the devices are: reports as the real server writes them, and the events that it should send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lablink_dpg.sim.alarms import Publish
from lablink_dpg.sim.instruments import Instrument
from lablink_dpg.sim.stamps import LocalClock, iso

HEALTHY_FROM: Final = 80.0  # points of 100
WARNING_FROM: Final = 50.0
TESTS: Final = (
    ("idn_query_test", "Equipment responds to identification query"),
    ("operation_complete_test", "Equipment responds to operation complete query"),
    ("error_query_test", "Equipment can report errors"),
)
BENCHMARK_STEPS: Final = ("*IDN?", "*OPC?", "*STB?")


def status_of(score: float) -> str:
    if score >= HEALTHY_FROM:
        return "healthy"
    return "warning" if score >= WARNING_FROM else "critical"


class Health:
    """Event loop only."""

    def __init__(self, clock: LocalClock, new_id: Callable[[str], str], publish: Publish) -> None:
        self._clock = clock
        self._new_id = new_id
        self._publish = publish

    def change(self, device: Instrument, score: float) -> None:
        """Set a device's points and tell everybody, if they differ."""
        previous, device.health_score = device.health_score, score
        if score != previous:
            data = {
                "equipment_id": device.id,
                "health_status": status_of(score),
                "health_score": score,
                "previous_score": previous,
                "timestamp": iso(self._clock()),
            }
            self._publish({"type": "health_changed", "data": data})

    def progress(self, device: Instrument, benchmark_id: str, step: int) -> bool:
        """Tell everybody of one step of a benchmark, 0 … ``len(BENCHMARK_STEPS)``; True at the last."""
        is_done = step >= len(BENCHMARK_STEPS)
        data = {
            "equipment_id": device.id,
            "benchmark_id": benchmark_id,
            "progress": step / len(BENCHMARK_STEPS),
            "step": "done" if is_done else BENCHMARK_STEPS[step],
            "result": self.benchmark(device, benchmark_id) if is_done else None,
        }
        self._publish({"type": "benchmark_progress", "data": data})
        return is_done

    def benchmark(self, device: Instrument, benchmark_id: str) -> dict[str, Any]:
        latency_ms = 2.0 + (100.0 - device.health_score) / 10
        return {
            "benchmark_id": benchmark_id,
            "equipment_id": device.id,
            "timestamp": iso(self._clock()),
            "command_latency_ms": dict.fromkeys(BENCHMARK_STEPS, latency_ms),
            "throughput_commands_per_sec": 1000.0 / latency_ms,
            "sample_rate_hz": None,
            "data_transfer_rate_mbps": None,
            "buffer_fill_time_ms": None,
            "cpu_usage_percent": 0.0,
            "memory_usage_mb": 64.0,
            "baseline_deviation_percent": None,
            "performance_score": device.health_score,
        }

    def report(self, device: Instrument) -> dict[str, Any]:
        """The whole diagnosis of one device."""
        now_us = self._clock()
        status = status_of(device.health_score)
        verdict = {"healthy": "pass", "warning": "warning", "critical": "fail"}[status]
        issues = [] if status == "healthy" else [f"Health score {device.health_score:.0f} of 100"]
        return {
            "equipment_id": device.id,
            "timestamp": iso(now_us),
            "health_status": status,
            "health_score": device.health_score,
            "connection_status": "pass",
            "communication_status": verdict,
            "performance_status": "pass",
            "functionality_status": verdict,
            "connection_diagnostics": {
                "equipment_id": device.id,
                "is_connected": True,
                "connection_time": iso(device.connected_us),
                "disconnection_count": 0,
                "last_error": None,
                "uptime_seconds": (now_us - device.connected_us) / 1e6,
                "visa_resource": None,
                "visa_interface_type": None,
                "timeout_ms": None,
                "response_time_ms": None,
                "packet_loss_percent": None,
                "error_rate": 0.0,
            },
            "communication_diagnostics": {
                "equipment_id": device.id,
                "total_commands": 0,
                "successful_commands": 0,
                "failed_commands": 0,
                "timeout_count": 0,
                "retry_count": 0,
                "average_response_time_ms": 0.0,
                "min_response_time_ms": 0.0,
                "max_response_time_ms": 0.0,
                "bytes_sent": 0,
                "bytes_received": 0,
                "data_transfer_rate_bps": 0.0,
                "last_error": None,
                "error_history": [],
                "error_rate": None,
            },
            "performance_benchmark": self.benchmark(device, self._new_id("bench")),
            "active_issues": issues if status == "critical" else [],
            "warnings": issues if status == "warning" else [],
            "recommendations": ["Check physical connections and power"] if issues else [],
            "test_results": [self._test(device, name, title, status, now_us) for name, title in TESTS],
            "passed_tests": 0 if status == "critical" else len(TESTS),
            "failed_tests": len(TESTS) if status == "critical" else 0,
            "warning_tests": 0,
        }

    def _test(self, device: Instrument, name: str, title: str, status: str, now_us: int) -> dict[str, Any]:
        is_failed = status == "critical"
        return {
            "result_id": self._new_id("result"),
            "test_id": f"test_{name}",
            "equipment_id": device.id,
            "status": "fail" if is_failed else "pass",
            "started_at": iso(now_us),
            "completed_at": iso(now_us),
            "duration_seconds": None,
            "value": None,
            "expected_value": None,
            "tolerance": None,
            "message": f"Test {'failed' if is_failed else 'passed'}: {title}",
            "details": {},
            "error": "no answer" if is_failed else None,
            "recommendations": [],
        }
