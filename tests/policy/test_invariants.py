from __future__ import annotations

import pytest

from weightgate.errors import PolicyError
from weightgate.policy.invariants import Change, parse_change


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("model.training_operations grows", Change("model.training_operations", "grows")),
        ("model.finetune_share shrinks", Change("model.finetune_share", "shrinks")),
        ("model.released grows", Change("model.released", "grows")),
        ("destination.tier gets stricter", Change("destination.tier", "gets stricter")),
        ("operator.tier gets looser", Change("operator.tier", "gets looser")),
        ("model.openness gets stricter", Change("model.openness", "gets stricter")),
        ("model.special_purpose gets stricter", Change("model.special_purpose", "gets stricter")),
        ("operator.authorizations loses NVEU", Change("operator.authorizations", "loses", "NVEU")),
        ("operator.authorizations loses anything", Change("operator.authorizations", "loses")),
        ("model.labels gains internal only", Change("model.labels", "gains", "internal only")),
        ("model.outputs gains anything", Change("model.outputs", "gains")),
    ],
)
def test_what_an_invariant_says_of_a_fact(text: str, change: Change) -> None:
    assert parse_change(text) == change
    assert str(change) == text


def test_spaces_and_line_ends_mean_nothing() -> None:
    assert parse_change("  model.openness\n  gets   stricter ") == Change("model.openness", "gets stricter")


@pytest.mark.parametrize(
    ("text", "upwards"),
    [
        ("model.training_operations grows", True),
        ("model.training_operations shrinks", False),
        ("destination.tier gets stricter", True),
        ("destination.tier gets looser", False),
        ("model.openness gets stricter", True),
        ("model.special_purpose gets stricter", True),
        ("operator.authorizations gains UVEU", True),
        ("operator.authorizations loses UVEU", False),
        # Evidence that a stronger model is published loosens, so that to lose it is stricter.
        ("model.below_published_frontier gets stricter", False),
        ("model.below_published_frontier gets looser", True),
    ],
)
def test_the_order_in_which_values_are_passed(text: str, *, upwards: bool) -> None:
    assert parse_change(text).upwards is upwards


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("model.opennes gets stricter", "unknown fact 'model.opennes'", "did you mean model.openness?"),
        ("xyz grows", "unknown fact 'xyz'", "FACT grows, shrinks, gets stricter, "),
        ("", "unknown fact ''", "FACT grows"),
        ("as_of grows", "as_of belongs to the question", "name a fact of the world"),
        ("activity gets stricter", "activity belongs to the question", "name a fact of the world"),
        ("model.openness", "no change of model.openness is named", "write model.openness gets stricter, or"),
        ("model.openness grows", "model.openness grows: only a number or a day does", "gets stricter"),
        ("model.openness loses open", "model.openness loses open: only a list does", "gets stricter"),
        ("model.training_operations grow", "'grow' is no change of model.training_operations", "did you mean grows?"),
        ("model.training_operations gets stricter", "only a tier, a name with an order, or a yes or no does",
         "write model.training_operations grows, or shrinks"),
        ("destination.country gets stricter", "destination.country gets stricter: only a tier",
         "write it with given, and at_most or at_least: its values have no order"),
        ("destination.provider gets stricter", "only a tier", "its values have no order"),
        ("operator.authorizations loses NVUE", "'NVUE' is no member of operator.authorizations", "did you mean NVEU?"),
        ("operator.authorizations loses", "'loses' is no change of operator.authorizations", "loses MEMBER"),
        ("operator.authorizations grows", "only a number or a day does", "loses MEMBER, gains MEMBER"),
        ("model.training_operations grows fast", "'grows fast' is no change of model.training_operations", "write"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_change(text, "pack.yaml:7:5")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.where == "pack.yaml:7:5"
