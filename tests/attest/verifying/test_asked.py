"""Verification against what is asked: model, destinations, operator, activity and packs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.attest.samples import (
    INSPECTION,
    OPERATOR,
    PACK,
    STRICT_PACK,
    check,
    decide,
    decision_of,
    detail,
    refused,
    resigned,
    sign,
)
from weightgate.attest.statements.asked import Asked
from weightgate.destinations.footprint import resolve, resolve_all
from weightgate.inspect.inspection import ManifestEntry
from weightgate.policy.source import PackSource

RAW = sign(decide("DE", "AE"))


def files(**changed: bytes | None) -> tuple[ManifestEntry, ...]:
    entries = {entry.name: entry for entry in INSPECTION.manifest}
    for name, content in changed.items():
        if content is None:
            del entries[name.replace("_", ".")]
        else:
            entries[name.replace("_", ".")] = ManifestEntry(name.replace("_", "."), content.hex() * 32)
    return tuple(entries[name] for name in sorted(entries))


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (
            files(config_json=b"\1"),
            "'config.json' has other content here",
        ),
        (files(config_json=None), "'config.json' is missing here"),
        (files(extra_bin=b"\1"), "'extra.bin' was not there when it was attested"),
        (files(), "./model has digest sha256:" + "0" * 64),
    ],
)
def test_another_model_is_refused_by_file(manifest: tuple[ManifestEntry, ...], said: str) -> None:
    model = replace(INSPECTION, digest="sha256:" + "0" * 64, manifest=manifest)
    assert said in refused(RAW, "model", asked=Asked(model=model))


def test_the_same_root_under_other_names_is_another_model() -> None:
    # The OMS root leaves names out, so names are compared too.
    renamed = tuple(replace(entry, name="x." + entry.name) for entry in INSPECTION.manifest)
    said = refused(RAW, "model", asked=Asked(model=replace(INSPECTION, manifest=renamed)))
    assert "'config.json' is missing here" in said
    assert "'x.config.json' was not there" in said


def test_only_some_of_many_differences_are_listed() -> None:
    extra = tuple(ManifestEntry(f"z{i:02}", "0" * 64) for i in range(20))
    said = refused(RAW, "model", asked=Asked(model=replace(INSPECTION, manifest=INSPECTION.manifest + extra)))
    assert said.endswith("'z04' was not there when it was attested; and 15 more")


def test_digests_that_nobody_worked_out_here_are_said_to_be_reported() -> None:
    """Such as those of a signature in the place of the model, or of the Hub: no byte of the files was read."""
    asked = Asked(model=INSPECTION)
    plain = replace(INSPECTION, manifest=tuple(replace(e, reported=False) for e in INSPECTION.manifest))
    told = replace(INSPECTION, manifest=tuple(replace(e, reported=True) for e in INSPECTION.manifest))
    count = len(INSPECTION.manifest)
    assert "reported" not in detail(check(RAW, asked=replace(asked, model=plain)), "model")
    said = detail(check(RAW, asked=replace(asked, model=told)), "model")
    assert said.endswith(f"; the digests of {count} of them were reported, and not worked out here")


def test_a_model_without_digest_and_a_decision_without_model() -> None:
    said = refused(RAW, "model", asked=Asked(model=replace(INSPECTION, digest="")))
    assert said == "the digest of ./model could not be had"
    no_model = sign(decide("DE", model=False))
    assert detail(check(no_model), "model") == "not asked; it is about no model"
    assert (
        refused(no_model, "model", asked=Asked(model=INSPECTION))
        == "the decision was made with no model at hand"
    )


def test_each_destination_asked_must_be_covered() -> None:
    assert check(RAW, asked=Asked(destinations=[resolve("AE")])).genuine
    said = refused(RAW, "destination", asked=Asked(destinations=resolve_all(["ae", "cn"])))
    assert said == "CN is not among 'DE', 'AE'"


def test_destinations_are_compared_by_place_not_by_name() -> None:
    assert check(RAW, asked=Asked(destinations=[replace(resolve("de"), name="Germany")])).genuine
    moved = replace(resolve("FR"), name="de")
    assert (
        refused(RAW, "destination", asked=Asked(destinations=[moved]))
        == "de has other places there than here"
    )


GERMANY = resolve("DE").places[0]


@pytest.mark.parametrize(
    "change",
    [
        {"complete": False},
        {"places": ()},
        {"places": (GERMANY, replace(GERMANY, country="FR"))},
        {"places": (replace(GERMANY, provider="aws", region="eu-central-1"),)},
        {"places": (replace(GERMANY, within=("eu-central-1",)),)},
        {"places": (replace(GERMANY, subdivision=None),)},
        {"places": (replace(GERMANY, country=None),)},
    ],
)
def test_a_destination_that_is_nearly_the_same_is_another(change: dict[str, Any]) -> None:
    wanted = replace(resolve("DE"), **change)
    assert (
        refused(RAW, "destination", asked=Asked(destinations=[wanted]))
        == "DE has other places there than here"
    )


def test_a_region_and_its_country_are_two_destinations() -> None:
    raw = sign(decide("aws/eu-central-1", "gcp/eu"))
    assert check(raw, asked=Asked(destinations=resolve_all(["AWS/eu-central-1", "gcp/EU"]))).genuine
    said = refused(raw, "destination", asked=Asked(destinations=[resolve("DE")]))
    assert said == "DE is not among 'aws/eu-central-1', 'gcp/eu'"


def test_another_operator_activity_or_policy_is_refused() -> None:
    other = "sha256:" + "0" * 64
    assert refused(RAW, "operator", asked=Asked(operator=other)).startswith(
        f"the operator file here is {other}"
    )
    assert (
        refused(RAW, "activity", asked=Asked(activity="fine_tune"))
        == "asked for fine_tune, it is about 'host'"
    )
    changed = PackSource("toy", "shipped:toy", PACK.text + b"\n")
    said = refused(RAW, "policy", asked=Asked(packs=[PACK, changed]))
    assert said == f"not made under toy {changed.digest}, but under 'toy' '{PACK.digest}'"


def test_a_decision_about_no_operator() -> None:
    raw = sign(decide("DE", operator=False))
    assert detail(check(raw), "operator") == "not asked; it is about no operator"
    said = refused(raw, "operator", asked=Asked(operator=OPERATOR.digest))
    assert said == "it is about no operator: decide again with --operator, and attest that"


def test_more_packs_than_asked_only_tighten() -> None:
    raw = sign(decide("DE", packs=(PACK, STRICT_PACK)))
    report = check(raw, asked=Asked(packs=[PACK]))
    assert (report.genuine, report.verdict) == (True, "license_required")


def test_a_pack_that_was_left_out_decided_nothing() -> None:
    def change(statement: dict[str, Any]) -> None:
        decision = decision_of(statement)
        decision["left_out"] = [{"pack": decision["packs"].pop()["name"], "because": "rescinded"}]

    raw = resigned(sign(decide("DE", packs=(PACK, STRICT_PACK))), change)
    assert check(raw, asked=Asked(packs=[PACK])).genuine
    assert "not made under strict" in refused(raw, "policy", asked=Asked(packs=[STRICT_PACK]))
