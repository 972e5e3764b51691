"""A training pipeline with the gate in it: once before the fine-tune, once before the weights leave.

    python examples/training_pipeline.py WORK [--steps N] [--to REGION]

It trains a small base, and asks whether the planned fine-tune may go ahead (a context manager); fine-tunes it, and asks
whether the result may be deployed (a decorator). A refusal ends it with the verdict's own exit code, and nothing that
stands behind the gate has run. The operator is a Tier 2 company: with more than 25% of the base's operations, for a
special purpose, the default pack wants a licence.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

import weightgate

OPERATOR = Path(__file__).parent / "operator.yaml"
SAMPLES, WIDTH = 256, 16
BASE_STEPS = 1000
REGION = "aws/me-central-1"

Weights = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Run:
    """A training run.

    Attributes:
        weights: What was learned.
        operations: Floating-point operations that it took: 6 for each weight, sample and step.
    """

    weights: Weights
    operations: float


def operations(steps: int) -> float:
    """Operations of a run, known before it begins."""
    return 6.0 * WIDTH * SAMPLES * steps


def train(start: Weights, seed: int, steps: int) -> Run:
    """Fit a linear model to samples of a random one, by gradient descent."""
    random = np.random.default_rng(seed)
    inputs, truth = random.normal(size=(SAMPLES, WIDTH)), random.normal(size=WIDTH)
    targets, weights = inputs @ truth, start
    for _ in range(steps):
        weights = weights - 0.05 * inputs.T @ (inputs @ weights - targets) / SAMPLES
    return Run(weights, operations(steps))


def save(run: Run, path: Path) -> None:
    """Write the weights as safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"linear.weight": run.weights}, path)


def plan(base: Run, steps: int) -> dict[str, object]:
    """What we declare about the fine-tune before it has begun."""
    return {
        "model.base_openness": "open",
        "model.base_operations": base.operations,
        "model.finetune_operations": operations(steps),
        "model.special_purpose": True,
    }


def pipeline(work: Path, steps: int, region: str) -> None:
    """Run it all.

    Raises:
        weightgate.Refused: The fine-tune or the deployment may not go ahead.
    """
    base = train(np.zeros(WIDTH), seed=1, steps=BASE_STEPS)
    save(base, work / "base" / "model.safetensors")

    # The model at hand is the base; what is to become of it is the plan.
    declared = plan(base, steps)
    with weightgate.gate(
        work / "base", to="AE", activity="fine_tune", operator=OPERATOR, facts=declared
    ) as decision:
        print(f"fine-tune: {decision.verdict}")
        start = load_file(work / "base" / "model.safetensors")["linear.weight"]
        save(train(start, seed=2, steps=steps), work / "tuned" / "model.safetensors")

    # Decided anew at each call, on the weights that are there then. We do not publish them, so we say that they are closed.
    @weightgate.gate(work / "tuned", to=region, operator=OPERATOR, facts={"model.openness": "closed"})
    def deploy(target: Path) -> None:
        shutil.copytree(work / "tuned", target)
        print(f"deployed to {target.name}")

    deploy(work / "serving")


def main() -> int:
    """Run the pipeline; the exit code is 0, or that of the verdict that stopped it."""
    parser = argparse.ArgumentParser(description="A training pipeline with the gate in it.")
    parser.add_argument("work", type=Path, help="folder for the weights")
    parser.add_argument("--steps", type=int, default=200, help="steps of the fine-tune; the base took 1000")
    parser.add_argument("--to", default=REGION, help="where the result is to be deployed")
    asked = parser.parse_args()
    try:
        pipeline(asked.work, asked.steps, asked.to)
    except weightgate.WeightgateError as error:
        print(f"stopped: {error}", file=sys.stderr)
        return int(error.exit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
