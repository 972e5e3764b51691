"""Loading a pack, with everything that keeps it from loading and not only the first."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from weightgate.errors import InputError, PolicyError
from weightgate.files.yaml import Document, parse_yaml
from weightgate.policy.cel import Chosen, NamedValue, Scope
from weightgate.policy.conditions import Conditions
from weightgate.policy.dated import spans
from weightgate.policy.days import FOREVER
from weightgate.policy.ir import Const
from weightgate.policy.lint.codes import CODES
from weightgate.policy.lint.findings import Finding, Path
from weightgate.policy.lint.schema import rule_at, schema_findings
from weightgate.policy.pack import Pack
from weightgate.policy.schema import PackDocument, ValueRow
from weightgate.policy.source import PackSource
from weightgate.policy.standing import value_at


def load(source: PackSource) -> Pack | list[Finding]:
    """The pack, or why it does not load: every error of its schema, else of its conditions."""
    try:
        return Pack(source)
    except PolicyError as error:
        return list(_why_not(source, error))


def _why_not(source: PackSource, first: PolicyError) -> Iterator[Finding]:
    """What keeps a pack from loading, beside the first thing that did."""
    file = source.name if source.locator.startswith("shipped:") else source.locator
    stopped = finding_of(first, _place(source.text, file) if first.code == "not_utf8" else file)
    try:
        yaml = parse_yaml(source.text, file)
    except InputError:
        yield stopped
        return
    try:
        document = PackDocument.model_validate(yaml.data)
    except ValidationError as error:
        yield from schema_findings(yaml, error) if isinstance(yaml.data, dict) else [stopped]
        return
    others = list(_conditions(document, yaml, Conditions(source.text.decode(), file, yaml)))
    said = {(one.message, one.where) for one in others}
    yield from others if (stopped.message, stopped.where) in said else [stopped, *others]


def finding_of(error: InputError | PolicyError, file: str, rule: str = "") -> Finding:
    """An error as a finding; ``file`` is the place of one that has none of its own."""
    code = error.code if error.code in CODES else "policy"
    where = file if code == "not_utf8" else error.where or file
    return Finding(code, error.message, where, error.hint or CODES[code].hint, rule)


def condition_finding(error: PolicyError, yaml: Document, path: Path) -> Finding:
    """What is wrong with the condition at ``path``; what is wrong with a value that it uses is about no rule."""
    return finding_of(error, yaml.source, "" if error.code == "policy" else rule_at(yaml, path))


def _place(raw: bytes, file: str) -> str:
    """The place of the first byte that is not UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        rows = raw[: error.start].decode().split("\n")
        return f"{file}:{len(rows)}:{len(rows[-1]) + 1}"
    return file


def _conditions(document: PackDocument, yaml: Document, conditions: Conditions) -> Iterator[Finding]:
    """Every named value and every condition that cannot be used on the last day on which the pack changes."""
    day = spans(document)[-1][0] if spans(document) else FOREVER

    def fail(message: str, *path: str | int, hint: str = "", code: str = "policy") -> PolicyError:
        return PolicyError(message, where=yaml.where(*path), hint=hint, code=code)

    values: dict[str, NamedValue] = {}
    for name, rows in document.values.items():
        try:
            values[name] = value_at(name, rows, day, FOREVER, fail)
        except PolicyError as error:
            yield finding_of(error, yaml.source)
            values[name] = _stand_in(rows[0])
    switches = {name: Chosen(one.default, tuple(one.readings)) for name, one in document.switches.items()}
    scope = Scope(values, {}, switches)
    for path, text in texts_of(document):
        try:
            found = conditions.lower(text, scope, path)
        except PolicyError as error:
            yield condition_finding(error, yaml, path)
            found = Const(True)
        if path[0] == "define":
            scope = Scope(values, {**scope.definitions, str(path[1]): found}, switches)


def _stand_in(row: ValueRow) -> NamedValue:
    """Some value of the type that a row has, for the conditions that name one which does not load."""
    if isinstance(row.value, list):
        return tuple(row.value)
    return row.value if isinstance(row.value, str) and row.unit != "ratio" else 1.0


def texts_of(document: PackDocument) -> Iterator[tuple[Path, str]]:
    """Every condition of a pack with its path, definitions first."""
    yield from ((("define", name), text) for name, text in document.define.items())
    for i, rule in enumerate(document.rules):
        yield ("rules", i, "when"), rule.when
        if rule.unless is not None:
            yield ("rules", i, "unless"), rule.unless
    for i, one in enumerate(document.invariants):
        if one.given is not None:
            yield ("invariants", i, "given"), one.given
