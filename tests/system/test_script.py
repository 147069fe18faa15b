"""The script in the README does what is said of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from lablink_dpg.sim.process import SimProcess

LISTENS_S = 3


def test_the_script_of_the_readme_runs_and_hears_of_the_link_and_of_the_samples(repository: Path) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", (repository / "README.md").read_text(), re.DOTALL)
    assert script.count("labserver:8000") == 1
    assert script.count("listen(60)") == 1
    with SimProcess(streams=2, rate_hz=500.0) as simulator:
        script = script.replace("labserver:8000", simulator.url).replace("listen(60)", f"listen({LISTENS_S})")
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=repository, capture_output=True, text=True, timeout=60, check=False
        )
        server = simulator.url.removeprefix("http://")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert any(line.startswith(f"{server} ") and "streaming" in line for line in lines)
    streams = [line for line in lines if line.endswith(" lost 0")]
    assert len(streams) == 2
    assert all("('CH1',)" in line for line in streams)
