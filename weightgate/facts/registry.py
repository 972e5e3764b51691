"""The facts table: every fact a decision may depend on, declared once.

The CEL environment, the JSON schema, the documentation page and the cells of the decision diagram are all made from
this table. A fact's order of appearance here is the order in which decision diagrams test it.
"""

from __future__ import annotations

from enum import Enum
from functools import cache

from weightgate.facts.countries import COUNTRIES, SUBDIVISIONS
from weightgate.records import record


class Kind(Enum):
    """What values a fact takes, and how CEL types it."""

    ENUM = "enum"  # one of a closed list of names; CEL string
    TEXT = "text"  # any text; CEL string
    COUNTRY = "country"  # ISO 3166-1 alpha-2, or XK; CEL string
    NUMBER = "number"  # a double, not negative; CEL double
    TIER = "tier"  # 1, 2 or 3, looked up in a pack's table; CEL int
    BOOL = "bool"  # CEL bool
    LIST = "list"  # a set of names; CEL list(string)
    DATE = "date"  # a UTC day as YYYY-MM-DD; CEL string, which sorts as dates do


class Loosens(Enum):
    """Which way a fact loosens a verdict, which is what a mere claim about it may not do.

    The values of a fact are ordered: numbers and tiers by size, names by their place in the domain, no before yes,
    a smaller list before a larger one.
    """

    LOWER = "lower"  # a claim of v counts as "at least v"
    HIGHER = "higher"  # a claim of v counts as "at most v"
    EITHER = "either"  # depends on the rule: a claim counts as unknown
    NAME = "name"  # a name that rules quote: a claim is shown as a value of grade claimed


@record
class FactSpec:
    """One row of the facts table.

    Attributes:
        name: Dotted name, fixed for ever once released.
        kind: What values it takes.
        meaning: One line for people.
        question: What to ask a person when it is missing.
        loosens: Which way it loosens a verdict.
        unit: Unit of a number; empty for everything else.
        domain: The names that a rule may compare it with, loosest first where they have an order; empty: any text.
        ordered: Whether the names of ``domain`` have an order, whichever way that loosens.
        closed: Whether values outside ``domain`` are refused too (otherwise only literals in rules are).
        derived_from: Facts it is computed from when they are known; empty for an input.
        per_destination: Whether its value differs between the destinations of one decision.
        change: The change of the world by which it could come to be another, in words; facts of one change change
            together. Empty: it cannot, or not by anything that anyone could do about the question.
        only_grows: Whether it can only grow, or turn from no to yes: what was spent or published stays so.
    """

    name: str
    kind: Kind
    meaning: str
    question: str
    loosens: Loosens
    unit: str = ""
    domain: tuple[str, ...] = ()
    ordered: bool = False
    closed: bool = True
    derived_from: tuple[str, ...] = ()
    per_destination: bool = False
    change: str = ""
    only_grows: bool = False


ACTIVITIES = ("host", "fine_tune", "export_compute")
OPENNESS = ("open", "restricted", "closed")
RELATIONS = ("finetune", "adapter", "merge", "quantized", "distilled", "pruned", "continued")
PROVIDERS = ("aws", "azure", "gcp", "oci", "alibaba", "tencent", "huawei", "ibm", "linode", "vultr")
MODALITIES = ("text", "image", "audio", "video")
STANDARDS = ("supp10-14", "supp10-15", "supp10-18")
AUTHORIZATIONS = ("UVEU", "NVEU", "LICENSE", "AIA", "ACM", "LPP", "ORDER")
TIERS = (1, 2, 3)

# What could change, in words. The day, the activity, the base and what the model is are another question; the labels
# say what it is, and to take one off would be no change of the model. Tiers follow from countries.
ELSEWHERE = "another destination"
ANOTHER_OPERATOR = "another operator, or one that moves or changes hands"
AUTHORIZED = "an authorisation is granted, or lapses"
ATTESTED = "standards are attested, or lapse"
PUBLISHED = "its publisher opens, gates or withdraws the weights"
PURPOSE = "a fine-tune for another purpose"
TRAINING = "more training; or a fine-tune of another size, where it is still to be done"
OVERTAKEN = "as capable a model that took more operations is published"
ANOTHER_YEAR = "the developer's revenue of another year"

PRESUMABLE = frozenset({"UVEU", "NVEU"})
"""Authorisations that an operator of whom nothing is stated may hold. Nobody is presumed to have a licence, to rely on
an exception, or to be under an order: those count only when they are listed."""

_COUNTRY = tuple(COUNTRIES)
_HIGHER, _LOWER, _EITHER, _NAME = Loosens.HIGHER, Loosens.LOWER, Loosens.EITHER, Loosens.NAME

_TABLE = (
    FactSpec("activity", Kind.ENUM, "What is to be done", "What is to be done?", _EITHER, domain=ACTIVITIES),
    FactSpec("as_of", Kind.DATE, "The day the decision is about, UTC", "Which day is it about?", _EITHER),
    FactSpec("destination.country", Kind.COUNTRY, "Country where the weights or chips will be",
             "In which country does the destination lie?", _EITHER, domain=_COUNTRY, per_destination=True,
             change=ELSEWHERE),
    FactSpec("destination.subdivision", Kind.ENUM, "Part of a country, where a rule tells parts apart; empty elsewhere",
             "In which part of the country does the destination lie?", _EITHER, domain=("", *SUBDIVISIONS),
             per_destination=True, change=ELSEWHERE),
    FactSpec("destination.provider", Kind.ENUM, "Cloud provider of the destination; empty for a bare country",
             "Which cloud provider is it?", _EITHER, domain=("", *PROVIDERS), per_destination=True, change=ELSEWHERE),
    FactSpec("destination.region", Kind.TEXT, "The provider's name of the region; empty for a bare country",
             "Which region of the provider is it?", _EITHER, per_destination=True, change=ELSEWHERE),
    FactSpec("destination.tier", Kind.TIER, "Tier of the destination's country in the pack's table",
             "In which tier is the destination?", _LOWER, derived_from=("destination.country",), per_destination=True),
    FactSpec("model.openness", Kind.ENUM, "Whether anyone can have these weights, and may pass them on",
             "Can anyone download these very weights, under a licence that lets them pass the weights on?",
             _LOWER, domain=OPENNESS, ordered=True, change=PUBLISHED),
    FactSpec("model.base_openness", Kind.ENUM, "Openness of the model that this one was made from",
             "Can anyone download the base model's weights, under a licence that lets them pass the weights on?",
             _EITHER, domain=OPENNESS, ordered=True),
    FactSpec("operator.headquarters", Kind.COUNTRY, "Country of the operator's headquarters",
             "Where does the operator have its headquarters?", _EITHER, domain=_COUNTRY, change=ANOTHER_OPERATOR),
    FactSpec("operator.ultimate_parent", Kind.COUNTRY, "Country where the operator's ultimate parent has its headquarters",
             "Where does the operator's ultimate parent have its headquarters?", _EITHER, domain=_COUNTRY,
             change=ANOTHER_OPERATOR),
    FactSpec("operator.tier", Kind.TIER, "The stricter of the tiers of the operator's headquarters and ultimate parent",
             "In which tier is the operator?", _LOWER,
             derived_from=("operator.headquarters", "operator.ultimate_parent"), change=ANOTHER_OPERATOR),
    FactSpec("operator.authorizations", Kind.LIST, "Kinds of authorisation in force at that day and in scope there",
             "Which authorisations does the operator hold, for which countries, from when to when?",
             _HIGHER, domain=AUTHORIZATIONS, per_destination=True, change=AUTHORIZED),
    FactSpec("operator.security_standards", Kind.LIST, "Security standards attested and not lapsed at that day",
             "Which security standards has the operator had attested, and until when?",
             _HIGHER, domain=STANDARDS, closed=False, change=ATTESTED),
    FactSpec("operator.name", Kind.TEXT, "Name of the operator", "Who operates the destination?", _NAME,
             change=ANOTHER_OPERATOR),
    FactSpec("model.special_purpose", Kind.BOOL, "Whether the fine-tune serves a special purpose",
             "Is the model fine-tuned for a special purpose?", _LOWER, change=PURPOSE),
    FactSpec("model.finetune_share", Kind.NUMBER, "Fine-tune operations as a share of the base's training operations",
             "How much compute does the fine-tune add, as a share of the base's?", _LOWER, unit="ratio",
             derived_from=("model.finetune_operations", "model.base_operations"), change=TRAINING),
    FactSpec("model.finetune_operations", Kind.NUMBER, "Operations spent on the fine-tune",
             "How many operations does the fine-tune take?", _LOWER, unit="operations", change=TRAINING),
    FactSpec("model.base_operations", Kind.NUMBER, "Operations spent on training the base model",
             "How many operations went into training the base model?", _EITHER, unit="operations"),
    FactSpec("model.training_operations", Kind.NUMBER, "All operations spent on training, the base's included",
             "How many operations went into training the model, its base included?", _LOWER, unit="operations",
             change=TRAINING, only_grows=True),
    FactSpec("model.base_operations_disclosed", Kind.BOOL, "Whether the base model's training operations are known or can be had",
             "Are the base model's training operations known, or can they be had?", _EITHER),
    FactSpec("model.base_systemic_risk", Kind.BOOL, "Whether the base is a model with systemic risk (Regulation (EU) 2024/1689, Art. 51)",
             "Is the base a general-purpose AI model with systemic risk?", _LOWER),
    FactSpec("model.inputs", Kind.LIST, "What the model takes in",
             "What does the model take in: text, images, audio, video?", _EITHER, domain=MODALITIES, closed=False),
    FactSpec("model.outputs", Kind.LIST, "What the model generates",
             "What does the model generate: text, images, audio, video?", _EITHER, domain=MODALITIES, closed=False),
    FactSpec("model.released", Kind.DATE, "Day on which the model was first placed on a market or published, UTC",
             "On which day was the model first placed on a market or published?", _EITHER),
    FactSpec("model.below_published_frontier", Kind.BOOL,
             "Whether a published model as capable took more operations (Note 2 of 4E091)",
             "Is there a published model, as capable by widely used benchmarks, that needed more operations?", _HIGHER,
             change=OVERTAKEN, only_grows=True),
    FactSpec("model.license", Kind.TEXT, "Licence under which the weights are published, as an SPDX identifier if it has one",
             "Under which licence are the weights published?", _NAME),
    FactSpec("model.license_limits_territory", Kind.BOOL,
             "Whether the licence's text limits in which countries, or by whom, the weights may be used",
             "Does the licence's text limit where, or by companies of which countries, the weights may be used?", _LOWER),
    FactSpec("model.owner", Kind.TEXT, "Who publishes the model", "Who publishes the model?", _NAME),
    FactSpec("model.labels", Kind.LIST, "Labels that the organisation puts on the model",
             "Which labels does the model carry?", _EITHER, closed=False),
    FactSpec("model.base", Kind.TEXT, "The model that this one was made from", "What was the model made from?", _NAME),
    FactSpec("model.base_relation", Kind.ENUM, "How the model was made from its base",
             "How was the model made from its base?", _NAME, domain=RELATIONS),
    FactSpec("model.architecture", Kind.TEXT, "Architecture, as the configuration names it",
             "Which architecture does the model have?", _NAME),
    FactSpec("model.parameters", Kind.NUMBER, "Number of parameters", "How many parameters does the model have?",
             _LOWER, unit="parameters"),
    FactSpec("model.active_parameters", Kind.NUMBER, "Parameters that take part in computing one token",
             "How many of the parameters compute one token?", _LOWER, unit="parameters"),
    FactSpec("developer.revenue", Kind.NUMBER,
             "Gross revenue of the model's developer and its affiliates in the previous calendar year",
             "How much revenue did the developer and its affiliates have in the previous calendar year?", _LOWER, unit="USD",
             change=ANOTHER_YEAR),
    FactSpec("compute.tpp", Kind.NUMBER, "Total processing performance of the shipment",
             "What is the total processing performance of the shipment?", _LOWER, unit="TPP"),
    FactSpec("compute.share_outside_tier1", Kind.NUMBER, "Share of the operator's computing power outside Tier 1",
             "Which share of the operator's computing power lies outside Tier 1?", _LOWER, unit="ratio"),
    FactSpec("compute.share_tier2", Kind.NUMBER, "Share of the operator's computing power in Tier 2",
             "Which share of the operator's computing power lies in Tier 2?", _LOWER, unit="ratio"),
    FactSpec("compute.max_share_single_country", Kind.NUMBER,
             "Largest share of the operator's computing power in one country outside Tier 1",
             "Which share lies in the country outside Tier 1 that has most of it?", _LOWER, unit="ratio"),
    FactSpec("compute.share_home_us", Kind.NUMBER, "Share of the operator's computing power in the United States",
             "Which share of the operator's computing power lies in the United States?", _HIGHER, unit="ratio"),
    FactSpec("compute.country_cap_left", Kind.NUMBER, "What is left of the country's cap",
             "How much of the country's cap is left?", _HIGHER, unit="TPP", per_destination=True),
)  # fmt: skip

FACTS: dict[str, FactSpec] = {spec.name: spec for spec in _TABLE}
"""Every fact by its name, in diagram order."""


@cache
def position(name: str) -> int:
    """Place of a fact in the table, which is its place in every decision diagram."""
    return list(FACTS).index(name)


def nearest(
    name: str, known: list[str] | tuple[str, ...] | dict[str, FactSpec] | None = None, n: int = 3
) -> list[str]:
    """Known names most like ``name``, best first, for "did you mean"."""
    import difflib

    candidates = list(FACTS if known is None else known)
    folded = {c.lower(): c for c in reversed(candidates)}
    return [folded[c] for c in difflib.get_close_matches(name.lower(), folded, n=n, cutoff=0.5)]
