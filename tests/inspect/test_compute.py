"""Correcting what a trainer counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.facts.values import Interval, Known
from weightgate.inspect.compute import count_operations


def test_a_full_fine_tune_counts_as_stated() -> None:
    # MODELS.md, section 5: 6 x 180,800 weights outside the embeddings x 4,096 tokens, measured with the real Trainer.
    counted = count_operations(4_443_340_800.0, adapter=False, active_share=None)
    assert counted.range == Known(6.0 * 180_800 * 4_096)
    assert counted.at_least == Interval(4_443_340_800.0, None)
    assert "square of the length is not counted" in counted.method


def test_an_adapter_s_frozen_weights_were_counted_as_trained() -> None:
    # The same: LoRA with 3,584 weights on 180,800 frozen ones; the true work is near 4 x weights x tokens.
    stated = 6.0 * (180_800 + 3_584) * 4_096
    counted = count_operations(stated, adapter=True, active_share=None)
    true = 4.0 * 180_800 * 4_096 + 6.0 * 3_584 * 4_096
    assert counted.lower <= true <= counted.upper == stated
    assert counted.lower == pytest.approx(stated * 4 / 6)
    assert "4/6" in counted.method


def test_a_mixture_s_idle_experts_were_counted() -> None:
    # The same: 8 experts, 2 active, 156,992 active of 451,904 weights; stated 2.88 times too high.
    counted = count_operations(11_105_992_704.0, adapter=False, active_share=156_992 / 451_904)
    assert counted.range == Interval(counted.lower, 11_105_992_704.0)
    assert counted.upper / counted.lower == pytest.approx(2.88, abs=0.005)
    assert "0.3474" in counted.method


def test_both_corrections_apply_together() -> None:
    counted = count_operations(6e20, adapter=True, active_share=0.5)
    assert counted.range == Interval(2e20, 6e20)


@pytest.mark.parametrize(
    ("flos", "share"),
    [(0.0, None), (-1.0, None), (float("inf"), None), (float("nan"), None), (1.0, 0.0), (1.0, 1.1)],
)
def test_numbers_outside_their_range_are_refused(flos: float, share: float | None) -> None:
    with pytest.raises(ValueError, match="needed"):
        count_operations(flos, adapter=False, active_share=share)


@given(
    st.floats(1e-3, 1e300),
    st.booleans(),
    st.none() | st.floats(1e-6, 1),
)
def test_a_correction_never_raises_the_count(flos: float, adapter: bool, share: float | None) -> None:
    counted = count_operations(flos, adapter=adapter, active_share=share)
    assert 0 <= counted.lower <= counted.upper == flos
    assert counted.at_least == Interval(counted.lower, None)
