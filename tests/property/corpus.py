"""Packs that once told two readings apart, shrunk: replayed in every run, whatever hypothesis draws.

Each entry says what went wrong. Add to it whenever a property fails; never take away.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.property.pack_text import CITE
from tests.property.strategies import EVERY_TIER_2, RandomPack, build
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value
from weightgate.policy.verdicts import Verdict

ALLOW, CONDITIONS, LICENSE, DENY = Verdict
NOBODY = Members(frozenset(), frozenset())


@dataclass(frozen=True)
class Example:
    """Packs about places, and what is known at each.

    Attributes:
        what: What once went wrong, or could.
        packs: The packs.
        places: What is known at each place.
    """

    what: str
    packs: tuple[RandomPack, ...]
    places: tuple[dict[str, Value], ...]


def pack(*entries: tuple[str, Verdict], default: Verdict = DENY) -> RandomPack:
    """A pack from conditions and verdicts."""
    texts, verdicts = zip(*entries, strict=True)
    return build(texts, verdicts, default, EVERY_TIER_2 | {"DE": 1, "CN": 3})


EXAMPLES = (
    Example(
        "names that two packs list in other company were never met together: a verdict was too lenient",
        (
            pack(('model.license in ["mit", "apache-2.0"]', ALLOW)),
            pack(('model.license in ["other", "apache-2.0"]', ALLOW)),
        ),
        ({"model.license": Unknown(), "operator.authorizations": NOBODY},),
    ),
    Example(
        "two packs tested members of one list in two orders, and lost that they are the same",
        (
            pack(('!("UVEU" in operator.authorizations && "NVEU" in operator.authorizations)', ALLOW)),
            pack(('"NVEU" in operator.authorizations', ALLOW)),
        ),
        ({"operator.authorizations": Members(frozenset({"UVEU"}), frozenset({"NVEU", "UVEU"}))},),
    ),
    Example(
        "the lenient and the strict side of one unknown fact, one in each pack",
        (pack(('model.openness == "open"', ALLOW)), pack(('model.openness != "open"', ALLOW))),
        ({"model.openness": Unknown(), "operator.authorizations": NOBODY},),
    ),
    Example(
        "a threshold between two doubles, with an interval that ends on it",
        (pack(("model.training_operations > 1e26", LICENSE), default=ALLOW),
         pack(("model.training_operations >= 1e26", LICENSE), default=ALLOW)),
        ({"model.training_operations": Interval(None, 1e26), "operator.authorizations": NOBODY},),
    ),
    Example(
        "a licence that is possibly held lifts in some worlds only",
        (pack(("model.special_purpose", LICENSE), default=ALLOW),),
        ({"model.special_purpose": Unknown(),
          "operator.authorizations": Members(frozenset(), frozenset({"LICENSE"}))},),
    ),
    Example(
        "one unknown operator at two places, and an unknown country at one of them",
        (pack(("destination.tier == 1 && operator.tier <= 2", ALLOW), ("destination.tier == 3", DENY),
              ("destination.tier == 2", LICENSE)),),
        (
            {"destination.country": Known("DE"), "operator.headquarters": OneOf(("DE", "CN")),
             "operator.ultimate_parent": Known("DE"), "operator.authorizations": NOBODY},
            {"destination.country": Unknown(), "operator.headquarters": OneOf(("DE", "CN")),
             "operator.ultimate_parent": Known("DE"), "operator.authorizations": NOBODY},
        ),
    ),
    Example(
        "a declared tier of which each pack's table makes something else",
        (pack(("operator.tier == 2", ALLOW)), pack(("operator.tier == 3", ALLOW))),
        ({"operator.tier": OneOf((2, 3)), "operator.authorizations": NOBODY},),
    ),
)  # fmt: skip

PROPOSED_THEN_EFFECTIVE = {
    "schema": "weightgate/pack/v1",
    "name": "dated",
    "version": "1.0.0",
    "title": "A pack",
    "summary": "It was proposed, and came into force.",
    "sources": {"law": {"title": "The law"}},
    "status": [
        {"from": "2025-01-01", "status": "proposed", "cite": CITE},
        {"from": "2025-06-01", "status": "effective", "cite": CITE},
    ],
    "default": {"verdict": "deny", "title": "Nothing applies", "cites": [CITE]},
    "define": {},
    "rules": [
        {"id": "open", "title": "A rule", "activity": ["host"], "when": 'model.openness == "open"',
         "verdict": "allow", "cites": [CITE]},
    ],
}  # fmt: skip
"""In force, rules without a status of their own were read as what the pack was worth on its first day, for ever."""
