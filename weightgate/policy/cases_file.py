"""Test cases of a pack, as counsel writes them: name, row, day, reading, facts, what is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.encode import parse_day, parse_value
from weightgate.facts.registry import ACTIVITIES, FACTS, nearest
from weightgate.facts.values import Value
from weightgate.files.yaml import Document, read_yaml
from weightgate.policy.days import FOREVER
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import INDETERMINATE, VERDICTS, Verdict, settle
from weightgate.records import record

KEYS = ("name", "row", "as_of", "known_at", "set", "status", "activity", "facts", "expect", "note")
STATUSES = ("as-written", "in-force")
EXPECTED = ("verdict", "possible", "rules", "without", "missing")
NO_RULE = "default"
"""Stands among a case's ``rules`` for the pack's verdict where no rule applies."""

# Facts that a case states with a key of its own.
_OWN_KEYS = ("activity", "as_of")


@record
class Expected:
    """What a case expects; what is ``None`` is not looked at.

    Attributes:
        verdict: The one word, ``indeterminate`` included; empty when nothing is expected.
        possible: Every verdict that is possible, and no other.
        rules: Rules that certainly apply, others beside them or not; ``default`` where none does.
        missing: The facts that would settle it, and no other.
        without: Rules that certainly do not apply.
    """

    verdict: str
    possible: tuple[Verdict, ...] | None = None
    rules: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()


@record
class PolicyCase:
    """One case.

    Attributes:
        name: One line, unlike every other case's.
        file: The file's name.
        line: Where it begins in the file.
        rows: Rows of the framework that it demonstrates.
        as_of: Day of the question.
        reading: How the pack is read: as known when, with which of its switches, whole or what was in force.
        activity: What is to be done.
        facts: What is known; a fact that is absent is unknown.
        expected: What should come of it.
        document: The file it stands in, for the places of its parts.
        index: Its number in the file, from 0.
    """

    name: str
    file: str
    line: int
    rows: tuple[str, ...]
    as_of: str
    reading: Reading
    activity: str
    facts: Mapping[str, Value]
    expected: Expected
    document: Document = field(repr=False)
    index: int

    def where(self, *path: str | int) -> str:
        """``file:line:column`` of a part of the case."""
        return self.document.where(self.index, *path)


@record
class Vocabulary:
    """What cases of one pack may name.

    Attributes:
        rules: Identifiers of its rules.
        rows: Rows that its rules are about.
        today: Day of a case that states none.
        switches: Its switches, with the readings of each.
    """

    rules: tuple[str, ...]
    rows: tuple[str, ...]
    today: str
    switches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_cases(files: Sequence[Path], vocabulary: Vocabulary, *, expecting: bool = True) -> list[PolicyCase]:
    """Read every case of every file.

    Args:
        files: The files.
        vocabulary: What the cases may name.
        expecting: Whether each must expect something; one that does not then expects the verdict ``""``.

    Raises:
        InputError: With file, line and column: no case at all, an unknown key, fact, rule, row, switch, reading or
            verdict, a value outside its fact's domain, a case that expects nothing and must, or two cases of one name.
    """
    found: list[PolicyCase] = []
    seen: dict[str, PolicyCase] = {}
    for path in files:
        document = read_yaml(path)
        if not isinstance(document.data, list) or not document.data:
            raise _fail(document, (), "no cases: needed a list of at least one", "no_cases")
        for index, raw in enumerate(document.data):
            case = _Reader(document, index, vocabulary, expecting=expecting).case(raw)
            if case.name in seen:
                earlier = seen[case.name].where("name")
                raise _fail(
                    document, (index, "name"), f"{case.name!r} is the name of the case at {earlier} too"
                )
            seen[case.name] = case
            found.append(case)
    if not found:
        raise InputError(
            "no cases to run", hint="write them to tests/*.yaml beside the pack", code="no_cases"
        )
    return found


def _fail(
    document: Document, path: tuple[str | int, ...], message: str, code: str = "bad_case", hint: str = ""
) -> InputError:
    return InputError(message, where=document.where(*path), hint=hint, code=code)


class _Reader:
    """Reads one case, with the place of whatever is wrong in it."""

    def __init__(self, document: Document, index: int, vocabulary: Vocabulary, *, expecting: bool) -> None:
        self.document = document
        self.index = index
        self.vocabulary = vocabulary
        self.expecting = expecting

    def case(self, raw: Any) -> PolicyCase:
        """The whole case."""
        data = self.mapping(raw, (), KEYS, "a case")
        name = data.get("name")
        if not isinstance(name, str) or not name.strip():
            raise self.fail(("name",), "a case needs a name", hint="say in one line what it shows")
        if not isinstance(data.get("note", ""), str):
            raise self.fail(("note",), "note is not text")
        return PolicyCase(
            name=name,
            file=self.document.source,
            line=self.document.marks[self.index,][0],
            rows=self.names(data.get("row"), ("row",), self.vocabulary.rows, "row of this pack's rules"),
            as_of=self.day(data, "as_of", self.vocabulary.today),
            reading=self.reading(data),
            activity=self.word(data.get("activity", "host"), ("activity",), ACTIVITIES, "activity"),
            facts=self.facts(data.get("facts", {})),
            expected=self.expected(data),
            document=self.document,
            index=self.index,
        )

    def day(self, data: Mapping[str, Any], key: str, otherwise: str) -> str:
        """A day that the case may state."""
        return parse_day(data[key], self.where(key)) if key in data else otherwise

    def reading(self, data: Mapping[str, Any]) -> Reading:
        """How the pack is to be read."""
        known = self.vocabulary.switches
        stated = self.mapping(data.get("set", {}), ("set",), tuple(known), "set", "switch")
        chosen = {
            name: self.word(raw, ("set", name), known[name], f"reading of {name}")
            for name, raw in sorted(stated.items())
        }
        status = self.word(data.get("status", STATUSES[0]), ("status",), STATUSES, "status")
        return Reading(self.day(data, "known_at", FOREVER), chosen, status == "in-force")

    def facts(self, raw: Any) -> dict[str, Value]:
        """What the case states, each value checked against the facts table."""
        if not isinstance(raw, dict):
            raise self.fail(("facts",), "facts is no mapping of fact names to values")
        found: dict[str, Value] = {}
        for name, value in raw.items():
            if name in _OWN_KEYS:
                raise self.fail(("facts", name), f"{name} is a key of the case itself, beside facts")
            if name not in FACTS:
                raise self.unknown(("facts", name), name, tuple(FACTS), "fact", "unknown_fact")
            found[name] = parse_value(FACTS[name], value, self.where("facts", name))
        return found

    def expected(self, data: Mapping[str, Any]) -> Expected:
        """What the case expects: a verdict, or a mapping that holds one."""
        raw = data.get("expect")
        if raw is None and not self.expecting:
            return Expected("")
        if raw is None:
            raise self.fail(
                ("expect",), "a case without expect shows nothing", hint="expect: allow, or another verdict"
            )
        if isinstance(raw, str):
            return Expected(self.verdict(raw, ("expect",)))
        stated = self.mapping(raw, ("expect",), EXPECTED, "expect")
        verdict = self.verdict(stated.get("verdict"), ("expect", "verdict"))
        possible = self.possible(stated, verdict)
        known = (*self.vocabulary.rules, NO_RULE)
        rules = self.names(stated.get("rules"), ("expect", "rules"), known, "rule")
        without = self.names(stated.get("without"), ("expect", "without"), known, "rule")
        if both := set(rules) & set(without):
            raise self.fail(("expect", "without"), f"{min(both)} is expected both to apply and not to")
        missing = self.names(stated.get("missing"), ("expect", "missing"), tuple(FACTS), "fact")
        return Expected(verdict, possible, rules, missing if "missing" in stated else None, without)

    def possible(self, stated: Mapping[str, Any], verdict: str) -> tuple[Verdict, ...] | None:
        """The verdicts that should be possible, which must come to the one word expected."""
        if "possible" not in stated:
            return None
        path = ("expect", "possible")
        words = self.names(stated["possible"], path, tuple(VERDICTS), "verdict")
        if not words:
            raise self.fail(path, "at least one verdict is always possible")
        possible = tuple(sorted(VERDICTS[word] for word in words))
        if settle(possible) != verdict:
            raise self.fail(path, f"these together are {settle(possible)}, and the case expects {verdict}")
        return possible

    def verdict(self, raw: Any, path: tuple[str, ...]) -> str:
        """The one word expected."""
        return self.word(raw, path, (*VERDICTS, INDETERMINATE), "verdict")

    def names(self, raw: Any, path: tuple[str, ...], known: tuple[str, ...], what: str) -> tuple[str, ...]:
        """One name or a list of them, each a known one and there once."""
        if raw is None:
            return ()
        if isinstance(raw, str):
            return (self.word(raw, path, known, what),)
        if not isinstance(raw, list):
            raise self.fail(path, f"{path[-1]} is {raw!r}, needed a list"[:200])
        found = [self.word(item, (*path, i), known, what) for i, item in enumerate(raw)]
        if len(set(found)) != len(found):
            raise self.fail(path, f"{path[-1]} names something twice")
        return tuple(found)

    def word(self, raw: Any, path: tuple[str | int, ...], known: tuple[str, ...], what: str) -> str:
        """A known name."""
        if isinstance(raw, str) and raw in known:
            return raw
        raise self.unknown(path, raw, known, what, f"unknown_{what.partition(' ')[0]}")

    def mapping(
        self, raw: Any, path: tuple[str, ...], keys: tuple[str, ...], what: str, of: str = "key"
    ) -> dict[str, Any]:
        """A mapping with no key but the known ones, which are names ``of`` something."""
        if not isinstance(raw, dict):
            raise self.fail(path, f"{what} is {raw!r}, needed a mapping"[:200])
        for key in raw:
            if key not in keys:
                raise self.unknown((*path, key), key, keys, of, f"unknown_{of}")
        return raw

    def unknown(
        self, path: tuple[str | int, ...], raw: Any, known: tuple[str, ...], what: str, code: str
    ) -> InputError:
        """An error that names the nearest known name."""
        near = nearest(raw, known) if isinstance(raw, str) else []
        listed = "known: " + (", ".join(known[:12]) or "none") + (" …" if len(known) > 12 else "")
        return self.fail(
            path, f"{raw!r} is no {what}"[:200], code, f"did you mean {near[0]}?" if near else listed
        )

    def fail(
        self, path: tuple[str | int, ...], message: str, code: str = "bad_case", hint: str = ""
    ) -> InputError:
        """An error at a place inside the case."""
        return _fail(self.document, (self.index, *path), message, code, hint)

    def where(self, *path: str | int) -> str:
        """``file:line:column`` of a part of the case."""
        return self.document.where(self.index, *path)
