"""Random packs with time in them: dated rows, days of knowledge, statuses, switches, definitions and activities.

They load on every day and as known on every day. A value that is replaced becomes known together with the end of what
it replaces, and later than what was replaced before; anything else about days is left to chance.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.property.pack_text import CITE
from tests.property.strategies import COUNTRIES, NUMBERS, atom_texts, condition_texts, quoted
from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.days import day_before, next_day
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.source import PackSource
from weightgate.policy.verdicts import VERDICTS

Document = dict[str, Any]
"""A pack as plain data."""

DAYS = (
    "2025-01-01",
    "2025-01-13",
    "2025-01-14",
    "2025-05-15",
    "2025-06-01",
    "2026-01-15",
    "2026-01-16",
    "2026-11-24",
)
STATUSES = ("effective", "effective", "proposed", "not_enforced", "rescinded")
SWITCHES = {"storage": ("strict", "lenient"), "parent": ("any", "ultimate", "own")}
DEFINED = ("narrow", "wide")
MEMBERS = ("AE", "IN", "CN", "BR")
ROW = {"cite": CITE, "grade": "V"}

days = st.sampled_from(DAYS)
some_days = st.lists(days, unique=True).map(sorted)


def as_pack(document: Document) -> Pack:
    """The pack, loaded from a text of its own."""
    return Pack(source_of(document))


def source_of(document: Document) -> PackSource:
    """The text of a pack, as if it were a file."""
    return PackSource("dated.yaml", "dated.yaml", json.dumps(document).encode())


@st.composite
def dated_packs(draw: st.DrawFn) -> Document:
    """A random pack."""
    status = draw(statuses(1))
    first = min(row["from"] for row in status)
    known = min(row.get("known", row["from"]) for row in status)
    tiers = [row for code in COUNTRIES for row in draw(tier_rows(code, first))]
    return {
        "schema": "weightgate/pack/v1",
        "name": "dated",
        "version": "1.0.0",
        "title": "A random pack",
        "summary": "It is random.",
        "sources": {"law": {"title": "The law"}},
        "status": status,
        "default": {"verdict": draw(st.sampled_from(["allow", "license_required", "deny"])),
                    "title": "Nothing applies", "cites": [CITE]},
        "switches": {name: draw(switch(name)) for name in SWITCHES},
        "tables": {"tier": {"rows": tiers, "otherwise": {"value": 2, **ROW}}},
        "values": {
            "limit": draw(replaced(first, known, st.sampled_from(NUMBERS))),
            "some": draw(member_rows(first, known)),
        },
    } | draw(conditions_and_rules())  # fmt: skip


@st.composite
def statuses(draw: st.DrawFn, least: int) -> list[Document]:
    """What a text was worth, from days that differ."""
    begins = draw(st.lists(days, min_size=least, max_size=3, unique=True))
    rows = [{"from": day, "status": draw(st.sampled_from(STATUSES)), "cite": CITE} for day in begins]
    return [row | draw(maybe("known", days)) for row in rows]


def maybe(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """An entry that may be there."""
    return st.just({}) | values.map(lambda value: {key: value})


@st.composite
def replaced(draw: st.DrawFn, first: str, known: str, values: st.SearchStrategy[Any]) -> list[Document]:
    """A value that has one row every day, as known on every day."""
    begins = [first, *(day for day in draw(some_days) if day > first)]
    # Each became known on some day, but none before the one that it replaces.
    learnt = [known, *sorted(max(known, draw(days)) for _ in begins[1:])]
    rows: list[Document] = [{"from": day, "value": draw(values), **ROW} for day in begins]
    for index, (row, day) in enumerate(zip(rows, learnt, strict=True)):
        if day != row["from"] or draw(st.booleans()):
            row["known"] = day
        if index:
            before = rows[index - 1]
            before["until"] = day_before(row["from"])
            if day != row["from"] or draw(st.booleans()):
                before["until_known"] = day
    return draw(st.permutations(rows))


@st.composite
def member_rows(draw: st.DrawFn, first: str, known: str) -> list[Document]:
    """A list to which each row adds its members: one that is always there, and others that come and go."""
    rows: list[Document] = [{"from": first, "known": known, "value": ["DE"], **ROW}]
    for member in draw(st.sets(st.sampled_from(MEMBERS))):
        rows += [{**row, "value": [member]} for row in draw(comings_and_goings(first))]
    return draw(st.permutations(rows))


@st.composite
def tier_rows(draw: st.DrawFn, code: str, first: str) -> list[Document]:
    """The tiers of one country over time, which need not be stated every day."""
    return [
        {**row, "value": draw(st.sampled_from([1, 3])), "countries": [code]}
        for row in draw(comings_and_goings(first))
    ]


@st.composite
def comings_and_goings(draw: st.DrawFn, first: str) -> list[Document]:
    """Rows that do not overlap, as known on any day: the next becomes known when the end of the last one is."""
    bounds = draw(st.lists(days.filter(lambda day: day >= first), max_size=4, unique=True).map(sorted))
    rows: list[Document] = []
    learnt = ""
    for begins, ends in zip(bounds[::2], [*bounds[1::2], ""], strict=False):
        row = {"from": begins, **ROW}
        learnt = row["known"] = max(learnt, draw(days))
        if ends:
            row["until"] = day_before(ends)
            learnt = row["until_known"] = max(learnt, draw(days))
        rows.append(row)
    return rows


@st.composite
def switch(draw: st.DrawFn, name: str) -> Document:
    """A question that the text leaves open."""
    readings = SWITCHES[name]
    return {
        "title": "Which?",
        "default": draw(st.sampled_from(readings)),
        "readings": dict.fromkeys(readings, "It says so."),
        "cites": [CITE],
    }


@st.composite
def conditions_and_rules(draw: st.DrawFn) -> Document:
    """Definitions that build upon each other, and rules about several activities."""
    define: dict[str, str] = {}
    for name in DEFINED[: draw(st.integers(0, 2))]:
        define[name] = draw(condition_texts(own_atoms(tuple(define))))
    texts = condition_texts(own_atoms(tuple(define)))
    rules = []
    for number in range(draw(st.integers(1, 4))):
        verdict = draw(st.sampled_from(list(VERDICTS)))
        kept = {"conditions": [{"id": "c", "text": "Keep."}]} if verdict == "allow_with_conditions" else {}
        rules.append(
            {
                "id": f"rule-{number}",
                "title": "A rule",
                "activity": draw(st.lists(st.sampled_from(ACTIVITIES), min_size=1, unique=True)),
                "when": draw(texts),
                **draw(maybe("unless", texts)),
                "verdict": verdict,
                "cites": [CITE],
                **kept,
                **draw(lifetimes()),
                **draw(maybe("status", statuses(0))),
            }
        )
    return {"define": define, "rules": rules}


def own_atoms(defined: Sequence[str]) -> st.SearchStrategy[str]:
    """A comparison, perhaps with a switch, a dated value or the activity; or a definition's name."""
    one_switch = st.sampled_from(
        [(name, reading) for name, several in SWITCHES.items() for reading in several]
    )
    switched = st.builds(
        lambda one, order: f"switches.{one[0]} {order} {quoted(one[1])}",
        one_switch,
        st.sampled_from(["==", "!="]),
    )
    asked = st.sampled_from(ACTIVITIES).map(lambda activity: f"activity == {quoted(activity)}")
    plain = atom_texts()
    named = [st.sampled_from(defined)] if defined else []
    return st.one_of(plain, plain, plain, switched, asked, *named)


@st.composite
def lifetimes(draw: st.DrawFn) -> Document:
    """From when until when a rule is there, and since when that is known."""
    row: Document = draw(maybe("from", days)) | draw(maybe("known", days))
    row |= draw(maybe("until", days.filter(lambda day: day >= row.get("from", ""))))
    known = str(row.get("known", row.get("from", "")))
    if "until" in row and (next_day(row["until"]) < known or draw(st.booleans())):
        row["until_known"] = max(known, draw(days))
    return row


@st.composite
def readings(draw: st.DrawFn, document: Document) -> Reading:
    """Any way to read a pack, days before, between and after its own included."""
    known_at = draw(
        st.sampled_from(["2024-12-31", *DAYS, *map(next_day, DAYS), *map(day_before, DAYS), "9999-12-31"])
    )
    chosen = {
        name: draw(st.sampled_from(SWITCHES[name])) for name in document["switches"] if draw(st.booleans())
    }
    return Reading(known_at, chosen, draw(st.booleans()))


@st.composite
def packs_and_readings(draw: st.DrawFn) -> tuple[Document, Reading]:
    """A pack, and a way to read it."""
    document = draw(dated_packs())
    return document, draw(readings(document))
