"""The gate on real models, from closed weights stopped at Tier 3 to a forged attestation refused: ``make demo``.

It starts a Hub on this machine, puts three small models there, and runs the real command against it. Each step's exit
code and output are checked; the first surprise ends the demo with exit 1.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import fill

from examples.demo_models import ADAPTER, CLOSED, OPEN, TOKEN, change_weights, put_models
from examples.demo_steps import ATTESTATION, CHANGED, CHECKS, FORGED, GUARDS, SIGNING, Step
from tests.hub import LocalHub

PROGRAM = Path(sys.executable).parent / "weightgate"
TIMEOUT = 60
WIDTH = 100


class UnexpectedError(Exception):
    """A step did not show what it should."""


class Demo:
    """Runs steps in a folder, against a Hub.

    Args:
        folder: Where the files of the demo lie.
        endpoint: Address of the Hub.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        steering = ("HF_", "WEIGHTGATE_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(steering)} | {
            "HF_ENDPOINT": endpoint,
            "HF_TOKEN": TOKEN,
            "HF_HOME": str(folder / "hf"),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "WEIGHTGATE_KEY_PASSPHRASE": "made up for the demo",
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        self.done: list[Step] = []

    def run(self, *steps: Step) -> None:
        """Run steps and print all of them.

        Raises:
            UnexpectedError: Another exit code than expected, or the output does not hold what it should.
        """
        for step in steps:
            self._run(step)

    def _run(self, step: Step) -> None:
        print(f"\n{'-' * WIDTH}\n{len(self.done) + 1}. {step.title}")
        print(fill(step.shows, WIDTH) + "\n")
        if step.reads:
            print(f"$ cat {step.reads}\n{(self.folder / step.reads).read_text()}")
        print(f"$ weightgate {step.command}", flush=True)
        finished = subprocess.run(
            [PROGRAM, *shlex.split(step.command)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        print(f"{finished.stdout.rstrip()}\n\nexit code {finished.returncode}", flush=True)
        if finished.returncode != step.code:
            raise UnexpectedError(f"expected exit code {step.code}, not {finished.returncode}")
        if step.says not in finished.stdout:
            raise UnexpectedError(f"expected {step.says!r} in what was printed")
        self.done.append(step)

    def summary(self) -> None:
        """Print every step again with its exit code."""
        print(f"\n{'-' * WIDTH}\nAll as expected. The steps again, with their exit codes:\n")
        for number, step in enumerate(self.done, 1):
            print(f"{number:4}. exit {step.code}  {step.title}")


def write_inputs(folder: Path) -> None:
    """Write what operators and a developer declare; the standards' days are of this year, so that none has lapsed."""
    today = datetime.now(UTC).date()
    attested, until = today - timedelta(days=90), today + timedelta(days=275)
    emirates = (
        "name: Gulf Example Cloud\nheadquarters: AE\nultimate_parent: AE\nauthorizations: []   # holds none\n"
    )
    standards = "".join(
        f"  - {{name: {name}, attested: {attested}, until: {until}}}\n"
        for name in ("supp10-14", "supp10-15", "supp10-18")
    )
    texts = {
        "germany.yaml": "name: Rhine Example Cloud\nheadquarters: DE\nultimate_parent: DE\n",
        "emirates.yaml": emirates,
        "emirates-secure.yaml": f"{emirates}security_standards:\n{standards}",
        "poland.yaml": "name: Example Medical AI\nheadquarters: PL\nultimate_parent: PL\nauthorizations: []\n",
        "fine-tune.yaml": f"model.base: {OPEN}\n"
        "model.special_purpose: true\n"
        'model.base_operations: {value: 8.5e+22, source: "technical report, table 3"}\n'
        'model.finetune_operations: {value: 3.4e+22, source: "run 118, 6 x parameters x tokens"}\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text)


def forge(folder: Path) -> None:
    """Copy the attestation with one character of its payload replaced."""
    raw = bytearray((folder / ATTESTATION).read_bytes())
    place = raw.index(b'"payload"') + 400
    raw[place] = ord("A") if raw[place] != ord("A") else ord("B")
    (folder / "forged.json").write_bytes(raw)


def main() -> int:
    """Run every step; the exit code is 0 when each showed what it should."""
    with tempfile.TemporaryDirectory(prefix="weightgate-demo-") as name, LocalHub() as hub:
        folder = Path(name)
        put_models(hub, folder / "models")
        write_inputs(folder)
        print(f"A Hub on this machine, {hub.endpoint}, with three small models:")
        print(f"  {OPEN} (public, Apache-2.0), {CLOSED} and {ADAPTER} (private)")
        demo = Demo(folder, hub.endpoint)
        try:
            demo.run(*CHECKS, *GUARDS, *SIGNING)
            forge(folder)
            demo.run(FORGED)
            change_weights(hub)
            demo.run(CHANGED)
        except (UnexpectedError, subprocess.TimeoutExpired) as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        demo.summary()
    return 0


if __name__ == "__main__":
    sys.exit(main())
