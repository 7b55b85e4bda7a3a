"""Measuring: medians of rounds that alternate, and processes as processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PYTHON = sys.executable
TICKSTREAM = (PYTHON, "-m", "tickstream")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` is judged against `bar` by `better`: at least, or at most."""

    name: str
    ours: str
    reference: str
    ratio: float
    better: str
    bar: float
    aim: float | None = None

    @property
    def met(self) -> bool:
        return self._reaches(self.bar)

    @property
    def aimed(self) -> bool:
        return self.aim is not None and self._reaches(self.aim)

    def _reaches(self, goal: float) -> bool:
        return self.ratio >= goal if self.better == ">=" else self.ratio <= goal


def alternate(work: Mapping[str, Callable[[], float]], rounds: int, pause: float = 0.0) -> dict[str, float]:
    """Run each of `work` in turn, `rounds` times; the median of what each returned."""
    results: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            results[name].append(run())
            time.sleep(pause)
    return {name: median(values) for name, values in results.items()}


def seconds_of(run: Callable[[], object], repeat: int = 1) -> float:
    """CPU seconds of `repeat` calls, by one call."""
    began = time.process_time()
    for _ in range(repeat):
        run()
    return (time.process_time() - began) / repeat


def cpu_of(command: Sequence[str], *, timeout: float = 120.0) -> float:
    """User and system seconds of a whole process that ends by itself; its output goes nowhere."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    deadline = time.monotonic() + timeout
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:6])} … ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def wall_of(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment())
    return time.perf_counter() - began


def cpu_so_far(pid: int) -> float:
    """User and system seconds of a process that runs."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid: int) -> float:
    """The most memory that a process had so far, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def rss_kib(pid: int) -> int:
    """The memory that a process has now, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKSTREAM_")}
    return {name: value for name, value in kept.items() if "proxy" not in name.lower()} | {
        "TERM": "xterm-256color"
    }
