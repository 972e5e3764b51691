"""A pack as a Rego module.

Numbers go by their cells here too: Rego says that a number is a JSON number, and engines differ in what they make of
one: rego-cpp 1.5.2 takes 1e26 and the next double for equal. Rego has no *or* inside a rule, so each one is a rule of
its own with a body for each alternative. rego-cpp also compares texts as they are written, escapes and all; a name with
characters that cannot be seen, which are escaped here, is the same name to OPA alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from weightgate.facts.registry import FACTS, TIERS, Kind
from weightgate.facts.values import Scalar
from weightgate.policy.export.exported import Exported, ExportedRule, Input
from weightgate.policy.export.rewriting import by_cell, rewrite
from weightgate.policy.export.text import NAMES_IN_ROW, comment, condition_text, page
from weightgate.policy.ir import And, AtMost, Atom, Condition, Const, Contains, IsIn, Less, Not, Or, atoms
from weightgate.policy.verdicts import Verdict

_MARK = "#"
_STEP = "    "
CODES_IN_ROW = 30


def package(name: str) -> str:
    """The package that a pack's module has."""
    return "weightgate." + re.sub(r"[^a-z0-9]", "_", name)


def to_rego(exported: Exported) -> str:
    """The module, as text."""
    name = package(exported.name)
    asking = (
        (
            f"To ask, give the facts as input: data.{name}.verdict is the verdict, data.{name}.applies says which rules"
            f" apply and what each of them says. Facts that are missing, or have values that they cannot have, are in"
            f" data.{name}.bad_facts; as long as there is one, the verdict is deny."
        ),
    )
    head = [*page(exported, _MARK, asking), "", f"package {name}", "", "import rego.v1"]
    writer = _Writer(exported)
    rules = [writer.rule(rule) for rule in exported.rules]
    parts = ["\n".join(head), *_verdict(exported.default), *_tiers(exported), *rules]
    return "\n\n".join([*parts, *_bad_facts(exported.inputs)]) + "\n"


def _verdict(default: Verdict) -> list[str]:
    order = ", ".join(literal(str(verdict)) for verdict in Verdict)
    return [
        'default verdict := "deny"',
        "verdict := order[max(ranks)] if {\n    count(bad_facts) == 0\n    count(ranks) > 0\n}",
        (
            f"{_MARK} Where no rule applies.\n"
            f"verdict := {literal(str(default))} if {{\n    count(bad_facts) == 0\n    count(ranks) == 0\n}}"
        ),
        f"order := [{order}]",
        "ranks contains rank if {\n    some rank, name in order\n    some said in applies\n    said == name\n}",
    ]


def _tiers(exported: Exported) -> list[str]:
    """The table, and each tier that some rule asks for."""
    used = {atom.fact for rule in exported.rules for atom in atoms(rule.condition)}
    tiers = [fact for fact, spec in FACTS.items() if spec.kind is Kind.TIER and fact in used]
    if not tiers:
        return []
    found = []
    for tier in TIERS:
        countries = [country for country, own in exported.tiers.items() if own == tier]
        found.append(f"tier_{tier} := {_codes(countries)}")
    found += [f"tier_of(country) := {tier} if country in tier_{tier}" for tier in TIERS]
    for fact in tiers:
        parts = ", ".join(f"tier_of(input[{literal(part)}])" for part in FACTS[fact].derived_from)
        found.append(f"{_tier(fact)} := max([{parts}])")
    return found


def _codes(countries: Sequence[Scalar]) -> str:
    """A list of countries. One engine (rego-cpp 1.5.2) refuses a module that has many literals in one place."""
    codes = [str(country) for country in countries]
    rows = [" ".join(codes[i : i + CODES_IN_ROW]) for i in range(0, len(codes), CODES_IN_ROW)]
    inner = "".join(f"\n{_STEP}{literal(row)}," for row in rows)
    return f'split(concat(" ", [{inner}\n]), " ")' if codes else "[]"


def _tier(fact: str) -> str:
    return fact.replace(".", "_")


class _Writer:
    """Writes rules, and once each the alternatives and the lists of countries that they need."""

    def __init__(self, exported: Exported) -> None:
        self.exported = exported
        self.names: dict[Or, str] = {}
        self.lists: dict[tuple[Scalar, ...], str] = {}
        self.written: list[str] = []

    def rule(self, one: ExportedRule) -> str:
        """One rule, and before it what it needs that no rule before it needed."""
        rule = one.rule.rule
        condition = rewrite(one.condition, lambda atom: by_cell(atom, self.exported.cells))
        rows = f" ({', '.join(rule.rows)})" if rule.rows else ""
        lifted = ", with a licence in scope" if one.licensed else ""
        remark = comment(
            _MARK, f"{rule.id}{rows}: {one.verdict}{lifted}\n{rule.title}\n{condition_text(one)}"
        )
        if condition == Const(value=False):
            return "\n".join([*remark, f"{_MARK} It never applies here."])
        body = self.body(condition)
        head = f"applies[{literal(rule.id)}] := {literal(str(one.verdict))} if"
        text = "\n".join([*remark, _with_body(head, body)])
        needed, self.written = self.written, []
        return "\n\n".join([*needed, text])

    def body(self, condition: Condition) -> list[str]:
        """One row for each of the parts that all must hold."""
        parts = condition.parts if isinstance(condition, And) else (condition,)
        return [self.row(part) for part in parts]

    def row(self, condition: Condition) -> str:
        """One part of a body."""
        match condition:
            case Or():
                return self.alternatives(condition)
            case Not(Less() | AtMost() | IsIn() | Contains() as atom):
                return self.test(atom, negated=True)
            case Less() | AtMost() | IsIn() | Contains():
                return self.test(condition, negated=False)
            case _:
                return str(condition == Const(value=True)).lower()

    def alternatives(self, condition: Or) -> str:
        """The name of a rule that holds when one of the alternatives does."""
        if condition not in self.names:
            bodies = [self.body(part) for part in condition.parts]
            name = self.names[condition] = f"any_{len(self.names) + 1}"
            self.written.append("\n\n".join(_with_body(f"{name} if", body) for body in bodies))
        return self.names[condition]

    def test(self, atom: Atom, *, negated: bool) -> str:
        """One test of a fact."""
        spec = FACTS.get(atom.fact)
        fact = f"input[{literal(atom.fact)}]"
        if spec is not None and spec.kind is Kind.TIER:
            fact = _tier(atom.fact)
        match atom:
            case Less(_, bound):
                return f"{fact} {'>=' if negated else '<'} {bound}"
            case AtMost(_, bound):
                return f"{fact} {'>' if negated else '<='} {bound}"
            case Contains(_, member):
                return f"{'not ' if negated else ''}{literal(member)} in {fact}"
            case IsIn(_, (value,)):
                return f"{fact} {'!=' if negated else '=='} {literal(value)}"
            case IsIn(_, values):
                listed = (
                    self.countries(values) if spec is not None and spec.kind is Kind.COUNTRY else _set(values)
                )
                return f"{'not ' if negated else ''}{fact} in {listed}"

    def countries(self, values: tuple[Scalar, ...]) -> str:
        """A few countries, or the name of a list of many."""
        if len(values) <= NAMES_IN_ROW:
            return _set(values)
        if values not in self.lists:
            name = self.lists[values] = f"countries_{len(self.lists) + 1}"
            self.written.append(f"{name} := {_codes(values)}")
        return self.lists[values]


def _with_body(head: str, body: Sequence[str]) -> str:
    return "\n".join([f"{head} {{", *(f"{_STEP}{row}" for row in body), "}"])


def _set(values: Iterable[Scalar]) -> str:
    return f"{{{', '.join(map(literal, values))}}}"


def _bad_facts(inputs: Sequence[Input]) -> list[str]:
    """Rules that name each fact that is missing, or has a value that it cannot have."""
    if not inputs:
        return ["bad_facts := set()"]
    domains = [one.domain for one in inputs if one.kind is Kind.COUNTRY]
    known = [f"countries := {_codes(domains[0])}"] if domains else []
    return known + [rule for one in inputs for rule in _bad_fact(one)]


def _bad_fact(one: Input) -> list[str]:
    fact, head = f"input[{literal(one.key)}]", f"bad_facts contains {literal(one.key)} if"
    if one.cells is not None:
        return [f"{head} not {fact} in {_set(range(one.cells.count))}"]
    match one.kind:
        case Kind.LIST:
            strange = [f"some name in {fact}", f"not name in {_set(one.domain)}"]
            return [f"{head} not is_array({fact})", *([_with_body(head, strange)] if one.domain else [])]
        case Kind.BOOL:
            return [f"{head} not is_boolean({fact})"]
        case Kind.COUNTRY:
            return [f"{head} not {fact} in countries"]
        case _:
            if one.domain:
                return [f"{head} not {fact} in {_set(one.domain)}"]
            return [f"{head} not is_string({fact})"]


def literal(value: Scalar) -> str:
    """A literal of Rego; in a text, whatever cannot be seen is escaped."""
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    return json.dumps(value)


def _escaped(character: str) -> str:
    shown = character.isprintable() and character not in '"\\'
    return character if shown else json.dumps(character)[1:-1]
