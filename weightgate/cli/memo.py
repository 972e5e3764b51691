"""A decision as a memo in Markdown: question, short answer, facts, rules, what is unsettled, what would change it.

Nothing in a memo is markup but what this module writes: texts of models, packs and files are escaped, and no address in
them becomes a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from weightgate.cli.page import Line
from weightgate.cli.show_decision import sentence_of
from weightgate.cli.show_reasons import cite_text, words
from weightgate.cli.show_why_not import open_facts, why_not_lines
from weightgate.cli.text import one_line
from weightgate.facts.words import value_text

Json = Mapping[str, Any]

GRADES = {
    "verified": "verified here, or signed by a trusted key",
    "inferred": "worked out here from what was read",
    "declared": "declared by whoever asked",
    "claimed": "claimed by the model's own files",
}

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!&$^{}])")
_LEADING = re.compile(r"^(\d{0,9})([-+=.):])(?=\s|$|=|-)")

_ADDRESS = re.compile(r"https://[\w.~:/?#\[\]@!$&'()*+,;=%-]{1,500}", re.ASCII)


def memo_text(decision: Json, against: Json | None, note: str) -> str:
    """The memo.

    Args:
        decision: A decision as JSON, whose shape has been checked.
        against: What keeps it from a verdict, as :func:`weightgate.api.why_not` gives it, if that was asked.
        note: A sentence to put first, such as that a signature was not checked.
    """
    parts = (
        *([f"**{escaped(note)}**", ""] if note else []),
        *_question(decision),
        *_answer(decision),
        *_facts(decision),
        *_rules(decision),
        *_listed("Conditions to keep", map(_condition, decision["conditions"])),
        *_unsettled(decision),
        *_change(decision),
        *(_why_not(decision, against) if against is not None else ()),
    )
    return "\n".join(parts) + "\n"


def escaped(text: object) -> str:
    """A text as one line in which nothing is markup, and no address is a link."""
    line = _SPECIAL.sub(r"\\\1", one_line(str(text)))
    line = _LEADING.sub(r"\1\\\2", line)
    # GitHub links bare addresses, and tells people whom an @ names: a word joiner keeps it from seeing them.
    return re.sub(r"(?i)(://|www\.|@)", "\\1\N{WORD JOINER}", line)


def _question(decision: Json) -> Iterator[str]:
    yield "# Memo"
    yield from _section("Question")
    yield escaped(sentence_of(decision))
    yield ""
    for pack in decision["packs"]:
        status, version = escaped(words(pack["status"])), escaped(pack["version"])
        yield f"- Pack {escaped(pack['name'])}, version {version}, status: **{status}** ({escaped(pack['digest'])})"


def _answer(decision: Json) -> Iterator[str]:
    yield from _section("Short answer")
    yield f"**{words(decision['verdict']).capitalize()}.** {_scope(decision)}"
    if len(decision["possible"]) > 1:
        yield f"What is known leaves open: {' or '.join(words(v) for v in decision['possible'])}."
    if decision["hypothetical"]:
        yield f"Hypothetical: {escaped(decision['hypothetical'])}."
    yield from _not_asked(decision.get("not_asked", ()))
    for name, taken in decision.get("switches", {}).items():
        if taken["value"] != taken["default"]:
            read, default = escaped(words(taken["value"])), escaped(words(taken["default"]))
            yield f"Read with {escaped(name)} as {read}, and not as {default}."
    if len(decision["destinations"]) > 1:
        yield ""
        for row in decision["destinations"]:
            yield f"- {escaped(row['name'])}: {words(row['verdict'])}"


def _not_asked(packs: Iterable[Json]) -> Iterator[str]:
    stricter, perhaps = [], []
    for entry in packs:
        name, verdict = escaped(entry["pack"]), escaped(words(entry["verdict"]))
        if entry["verdict"] == "indeterminate":
            perhaps.append(name)
        else:
            stricter.append(f"{name} ({verdict})")
    if stricter:
        yield f"**Not asked, and stricter: {', '.join(stricter)}.**"
    if perhaps:
        yield f"**Not asked, and perhaps stricter: {', '.join(perhaps)}.**"


def _scope(decision: Json) -> str:
    packs = ", ".join(f"{escaped(p['name'])} {escaped(p['version'])}" for p in decision["packs"])
    return f"This is what {packs} says of the facts below, and nothing of any other rule."


def _facts(decision: Json) -> Iterator[str]:
    yield from _section("Facts relied on, and who says so")
    alone = {entry["fact"] for entry in decision["rests_on"]}
    seen = dict.fromkeys(
        (because["fact"], value_text(because.get("value")), because["source"] or "")
        for reason in decision["reasons"]
        for because in reason["because"]
    )
    for fact, value, source in seen:
        grade = _grade(decision, fact)
        says = "; ".join(filter(None, (escaped(source), grade)))
        rests = " The verdict rests on this word." if fact in alone else ""
        yield f"- {escaped(fact)}: **{escaped(value)}**" + (f" ({says})." if says else ".") + rests
    for entry in decision["rests_on"]:
        if entry["fact"] not in {fact for fact, _, _ in seen}:
            by = f", by {escaped(entry['by'])}" if entry["by"] else ""
            yield f"- {escaped(entry['fact'])}: the verdict rests on this word ({_worth(entry['grade'])}{by})."
    if not seen and not decision["rests_on"]:
        yield "None."


def _grade(decision: Json, fact: str) -> str:
    known = decision["facts"].get(fact)
    return _worth(known.get("grade")) if isinstance(known, dict) else ""


def _worth(grade: object) -> str:
    return GRADES.get(str(grade), escaped(grade) if grade else "")


def _rules(decision: Json) -> Iterator[str]:
    yield from _section("Rules that apply")
    for reason in decision["reasons"]:
        possibly = "possibly " if reason["applies"] == "possibly" else ""
        where = ", ".join(map(escaped, reason["destinations"]))
        yield f"> {escaped(reason['title'])}"
        yield ""
        rule = f"{escaped(reason['pack'])}/{escaped(reason['rule'])}"
        yield f"- Rule {rule}, {possibly}**{words(reason['verdict'])}** in {where}"
        if reason["review_policy"]:
            yield f"- An application is looked at with: {escaped(words(reason['review_policy']))}"
        if reason["remedy"]:
            yield f"- What would help: {escaped(reason['remedy'])}"
        yield from (f"- Source: {_cite(cite)}" for cite in reason["cites"])
        yield ""


def _cite(cite: Mapping[str, str]) -> str:
    """A place in a source; its address can be copied, and is no link."""
    url = cite.get("url", "")
    if not _ADDRESS.fullmatch(url):
        return escaped(cite_text(cite))
    return f"{escaped(cite_text({key: text for key, text in cite.items() if key != 'url'}))}, `{url}`"


def _condition(entry: Json) -> str:
    possibly = "possibly: " if entry["applies"] == "possibly" else ""
    due = f" (due: {escaped(entry['due'])})" if entry["due"] else ""
    return f"{possibly}{escaped(entry['text'])}{due}"


def _unsettled(decision: Json) -> Iterator[str]:
    missing = [f"{escaped(m['fact'])}: {escaped(m['question'])}" for m in decision["missing"]]
    disputed = [
        f"{escaped(c['fact'])}: {' against '.join(map(escaped, c['sources']))}"
        for c in decision["contradictions"]
    ]
    yield from _section("Unsettled")
    yield from _under("What would settle the verdict", missing)
    yield from _under("Sources disagree", disputed)
    yield from _under("Not established", map(escaped, decision["not_established"]))
    left_out = [f"{escaped(e['pack'])}: {escaped(e['because'])}" for e in decision["left_out"]]
    yield from _under("Left out", left_out)
    readings = [
        f"{escaped(name)}: {escaped(words(taken['value']))}"
        for name, taken in decision.get("switches", {}).items()
    ]
    yield from _under("Where the text is open, it was read so", readings)
    if not (missing or disputed or decision["not_established"] or left_out or readings):
        yield "Nothing."


def _change(decision: Json) -> Iterator[str]:
    yield from _section("What would change it")
    for flip in decision.get("flips", ()):
        changes = " and ".join(
            f"{escaped(c['fact'])}: {escaped(c['to'])} instead of {escaped(c['from'])}"
            for c in flip["changes"]
        )
        yield f"- **{escaped(words(flip['verdict']))}**: {changes}"
    limit = decision["valid_until"] or {}
    yield ""
    because = f": {escaped(limit['because'])}" if limit.get("because") else ""
    yield (
        f"Holds until {escaped(limit['date'])}{because}."
        if limit.get("date")
        else "No date is known on which it changes."
    )


def _why_not(decision: Json, against: Json) -> Iterator[str]:
    yield from _section(f"Why not {words(against['verdict'])}")
    yield from (_item(line) for line in why_not_lines(against, open_facts(decision, against)) if line.text)


def _item(line: Line) -> str:
    """A line of a page as an item of a list, or as a sentence where it stands at the edge."""
    depth = max(line.indent // 2 - 1, 0)
    return f"{'  ' * depth}- {escaped(line.text)}" if line.indent else f"\n{escaped(line.text)}\n"


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""


def _listed(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = list(items)
    if listed:
        yield from _section(title)
        yield from (f"- {item}" for item in listed)


def _under(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = list(items)
    if listed:
        yield f"**{title}**"
        yield ""
        yield from (f"- {item}" for item in listed)
        yield ""
