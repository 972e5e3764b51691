"""A case in words: which rules apply and why, what is missing, what must be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weightgate.decide.case import ORDER_PACK, Case, Rulebook
from weightgate.decide.decision import Because, Missing, OpenCondition, PackVerdict, PlaceVerdict, Reason
from weightgate.facts.encode import needed
from weightgate.facts.registry import FACTS
from weightgate.facts.values import Known, Unknown
from weightgate.operators.entries import AUTHORIZATION_ENTRY, STANDARD_ENTRY
from weightgate.operators.statements import unstated_dates
from weightgate.policy.joint import Component, Open, Settled, possible
from weightgate.policy.reasons import Applied, applied
from weightgate.policy.tiers import TIER_FACTS, computed_tier
from weightgate.policy.verdicts import Verdict
from weightgate.policy.verdicts import settle as settle_verdict

Cites = tuple[Mapping[str, str], ...]

ENTRIES = {
    "operator.security_standards": STANDARD_ENTRY,
    "operator.authorizations": AUTHORIZATION_ENTRY,
}
"""Facts that an operator file states as lists of entries, with an entry of each."""


def reasons(case: Case) -> tuple[Reason, ...]:
    """Every rule and order that applies, certainly or possibly, strictest first."""
    books = {r.name: r for r in case.rulebooks}
    found = [_reason(case, books[one.pack], one) for one in _applied(case)]
    found += _orders(case)
    return tuple(sorted(found, key=lambda r: -Verdict[r.verdict.upper()]))


def place_verdicts(case: Case) -> tuple[PlaceVerdict, ...]:
    """What was decided about each place."""
    found = []
    for index, (destination, place) in enumerate(case.places):
        there = [c for c in case.components if c.place == index]
        verdicts = possible(there)
        tiers = {c.pack: _tier(c) for c in there if c.pack != ORDER_PACK}
        found.append(
            PlaceVerdict(
                destination.name,
                place.country,
                place.subdivision or None,
                tiers,
                settle_verdict(verdicts),
                tuple(str(v) for v in verdicts),
            )
        )
    return tuple(found)


def pack_verdicts(case: Case, asked: Sequence[Rulebook]) -> tuple[PackVerdict, ...]:
    """What each pack says over all places, those not applicable included."""
    found = []
    for book in asked:
        verdicts = possible([c for c in case.components if c.pack == book.name]) if book.rules else ()
        found.append(
            PackVerdict(
                book.name,
                book.pack.version,
                book.pack.digest,
                book.status,
                settle_verdict(verdicts) if verdicts else None,
                tuple(str(v) for v in verdicts),
                book.rules is not None,
            )
        )
    return tuple(found)


def missing(case: Case, settled: Settled) -> tuple[Missing, ...]:
    """The facts on which the verdict still turns, in the order of the facts table."""
    by_fact: dict[str, list[Open]] = {}
    for one in settled.missing:
        by_fact.setdefault(one.fact, []).append(one)
    return tuple(_missing(case, fact, opened) for fact, opened in by_fact.items())


def conditions(case: Case) -> tuple[OpenCondition, ...]:
    """What must be kept where the verdict allows with conditions, each once."""
    books = {r.name: r for r in case.rulebooks}
    conditional = {
        index for index in range(len(case.places))
        if Verdict.ALLOW_WITH_CONDITIONS in possible([c for c in case.components if c.place == index])
    }  # fmt: skip
    found: dict[tuple[str, str], OpenCondition] = {}
    for one in _applied(case):
        if (
            one.verdict is not Verdict.ALLOW_WITH_CONDITIONS
            or one.rule is None
            or not conditional & set(one.places)
        ):
            continue
        cites = _cites(books[one.pack], one.rule.text["cites"])
        terms = _terms(case, one) if one.rule.by_licence else one.rule.text.get("conditions", [])
        for term in terms:
            applies = "yes" if one.certain and term.get("certain", True) else "possibly"
            condition = OpenCondition(term["id"], term["text"], term.get("due", ""), cites, applies)
            # Two packs, or two licences, may use one identifier for different things to keep.
            if (condition.id, condition.text) not in found or applies == "yes":
                found[condition.id, condition.text] = condition
    return tuple(found.values())


def _applied(case: Case) -> list[Applied]:
    components = [c for c in case.components if c.pack != ORDER_PACK]
    return applied(components, {r.name: r.default for r in case.rulebooks})


def _reason(case: Case, book: Rulebook, one: Applied) -> Reason:
    text: Mapping[str, Any] = one.rule.text if one.rule else book.pack.default
    lifted = one.rule is not None and one.rule.by_licence
    return Reason(
        pack=one.pack,
        rule=one.rule.id if one.rule else "default",
        title=text["title"] + ("; a licence in scope lifts it" if lifted else ""),
        verdict=str(one.verdict),
        applies="yes" if one.certain else "possibly",
        destinations=_names(case, one.places),
        because=tuple(
            Because(fact, value, source_of(case, book, fact, one.places[0])) for fact, value in one.because
        ),
        cites=_cites(book, text["cites"]),
        remedy="" if lifted else text.get("remedy", ""),
        review_policy="" if lifted else text.get("review_policy", ""),
    )


def _orders(case: Case) -> list[Reason]:
    found = []
    for component in case.components:
        if component.pack == ORDER_PACK:
            verdict = max(possible([component]))
            certain = len(possible([component])) == 1
            name = component.rules.variables[0].key[1]
            title = f"{name}, stated in the operator file, outranks packs upwards"
            cites = ({"source": case.operator.source, "place": name},)
            places = _names(case, (component.place,))
            found.append(
                Reason(
                    ORDER_PACK, name, title, str(verdict), "yes" if certain else "possibly", places, (), cites
                )
            )
    return found


def _names(case: Case, places: Iterable[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case.places[index][0].name for index in places))


def _cites(book: Rulebook, cites: Iterable[Mapping[str, str]]) -> Cites:
    found = []
    for cite in cites:
        source = book.pack.sources[cite["source"]]
        found.append(
            {**cite, "title": source["title"], **({"url": source["url"]} if "url" in source else {})}
        )
    return tuple(found)


def source_of(case: Case, book: Rulebook, fact: str, place: int) -> str:
    """Where what is known of a fact at a place comes from; empty when nothing is."""
    if fact in TIER_FACTS and fact not in case.facts:
        return f"table tier of {book.name}"
    if FACTS[fact].per_destination and fact.startswith("destination."):
        return case.places[place][0].source
    if fact in ("as_of", "activity"):
        return "the question"
    known = case.held[place] if FACTS[fact].per_destination else case.facts.get(fact)
    sources = [s.source for s in known.statements if not isinstance(s.value, Unknown)] if known else []
    parts = [s.source for p in FACTS[fact].derived_from if p in case.facts for s in case.facts[p].statements]
    return ", ".join(dict.fromkeys(filter(None, sources or parts)))


def _tier(component: Component) -> int | None:
    if not component.tiers:
        return None
    tier = computed_tier("destination.tier", component.values, component.tiers)
    return int(tier.value) if isinstance(tier, Known) else None


def _missing(case: Case, fact: str, opened: Sequence[Open]) -> Missing:
    spec = FACTS[fact]
    several = len({one.place for one in opened}) > 1
    outcomes = []
    for one in opened:
        at = f"{case.places[one.place][0].name}: " if several else ""
        outcomes += [(at + o.value, tuple(str(v) for v in o.possible)) for o in one.outcomes]
    everywhere = any(one.place < 0 for one in opened)
    places = range(len(case.places)) if everywhere else [one.place for one in opened]
    return Missing(
        fact, spec.question, _would_accept(case, fact), tuple(dict.fromkeys(outcomes)), _names(case, places)
    )


def _would_accept(case: Case, fact: str) -> str:
    """What an answer looks like, and where it goes."""
    spec = FACTS[fact]
    if fact in ENTRIES:
        key = fact.removeprefix("operator.")
        unstated = unstated_dates(case.operator, key)
        if unstated:
            return f"{unstated}, under {key} in {case.operator.source or 'the file given by --operator'}"
        names = ", ".join(spec.domain)
        return f"entries such as - {ENTRIES[fact]}, of {names}, under {key} in the file given by --operator"
    if fact.startswith("destination."):
        return "a destination that settles it, such as one region of the provider, in --to"
    if fact.startswith("operator.") and fact not in TIER_FACTS:
        return f"{needed(spec)}, as {fact.removeprefix('operator.')} in the file given by --operator"
    shape = " or {min: …, max: …}" if spec.unit else ""
    return f"{needed(spec)}{shape}, as {fact} in a file given by --facts"


def _terms(case: Case, one: Applied) -> list[dict[str, Any]]:
    """The terms of every licence that lifts a rule at the places where it applies."""
    terms: dict[tuple[str, str], dict[str, Any]] = {}
    for place in one.places:
        for number, (licence, certain) in enumerate(case.licences(place)):
            name = licence.reference or str(number + 1)
            texts = (*licence.terms, *licence.conditions) or (f"Keep to the terms of licence {name}.",)
            for index, text in enumerate(texts):
                identifier = f"licence-{name}" + (f"-{index + 1}" if len(texts) > 1 else "")
                # Licences without a reference are numbered place by place, so that the number alone names none.
                elsewhere = terms.get((identifier, text), {}).get("certain", False)
                terms[identifier, text] = {
                    "id": identifier,
                    "text": text,
                    "due": licence.until or "",
                    "certain": certain or elsewhere,
                }
    if not terms:
        # The licence was declared as a fact, without the document behind it.
        terms["licence", ""] = {"id": "licence", "text": "Keep to the terms of the licence.", "due": ""}
    return list(terms.values())
