"""What the benchmarks share: interleaved timing, and one way to print a ratio beside its goal."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """A ratio that was measured, and what it should be.

    Attributes:
        what: What was compared with what.
        ratio: The measured ratio.
        limit: The goal.
        at_most: Whether the ratio should be at most the goal; else at least.
    """

    what: str
    ratio: float
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the goal is met in this run."""
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit

    def __str__(self) -> str:
        """One line for people."""
        sign = "at most" if self.at_most else "at least"
        mark = "met" if self.met else "MISSED"
        return f"  {self.what}: {self.ratio:.2f} ({sign} {self.limit:g}: {mark})"


def interleaved(
    candidates: Mapping[str, Callable[[], object]], *, calls: int, rounds: int = 9
) -> dict[str, float]:
    """Median seconds per call of each candidate, measured in turn so that drift hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            begin = time.perf_counter()
            for _ in range(calls):
                call()
            times[name].append((time.perf_counter() - begin) / calls)
    return {name: statistics.median(each) for name, each in times.items()}


ROOT = Path(__file__).parent.parent

# A process counts the memory of the one that it was forked from as its own peak, so a small one forks it.
_LAUNCH = """
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def peak_memory(
    command: Sequence[str], environment: Mapping[str, str] | None = None, expected: Sequence[int] = (0,)
) -> int:
    """Peak resident bytes of a process.

    Raises:
        SystemExit: It ended with another code than expected, so what it took means nothing.
    """
    launch = [sys.executable, "-c", _LAUNCH, *command]
    done = subprocess.run(launch, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    code, peak = map(int, done.stdout.split())
    if code not in expected:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return peak


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what steers Python, weightgate or the Hub client, so that bytecode is written and used."""
    steering = ("PYTHON", "WEIGHTGATE", "HF_")
    return {name: text for name, text in os.environ.items() if not name.startswith(steering)} | more


def table(title: str, seconds: dict[str, float], unit: str = "µs") -> None:
    """Print the medians."""
    scale = {"µs": 1e6, "ms": 1e3, "s": 1.0}[unit]
    print(title)
    for name, each in seconds.items():
        print(f"  {each * scale:10.2f} {unit}  {name}")


def conclude(goals: list[Goal]) -> None:
    """Print the goals."""
    for goal in goals:
        print(goal)
