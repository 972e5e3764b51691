"""``policy impact``: past decisions decided again, to see what a change of packs, day or status would do.

Each is derived again from its own inputs, under the packs as they are now and what the asker changes; nothing of the
model is looked at. What was said until a day, or from one, counts on its days.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from weightgate.errors import InputError, PolicyError, WeightgateError
from weightgate.facts.registry import nearest
from weightgate.facts.statements import Grade
from weightgate.files.bounded import unreadable
from weightgate.policy.cache import load_compiled
from weightgate.policy.source import PackSource, find_pack
from weightgate.policy.verdicts import INDETERMINATE, SILENT, VERDICTS
from weightgate.records import record

MAX_DECISION = 16 * 1024 * 1024
"""Bytes of one decision."""

_WITHOUT = "--without"

# How much a verdict lets through, the least first; what is not settled lets nothing through.
_LETS = (str(VERDICTS["deny"]), SILENT, INDETERMINATE, "license_required", "allow_with_conditions", "allow")


@record
class Changed:
    """What is changed before past decisions are decided again.

    Attributes:
        packs: Packs to ask too, or in the place of those of the same name.
        without: Rules to leave out, by pack.
        as_of: The day to ask about; empty for each decision's own.
        status: ``as-written`` or ``in-force``; empty for each decision's own.
    """

    packs: tuple[PackSource, ...] = ()
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    as_of: str = ""
    status: str = ""


@record
class Change:
    """A past decision that would come out otherwise at a destination.

    Attributes:
        model: Its reference, or its digest where there was none.
        destination: The destination.
        as_of: The day that the decision was about.
        before: The verdict then.
        after: The verdict now; :data:`SILENT` where nothing is left that says anything.
        rules: Rules that give the verdict now, as ``PACK:RULE``; where nothing gives it, those that gave the one before.
        where: The decision's place in its file.
    """

    model: str
    destination: str
    as_of: str
    before: str
    after: str
    rules: tuple[str, ...]
    where: str

    @property
    def loosens(self) -> int:
        """How far it lets more through; negative where it lets less through."""
        return _LETS.index(self.after) - _LETS.index(self.before)

    def to_json(self) -> dict[str, Any]:
        """One entry of ``changes``."""
        return {
            "model": self.model,
            "destination": self.destination,
            "as_of": self.as_of,
            "from": self.before,
            "to": self.after,
            "rule": self.rules[0] if self.rules else None,
            "rules": list(self.rules),
            "where": self.where,
        }


@record
class Impact:
    """What became of past decisions.

    Attributes:
        decisions: How many there are.
        changes: Those that would come out otherwise, what lets most more through first; of what lets as much more
            through, by model, destination and place.
        failed: Place and error of those that cannot be decided again.
    """

    decisions: int
    changes: tuple[Change, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """How often each verdict became which other, in the order of the changes."""
        return dict(Counter((change.before, change.after) for change in self.changes))

    def to_json(self) -> dict[str, Any]:
        """As ``policy impact --output json`` prints it."""
        return {
            "schema": "weightgate/policy-impact/v1",
            "decisions": self.decisions,
            "changes": [change.to_json() for change in self.changes],
            "counts": [{"from": a, "to": b, "count": n} for (a, b), n in self.counts.items()],
            "failed": [{"where": where, "error": error} for where, error in self.failed],
        }


def impact(decisions: Iterable[tuple[str, dict[str, Any]]], changed: Changed, now: datetime) -> Impact:
    """Decide past decisions again.

    Args:
        decisions: Each with its place.
        changed: What is changed.
        now: The time of deciding.

    Raises:
        PolicyError: A pack of ``changed`` does not load, or has no such rule.
    """
    packs = _Packs(changed)
    count = 0
    changes: list[Change] = []
    failed: list[tuple[str, str]] = []
    for where, decision in decisions:
        count += 1
        try:
            after = _again(decision, packs, changed, now)
        except WeightgateError as error:
            if error.where == _WITHOUT:
                raise
            failed.append((where, str(error)))
        else:
            changes += _changes(where, decision, after)
    packs.check_used()
    # The rest of the order is that of the decisions.
    changes.sort(key=lambda change: (-change.loosens, change.model, change.destination))
    return Impact(count, tuple(changes), tuple(failed))


def read_decisions(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The decisions of a file, one a line or laid out one after the other, each with its place.

    Raises:
        InputError: The file cannot be read, or what is in it is no decision; with the line's number.
    """
    from weightgate.attest.make import check_decision
    from weightgate.files.json import parse_json

    count = 0
    try:
        with path.open("rb") as file:
            for number, raw in _documents(file, str(path)):
                count += 1
                where = f"{path}:{number}"
                yield where, check_decision(parse_json(raw, where, max_bytes=MAX_DECISION), where)
    except OSError as error:
        raise unreadable(error, path) from None
    if not count:
        hint = "one a line, or laid out as check --output json writes them"
        raise InputError("no decisions", where=str(path), hint=hint, code="no_decisions")


def _documents(file: BinaryIO, source: str) -> Iterator[tuple[int, bytes]]:
    """Each decision with the number of its first line: in one line, or laid out from a line ``{`` to a line ``}``."""
    held: list[bytes] = []
    size = start = number = 0
    while line := file.readline(MAX_DECISION + 1):
        number += 1
        size = size + len(line) if held else len(line)
        if size > MAX_DECISION:
            message = f"a decision of more than {MAX_DECISION} bytes"
            raise InputError(message, where=f"{source}:{start or number}", code="too_large")
        text = line.strip()
        if held or text == b"{":
            start = start if held else number
            held.append(line)
            if line.rstrip() == b"}":
                yield start, b"".join(held)
                held = []
        elif text:
            yield number, text
    if held:
        raise InputError("the last decision has no end", where=f"{source}:{start}", code="json")


class _Packs:
    """The packs under which decisions are decided again."""

    def __init__(self, changed: Changed) -> None:
        self.without = changed.without
        self._unused = {name: set(rules) for name, rules in changed.without.items()}
        self._found: dict[str, PackSource] = {}
        self.more = {load_compiled(source).name: self._left(source) for source in changed.packs}

    def of(self, decision: Mapping[str, Any]) -> list[PackSource]:
        """The packs for one decision: its own, replaced where there is another of the name, and those to ask too."""
        called = {entry["digest"]: entry["name"] for entry in decision["packs"]}
        named: dict[str, PackSource] = {}
        for entry in decision["inputs"]["packs"]:
            name = called.get(entry["digest"], "")
            # One that is replaced need not be there any more.
            source = self.more.get(name) or self._now(entry["locator"], name)
            named[load_compiled(source).name] = source
        return list((named | self.more).values())

    def check_used(self) -> None:
        """Refuse to have left out a rule that no pack has.

        Raises:
            PolicyError: One was named that is nowhere.
        """
        for pack, rules in self._unused.items():
            for rule in sorted(rules):
                message = f"no pack that was asked is called {pack!r}"
                raise PolicyError(
                    f"{message}, of which rule {rule!r} is to be left out",
                    where=_WITHOUT,
                    code="unknown_rule",
                )

    def _now(self, locator: str, name: str) -> PackSource:
        """The pack that is now where a decision found its own.

        Raises:
            PolicyError: There is none; the message says how to give it.
        """
        if locator not in self._found:
            try:
                source = find_pack(locator)
            except PolicyError as error:
                message = f"{error.message}; if {name or 'the pack'} is elsewhere now, give it by --with"
                raise PolicyError(message, where=error.where, hint=error.hint, code=error.code) from None
            self._found[locator] = self._left(source)
        return self._found[locator]

    def _left(self, source: PackSource) -> PackSource:
        """The pack without the rules that are left out."""
        name = load_compiled(source).name
        self._unused.pop(name, None)
        rules = self.without.get(name)
        return without_rules(source, rules) if rules else source


def without_rules(source: PackSource, rules: Iterable[str]) -> PackSource:
    """A pack without some of its rules.

    Raises:
        PolicyError: It has no such rule, or none would be left.
    """
    from weightgate.policy.pack import Pack

    pack = Pack(source)
    data = dict(pack.yaml.data)
    known = [rule.id for rule in pack.document.rules]
    for rule in rules:
        if rule not in known:
            near = nearest(rule, tuple(known))
            hint = f"did you mean {near[0]}?" if near else "one of " + ", ".join(known)
            raise PolicyError(
                f"{pack.document.name} has no rule {rule!r}",
                where=_WITHOUT,
                hint=hint,
                code="unknown_rule",
            )
    data["rules"] = [entry for entry in data["rules"] if entry["id"] not in set(rules)]
    if not data["rules"]:
        raise PolicyError(f"no rule of {pack.document.name} would be left", where=_WITHOUT, code="no_rules")
    # Every JSON document is YAML too.
    return PackSource(source.name, source.locator, json.dumps(data).encode())


def _again(decision: dict[str, Any], packs: _Packs, changed: Changed, now: datetime) -> dict[str, Any] | None:
    """The decision as it would be now; ``None`` where nothing is left that says anything."""
    from weightgate.decide.again import decide_again

    asked = packs.of(decision)
    inputs, request = decision["inputs"], decision["inputs"]["request"]
    as_of = changed.as_of or request["as_of"]
    names = {load_compiled(source).name for source in asked}
    fresh = {
        "request": request
        | {
            "as_of": as_of,
            "known_at": None,
            "status_mode": changed.status or request["status_mode"],
            "switches": {s: r for s, r in request["switches"].items() if s.rpartition(".")[0] in names},
        },
        "packs": [{"name": p.name, "digest": p.digest, "locator": p.locator} for p in asked],
        "statements": [_on(entry, as_of) for entry in inputs["statements"]],
    }
    moved = decision | {"decided_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "inputs": inputs | fresh}
    try:
        return decide_again(moved, asked, cap=Grade.VERIFIED)
    except PolicyError as error:
        if error.code in ("not_applicable", "nothing_in_force"):
            return None
        raise


def _on(entry: Mapping[str, Any], as_of: str) -> Mapping[str, Any]:
    """What was said, as it counts on a day."""
    until, on = entry.get("until") or as_of, entry.get("on") or as_of
    if on <= as_of <= until:
        return entry
    return {**entry, "says": {"unknown": True, "reason": f"said from {on} until {until}, and not on {as_of}"}}


def _changes(where: str, decision: Mapping[str, Any], after: Mapping[str, Any] | None) -> Iterator[Change]:
    model = str(decision["model"]["reference"])
    if model == "-":
        model = str(decision["model"]["digest"] or model)
    was, day = _by_name(decision["destinations"]), decision["inputs"]["request"]["as_of"]
    now = _by_name(after["destinations"]) if after else {}
    for name, before in was.items():
        verdict = now.get(name, SILENT)
        if verdict != before:
            rules = _rules(after, name, verdict) or _rules(decision, name, before)
            yield Change(model, name, day, before, verdict, rules, where)


def _by_name(destinations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The verdict at each destination; of several places, that which lets least through."""
    found: dict[str, str] = {}
    for one in destinations:
        known = found.get(one["name"], one["verdict"])
        found[one["name"]] = min(known, one["verdict"], key=_LETS.index)
    return found


def _rules(decision: Mapping[str, Any] | None, destination: str, verdict: str) -> tuple[str, ...]:
    """The rules that give a verdict at a destination; of an open one, all that could."""
    reasons: Sequence[Mapping[str, Any]] = decision["reasons"] if decision else ()
    return tuple(
        f"{one['pack']}:{one['rule']}"
        for one in reasons
        if destination in one["destinations"] and verdict in (one["verdict"], INDETERMINATE)
    )
