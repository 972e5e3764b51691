"""Tiers follow from countries; one that was declared stands only while they are not known."""

from __future__ import annotations

import pytest

from weightgate.facts.values import Known, OneOf, Unknown, Value
from weightgate.policy.tiers import computed_tier, declared_tier

TIERS = {"DE": 1, "FR": 1, "AE": 2, "IN": 2, "CN": 3}
HQ, PARENT = "operator.headquarters", "operator.ultimate_parent"
UNKNOWN = Unknown("its countries are not known")


@pytest.mark.parametrize(
    ("country", "tier"),
    [(Known("DE"), Known(1)), (Known("CN"), Known(3)), (OneOf(("DE", "FR")), Known(1)),
     (OneOf(("CN", "DE")), OneOf((1, 3))), (Unknown(), UNKNOWN), (OneOf(("DE", "AE", "CN")), UNKNOWN)],
)  # fmt: skip
def test_a_destination_has_the_tier_of_its_country(country: Value, tier: Value) -> None:
    assert computed_tier("destination.tier", {"destination.country": country}, TIERS) == tier
    assert computed_tier("destination.tier", {}, TIERS) == UNKNOWN


@pytest.mark.parametrize(
    ("headquarters", "parent", "tier"),
    [(Known("DE"), Known("DE"), Known(1)), (Known("DE"), Known("CN"), Known(3)), (Known("AE"), Known("DE"), Known(2)),
     (Known("CN"), Unknown(), Known(3)), (Unknown(), Known("CN"), Known(3)), (Known("AE"), Unknown(), OneOf((2, 3))),
     (Known("DE"), Unknown(), UNKNOWN), (Unknown(), Unknown(), UNKNOWN)],
)  # fmt: skip
def test_an_operator_has_the_stricter_of_two(headquarters: Value, parent: Value, tier: Value) -> None:
    assert computed_tier("operator.tier", {HQ: headquarters, PARENT: parent}, TIERS) == tier


@pytest.mark.parametrize(
    ("declared", "computed", "counts", "contradicts"),
    [
        (Known(2), UNKNOWN, Known(2), False),
        (OneOf((1, 2)), UNKNOWN, OneOf((1, 2)), False),
        (Unknown(), UNKNOWN, None, False),
        (Known(2), Known(2), None, False),
        (Known(1), Known(2), OneOf((0, 1)), True),
        (Known(3), Known(2), OneOf((0, 3)), True),
        (Known(1), OneOf((2, 3)), OneOf((0, 1)), True),
        (Known(2), OneOf((2, 3)), Known(2), False),
        (OneOf((1, 2)), OneOf((2, 3)), Known(2), False),
        (OneOf((1, 2)), Known(2), None, False),
        (Unknown(), Known(2), None, False),
        (Unknown(), OneOf((2, 3)), None, False),
    ],
)
def test_a_declared_tier_beside_the_computed_one(
    declared: Value, computed: Value, counts: Value | None, contradicts: bool
) -> None:
    assert declared_tier(declared, computed) == (counts, contradicts)
