"""A decision in words, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weightgate.cli.page import Line, Page, head
from weightgate.errors import InputError
from weightgate.facts.words import value_text

COLOURS = {
    "allow": "bold green",
    "allow_with_conditions": "bold green",
    "license_required": "bold yellow",
    "deny": "bold red",
    "indeterminate": "bold magenta",
}
# What a page needs of a decision beyond what attest.shapes has checked.
SHOWN: dict[str, Any] = {
    "hypothetical": (bool, str),
    "destinations": [{"country": (str, None), "subdivision": (str, None), "tiers": dict}],
    "reasons": [
        {
            "title": str, "destinations": [str], "because": [{"fact": str, "source": (str, None)}],
            "cites": [{"source?": str, "place?": str, "title?": str, "url?": str}], "remedy": (str, None),
            "review_policy": (str, None),
        }
    ],
    "missing": [
        {
            "fact": str, "question": str, "would_accept": str,
            "outcomes": [{"value": str, "possible": [str]}],
        }
    ],
    "flips?": [{"changes": [{"fact": str, "from": str, "to": str}], "verdict": str}],
    "conditions": [{"text": str, "due": (str, None), "applies": str}],
    "rests_on": [{"fact": str, "grade": str, "by": (str, None)}],
    "contradictions": [{"fact": str, "sources": [str]}],
    "not_established": [str],
    "not_asked?": [{"pack": str, "verdict": str}],
    "left_out": [{"pack": str, "rule?": str, "because": str}],
    "switches?": {"*": {"value": str, "default": str}},
    "valid_until": ({"date": (str, None), "because": (str, None)}, None),
    "packs": [{"version": str, "status": str}],
}  # fmt: skip

DOING = {"host": "hosting", "fine_tune": "fine-tuning", "export_compute": "shipping"}


def decision_page(decision: Mapping[str, Any]) -> Page:
    """The page about a decision, given as JSON whose shape has been checked."""
    return [
        *_verdict(decision),
        *_destinations(decision),
        *_reasons(decision),
        *_missing(decision),
        *_flips(decision),
        *_conditions(decision),
        *_rests_on(decision),
        *_contradictions(decision),
        *listed("Not established", decision["not_established"]),
        *listed(
            "Not asked, and stricter",
            [f"{e['pack']}: {_words(e['verdict'])}" for e in decision.get("not_asked", ())],
        ),
        *listed("Left out", list(map(_left_out, decision["left_out"]))),
        *_readings(decision),
        *_until(decision),
    ]


def check_shown(decision: Mapping[str, Any], source: str) -> None:
    """Check that a decision from a file has what :func:`decision_page` shows.

    Raises:
        InputError: It has not; the message has the place (code ``bad_decision``).
    """
    from weightgate.attest.shapes import misfit

    problem = misfit(dict(decision), SHOWN, "decision")
    if problem:
        raise InputError(f"no decision: {problem}", where=source, code="bad_decision")


def title_of(decision: Mapping[str, Any]) -> str:
    """``PACK VERSION (status): VERDICT``."""
    packs = ", ".join(f"{p['name']} {p['version']} ({p['status']})" for p in decision["packs"])
    return f"{packs}: {decision['verdict'].upper()}"


def _verdict(decision: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(title_of(decision), style=COLOURS[decision["verdict"]])
    yield Line(sentence_of(decision))
    if len(decision["possible"]) > 1:
        possible = " or ".join(_words(v) for v in decision["possible"])
        yield Line(f"What is known leaves open: {possible}.")
    if decision["hypothetical"]:
        yield Line(f"Hypothetical: {decision['hypothetical']}.", style="yellow")
    yield from reading_lines(decision)


def reading_lines(decision: Mapping[str, Any]) -> Iterator[Line]:
    """What was read otherwise than by default where a pack's text leaves a reading open."""
    for name, taken in decision.get("switches", {}).items():
        if taken["value"] != taken["default"]:
            yield Line(f"Read with {name} = {taken['value']}, not {taken['default']}.", style="yellow")


def _readings(decision: Mapping[str, Any]) -> Iterator[Line]:
    """How every text was read that leaves a reading open, and which other readings would change the verdict."""
    others = decision.get("other_readings", ())
    said = [f"{name}: {_words(taken['value'])}" for name, taken in decision.get("switches", {}).items()]
    said += [f"read otherwise, {_words(o['verdict'])}: --set {o['switch']}={o['reading']}" for o in others]
    return listed("Where the text is open, it was read so", said)


def sentence_of(decision: Mapping[str, Any]) -> str:
    """What a decision is about: what is done with which model where, by whom and when."""
    model, operator = decision["model"], decision["operator"] or {}
    what = "a model that is not at hand" if model["reference"] == "-" else model["reference"]
    revision = f" at {model['revision'][:12]}" if model["revision"] else ""
    where = ", ".join(dict.fromkeys(d["name"] for d in decision["destinations"]))
    by = operator.get("name") or (
        "an unnamed operator" if operator.get("digest") else "an operator who is not stated"
    )
    doing = DOING.get(decision["activity"], decision["activity"])
    return f"About {doing} {what}{revision} in {where}, by {by}, on {decision['as_of']}."


def _destinations(decision: Mapping[str, Any]) -> Iterator[Line]:
    rows = decision["destinations"]
    if len(rows) == 1:
        return
    yield from head("Where")
    for row in rows:
        country = row["country"] or "a place that is not listed"
        place = row["name"] if row["name"] == country else f"{row['name']} ({row['subdivision'] or country})"
        tiers = dict.fromkeys(f"tier {t}" for t in row["tiers"].values() if t is not None)
        yield Line(", ".join([f"{place}: {_words(row['verdict'])}", *tiers]), 2)


def _reasons(decision: Mapping[str, Any]) -> Iterator[Line]:
    places = {d["name"] for d in decision["destinations"]}
    many = len(decision["packs"]) > 1
    yield from head("Why")
    for reason in decision["reasons"]:
        possibly = "possibly " if reason["applies"] == "possibly" else ""
        rule = f"{reason['pack']}/{reason['rule']}" if many else reason["rule"]
        at = f" (in {', '.join(reason['destinations'])})" if places - set(reason["destinations"]) else ""
        text = f"{possibly}{_words(reason['verdict'])}: {reason['title']} [{rule}]{at}"
        yield Line(text, 2, style=COLOURS[reason["verdict"]].removeprefix("bold ") if not possibly else "")
        for because in reason["because"]:
            says = f", says {because['source']}" if because["source"] else ""
            yield Line(f"because {because['fact']} is {value_text(because.get('value'))}{says}", 4)
        for cite in reason["cites"]:
            yield Line(f"source: {cite_text(cite)}", 4)
        if reason["review_policy"]:
            yield Line(f"an application is looked at with: {_words(reason['review_policy'])}", 4)
        if reason["remedy"]:
            yield Line(f"what would help: {reason['remedy']}", 4)


def _missing(decision: Mapping[str, Any]) -> Iterator[Line]:
    if not decision["missing"]:
        return
    yield from head("What would settle it")
    for entry in decision["missing"]:
        yield Line(f"{entry['fact']}: {entry['question']}", 2, style="magenta")
        for outcome in entry["outcomes"]:
            yield Line(f"{outcome['value']}: {' or '.join(_words(v) for v in outcome['possible'])}", 4)
        yield Line(f"accepted: {entry['would_accept']}", 4)


def _flips(decision: Mapping[str, Any]) -> Iterator[Line]:
    shown = worth_telling(decision)
    if shown:
        yield from head("What would change it")
        yield from flip_lines(shown)


def worth_telling(decision: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The flips that a person wants to read first; JSON has them all.

    Of an open decision none, since what would settle it is told. Else those that loosen, unless fewer changes lead to
    a verdict at least as loose; and single changes that tighten.
    """
    order = [*COLOURS]
    if decision["verdict"] == order[-1]:
        return []
    now = order.index(decision["verdict"])
    size = [(order.index(flip["verdict"]), len(flip["changes"])) for flip in decision.get("flips", ())]
    return [
        flip
        for flip, (rank, count) in zip(decision.get("flips", ()), size, strict=True)
        if (count == 1 if rank > now else not any(r <= rank and n < count for r, n in size))
    ]


def flip_lines(flips: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """The changes that would alter a decision, each under the verdict that it leads to."""
    for flip in flips:
        yield Line(_words(flip["verdict"]), 2, style=COLOURS.get(flip["verdict"], "").removeprefix("bold "))
        for change in flip["changes"]:
            yield Line(f"{change['fact']}: {change['to']} instead of {change['from']}", 4)


def _conditions(decision: Mapping[str, Any]) -> Iterator[Line]:
    if not decision["conditions"]:
        return
    yield from head("Conditions to keep")
    for entry in decision["conditions"]:
        possibly = "possibly: " if entry["applies"] == "possibly" else ""
        due = f" (due: {entry['due']})" if entry["due"] else ""
        yield Line(f"{possibly}{entry['text']}{due} [{entry['id']}]", 2)


def _rests_on(decision: Mapping[str, Any]) -> Iterator[Line]:
    if not decision["rests_on"]:
        return
    yield from head("It rests on the word of others: without these, the verdict would differ")
    for entry in decision["rests_on"]:
        by = f", by {entry['by']}" if entry["by"] else ""
        yield Line(f"{entry['fact']} ({entry['grade']}{by})", 2)


def _contradictions(decision: Mapping[str, Any]) -> Iterator[Line]:
    return listed(
        "Contradictions",
        [f"{c['fact']}: {' against '.join(c['sources'])}" for c in decision["contradictions"]],
    )


def listed(title: str, sentences: Sequence[str]) -> Iterator[Line]:
    """A heading and sentences under it; nothing when there are none."""
    if sentences:
        yield from head(title)
        yield from (Line(sentence, 2) for sentence in sentences)


def _left_out(entry: Mapping[str, Any]) -> str:
    rule = f"/{entry['rule']}" if entry.get("rule") else ""
    return f"{entry['pack']}{rule}: {entry['because']}"


def _until(decision: Mapping[str, Any]) -> Iterator[Line]:
    limit = decision["valid_until"] or {}
    if limit.get("date"):
        yield Line("")
        because = f": {limit['because']}" if limit.get("because") else ""
        yield Line(f"Holds until {limit['date']}{because}.")


def cite_text(cite: Mapping[str, str]) -> str:
    """A place in a source: the source's title, the place and the address."""
    parts = [cite.get("title") or cite.get("source", ""), cite.get("place", ""), cite.get("url", "")]
    return ", ".join(part for part in parts if part)


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")
