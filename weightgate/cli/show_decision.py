"""A decision in words, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weightgate.cli.page import Line, Page, head, listed
from weightgate.cli.show_open import change_lines, contradiction_lines, missing_lines, not_asked_lines
from weightgate.cli.show_reasons import COLOURS, reason_lines, words
from weightgate.errors import InputError

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
        *reason_lines(decision),
        *missing_lines(decision),
        *change_lines(decision),
        *_conditions(decision),
        *_rests_on(decision),
        *contradiction_lines(decision),
        *listed("Not established", decision["not_established"]),
        *not_asked_lines(decision),
        *listed("Left out", list(map(_left_out, decision["left_out"]))),
        *_readings(decision),
        *_until(decision),
    ]


def check_shown(decision: Mapping[str, Any], source: str) -> None:
    """Check that a decision from a file has what :func:`decision_page` shows.

    Raises:
        InputError: It has not; the message has the place (code ``bad_decision``).
    """
    from weightgate.files.shapes import misfit

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
        possible = " or ".join(words(v) for v in decision["possible"])
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
    said = [f"{name}: {words(taken['value'])}" for name, taken in decision.get("switches", {}).items()]
    said += [f"read otherwise, {words(o['verdict'])}: --set {o['switch']}={o['reading']}" for o in others]
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
    alike: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        tiers = dict.fromkeys(f"tier {t}" for t in row["tiers"].values() if t is not None)
        country = row["subdivision"] or row["country"] or "a place that is not listed"
        alike.setdefault((row["name"], ", ".join([words(row["verdict"]), *tiers])), []).append(country)
    for (name, said), countries in alike.items():
        place = (
            name if countries in ([name], [name.partition("-")[0]]) else f"{name} ({', '.join(countries)})"
        )
        yield Line(f"{place}: {said}", 2)


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


def _left_out(entry: Mapping[str, Any]) -> str:
    rule = f"/{entry['rule']}" if entry.get("rule") else ""
    return f"{entry['pack']}{rule}: {entry['because']}"


def _until(decision: Mapping[str, Any]) -> Iterator[Line]:
    limit = decision["valid_until"] or {}
    if limit.get("date"):
        yield Line("")
        because = f": {limit['because']}" if limit.get("because") else ""
        yield Line(f"Holds until {limit['date']}{because}.")
