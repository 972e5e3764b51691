"""A pack as a Cedar policy set.

Cedar permits or forbids; a pack has four verdicts. So each verdict short of deny is an action, and "may it go ahead if
this is as far as the verdict goes?" is what is asked: a rule permits its own verdict and every stricter one, and forbids
every laxer one. Since forbidding prevails, the least restrictive action that is permitted is the verdict of the most
restrictive rule that applies. The default permits always: where a rule applies, it changes nothing.

A policy that meets an error counts as not there, so every fact is asked for twice: a policy forbids everything unless
the facts are there and have values that they may have, and no policy permits anything beside one of the wrong type.
"""

from __future__ import annotations

from collections.abc import Sequence

from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Scalar
from weightgate.policy.export.exported import Exported, ExportedRule, Input
from weightgate.policy.export.rewriting import by_cell, by_country, rewrite
from weightgate.policy.export.text import comment, condition_text, listed, page
from weightgate.policy.ir import And, AtMost, Atom, Condition, Const, Contains, IsIn, Less, Not, Or
from weightgate.policy.verdicts import Verdict

ACTION = "Weightgate::Action"
_MARK = "//"
_STEP = "    "

_ASKING = (
    f'To ask, give the facts as context and ask for the actions {ACTION}::"allow", "allow_with_conditions" and'
    ' "license_required"; principal and resource do not matter. The first that is permitted is the verdict; if none is,'
    ' it is deny. Whoever only has to know whether it may go ahead asks for "allow_with_conditions". A fact that is'
    " missing, or has a value that it cannot have, denies."
)


def to_cedar(exported: Exported) -> str:
    """The policy set, as text."""
    parts = ["\n".join(page(exported, _MARK, [_ASKING])), *_facts(exported.inputs)]
    checks = _checks(exported.inputs)
    parts += [_rule(rule, exported, checks) for rule in exported.rules]
    permitted, _ = _levels(exported.default)
    if permitted:
        remark = comment(_MARK, f"Where no rule applies: {exported.default}")
        parts.append("\n".join([*remark, *_policy("permit", "default", permitted, [], checks)]))
    return "\n\n".join(parts) + "\n"


def _rule(one: ExportedRule, exported: Exported, checks: Sequence[str]) -> str:
    rule = one.rule.rule
    rows = f" ({', '.join(rule.rows)})" if rule.rows else ""
    lifted = ", with a licence in scope" if one.licensed else ""
    lines = comment(_MARK, f"{rule.id}{rows}: {one.verdict}{lifted}\n{condition_text(one)}")
    condition = rewrite(
        rewrite(one.condition, lambda atom: by_country(atom, exported.tiers)),
        lambda atom: by_cell(atom, exported.cells),
    )
    if condition == Const(value=False):
        return "\n".join([*lines, f"{_MARK} It never applies here."])
    permitted, forbidden = _levels(one.verdict)
    identifier = f"{rule.id}:licensed" if one.licensed else rule.id
    tests = [] if condition == Const(value=True) else [_joined(condition)]
    notes = [f"@title({literal(rule.title)})"]
    if permitted:
        lines += _policy("permit", identifier, permitted, tests, checks, notes)
    if forbidden:
        lines += _policy("forbid", identifier, forbidden, tests, (), notes)
    return "\n".join(lines)


def _policy(
    effect: str,
    identifier: str,
    actions: Sequence[Verdict],
    tests: Sequence[str],
    checks: Sequence[str],
    notes: Sequence[str] = (),
) -> list[str]:
    names = [f'{ACTION}::"{action}"' for action in actions]
    head = f"{effect} (principal, action == {names[0]}, resource)"
    if len(names) > 1:
        inner = "".join(f"\n{_STEP * 2}{name}," for name in names).removesuffix(",")
        head = f"{effect} (\n{_STEP}principal,\n{_STEP}action in [{inner}\n{_STEP}],\n{_STEP}resource\n)"
    clauses = [*tests, *([f" &&\n{_STEP}".join(checks)] if checks else [])]
    text = "\n".join([head, *(f"when {{\n{_STEP}{clause}\n}}" for clause in clauses)])
    return [f"@id({literal(f'{effect}:{identifier}')})", *notes, f"{text};"]


def _levels(verdict: Verdict) -> tuple[list[Verdict], list[Verdict]]:
    """The verdicts short of deny that are at least as strict as one, and those that are less strict."""
    short = [v for v in Verdict if v is not Verdict.DENY]
    return [v for v in short if v >= verdict], [v for v in short if v < verdict]


def _joined(condition: Condition) -> str:
    """A condition at the top of a clause, one row for each of its parts."""
    parts = condition.parts if isinstance(condition, And) else (condition,)
    return f" &&\n{_STEP}".join(_expression(part, in_and=len(parts) > 1) for part in parts)


def _expression(condition: Condition, *, in_and: bool = True) -> str:
    match condition:
        case And(parts):
            return " && ".join(_expression(part) for part in parts)
        case Or(parts):
            alternatives = " || ".join(_expression(part, in_and=False) for part in parts)
            return f"({alternatives})" if in_and else alternatives
        case Not(Less() | AtMost() | IsIn() | Contains() as atom):
            return _test(atom, negated=True)
        case Less() | AtMost() | IsIn() | Contains():
            return _test(condition, negated=False)
        case _:
            return str(condition == Const(value=True)).lower()


def _test(atom: Atom, *, negated: bool) -> str:
    fact = f"context[{literal(atom.fact)}]"
    match atom:
        case Less(_, bound):
            return f"{fact} {'>=' if negated else '<'} {bound}"
        case AtMost(_, bound):
            return f"{fact} {'>' if negated else '<='} {bound}"
        case Contains(_, member):
            return f"{'!' if negated else ''}{fact}.contains({literal(member)})"
        case IsIn(name, values):
            return _choice(name, fact, values, negated=negated)


def _choice(name: str, fact: str, values: Sequence[Scalar], *, negated: bool) -> str:
    if len(values) == 1:
        return f"{fact} {'!=' if negated else '=='} {literal(values[0])}"
    spec = FACTS.get(name)
    if spec is not None and spec.kind is Kind.COUNTRY and len(values) * 2 > len(spec.domain):
        # Every country is in the domain, or the facts are refused: the shorter list says the same.
        values, negated = [country for country in spec.domain if country not in values], not negated
    return f"{'!' if negated else ''}[{listed(map(literal, values), _STEP)}].contains({fact})"


def _facts(inputs: Sequence[Input]) -> list[str]:
    if not inputs:
        return []
    remark = comment(_MARK, "Nothing is permitted unless every fact has a value that it may have.")
    has = [f"context has {literal(one.key)}" for one in inputs]
    may = [
        f"[{listed(map(literal, _may_be(one)), _STEP)}].contains(context[{literal(one.key)}])"
        for one in inputs
        if _may_be(one) and one.kind is not Kind.COUNTRY
    ]
    countries = [one for one in inputs if one.kind is Kind.COUNTRY]
    if countries:
        given = ", ".join(f"context[{literal(one.key)}]" for one in countries)
        may.append(f"[{listed(map(literal, countries[0].domain), _STEP)}].containsAll([{given}])")
    tests = f" &&\n{_STEP}".join([*has, *may])
    head = ['@id("forbid:facts")', "forbid (principal, action, resource)"]
    return ["\n".join([*remark, *head, f"unless {{\n{_STEP}{tests}\n}};"])]


def _may_be(one: Input) -> tuple[Scalar, ...]:
    """The values that an engine may be given, where they are few enough to be listed; lists are not."""
    if one.cells is not None:
        return tuple(range(one.cells.count))
    if one.kind is Kind.BOOL:
        return (False, True)
    return () if one.kind is Kind.LIST else one.domain


def _checks(inputs: Sequence[Input]) -> list[str]:
    """Tests that hold for every value of the right type and meet an error on any other."""
    found = []
    for one in inputs:
        fact = f"context[{literal(one.key)}]"
        if one.kind is Kind.LIST:
            members = f"[{listed(map(literal, one.domain), _STEP)}]" if one.domain else fact
            found.append(f"{members}.containsAll({fact})")
        elif one.cells is None and not _may_be(one):
            found.append(f'{fact} like "*"')
    return found


def literal(value: Scalar) -> str:
    """A literal of Cedar; in a text, whatever cannot be seen is escaped."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    return str(int(value))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"
