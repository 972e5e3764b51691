"""From the operations that a training run counted for itself to the operations that it took.

The Trainer of transformers counts 6 operations for each token and each parameter outside the embeddings
(``Trainer.floating_point_ops``). Runs with a known answer show where that misses, in both directions:

* Frozen weights are counted as if they were trained. A low-rank adapter leaves out the gradient of the frozen weights,
  which is 2 of the 6, so the true count lies between 4/6 of the stated one and the stated one.
* In a mixture of experts all experts are counted, though only a few compute each token (measured: 2.9 times too many
  with 2 of 8). The true count lies between the active share of the stated one and the stated one.
* Attention's own work, which grows with the square of the length, is never counted, nor are generation, reward models
  and earlier stages: what a counter shows is a lower bound of the model's whole training.
"""

from __future__ import annotations

from weightgate.facts.values import Interval, Value, interval
from weightgate.records import record

FROZEN_SHARE = (4.0, 6.0)
"""Operations per token and frozen weight (forward 2, activation gradient 2) against those that the trainer counts."""


@record
class Counted:
    """Operations of one training run.

    Attributes:
        lower: At least so many.
        upper: At most so many, apart from what the counter never counts.
        method: How both were worked out, for evidence.
    """

    lower: float
    upper: float
    method: str

    @property
    def range(self) -> Value:
        """The run's operations."""
        return interval(self.lower, self.upper)

    @property
    def at_least(self) -> Value:
        """A lower bound: all that one stage says about the whole training."""
        return Interval(self.lower, None)


def count_operations(total_flos: float, *, adapter: bool, active_share: float | None) -> Counted:
    """Correct a trainer's own count.

    Args:
        total_flos: The count; above 0 and finite.
        adapter: Whether most weights were frozen, as with LoRA.
        active_share: In a mixture of experts, a lower bound of the share of the weights outside the embeddings that
            computes a token, above 0 and at most 1; ``None`` for a model that is dense as far as is known.

    Raises:
        ValueError: A number outside its range.
    """
    if not 0 < total_flos < float("inf"):
        raise ValueError(f"total_flos is {total_flos}, needed a finite number above 0")
    if active_share is not None and not 0 < active_share <= 1:
        raise ValueError(f"the active share is {active_share}, needed above 0 and at most 1")
    lower = total_flos
    method = ["total_flos = 6 x tokens x weights outside the embeddings"]
    if adapter:
        lower = lower * FROZEN_SHARE[0] / FROZEN_SHARE[1]
        method.append("frozen weights were counted as trained, so from 4/6 of it")
    if active_share is not None:
        lower *= active_share
        method.append(
            f"all experts were counted, so from {active_share:.4g} of it, the share active per token"
        )
    method.append("attention's share that grows with the square of the length is not counted")
    return Counted(min(lower, total_flos), total_flos, "; ".join(method))
