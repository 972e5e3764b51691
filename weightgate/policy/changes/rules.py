"""``policy diff``: what became of the rules of a pack's document."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from weightgate.policy.changes.words import from_to, members
from weightgate.policy.schema import PackDocument, Rule

_TEXTS = (
    ("title", "title"), ("rows", "row"), ("cites", "cites"), ("remedy", "remedy"),
    ("review_policy", "review_policy"), ("status", "status"),
)  # fmt: skip
_DAYS = (("from_", "from"), ("until", "until"), ("known", "known"), ("until_known", "until_known"))


def of_rules(
    before: PackDocument, after: PackDocument, among: Collection[str] | None = None
) -> Iterator[tuple[str, str]]:
    """What became of each rule: its part of the document, and the change in words.

    A rule that says the same under another identifier is renamed.

    Args:
        before: The first document.
        after: The second.
        among: The rules to look at, by identifier; all when left out.
    """
    was = {rule.id: rule for rule in before.rules if among is None or rule.id in among}
    now = {rule.id: rule for rule in after.rules if among is None or rule.id in among}
    gone = {name: rule for name, rule in was.items() if name not in {r.id for r in after.rules}}
    new = {name: rule for name, rule in now.items() if name not in {r.id for r in before.rules}}
    for name, rule in list(gone.items()):
        other = next((one for one in new.values() if _says(one) == _says(rule)), None)
        if other is not None:
            yield f"rules.{name}", f"renamed to {other.id}"
            yield from _of_rule(rule, other)
            del gone[name], new[other.id]
    yield from ((f"rules.{name}", f"removed, {_told(rule)}") for name, rule in gone.items())
    yield from ((f"rules.{name}", f"added, {_told(rule)}") for name, rule in new.items())
    others = {rule.id: rule for rule in after.rules}
    earlier = {rule.id: rule for rule in before.rules}
    for name in dict.fromkeys((*was, *now)):
        if name in earlier and name in others:
            yield from _of_rule(earlier[name], others[name])
    both = [rule.id for rule in before.rules if rule.id in others]
    if among is None and both != [rule.id for rule in after.rules if rule.id in earlier]:
        yield "rules", "in another order"


def _says(rule: Rule) -> tuple[object, ...]:
    return rule.when, rule.unless, rule.verdict, tuple(rule.activity), rule.from_, rule.until


def _told(rule: Rule) -> str:
    days = "".join(f" {key} {day}" for key, day in (("from", rule.from_), ("until", rule.until)) if day)
    return f"{rule.verdict.replace('_', ' ')}{days}: {rule.title}"


def _of_rule(rule: Rule, other: Rule) -> Iterator[tuple[str, str]]:
    part = f"rules.{other.id}"
    if rule.verdict != other.verdict:
        yield f"{part}.verdict", f"{rule.verdict} -> {other.verdict}"
    if rule.activity != other.activity:
        yield f"{part}.activity", members(rule.activity, other.activity) or "in another order"
    for key in ("when", "unless"):
        text, now = getattr(rule, key), getattr(other, key)
        if text != now:
            yield f"{part}.{key}", from_to(text, now)
    for attribute, key in _DAYS:
        day, to = getattr(rule, attribute), getattr(other, attribute)
        if day != to:
            yield f"{part}.{key}", f"{day or 'none'} -> {to or 'none'}"
    if rule.conditions != other.conditions:
        kept, keep = ([one.id for one in r.conditions] for r in (rule, other))
        yield f"{part}.conditions", members(kept, keep) or "changed"
    for attribute, key in _TEXTS:
        if getattr(rule, attribute) != getattr(other, attribute):
            yield f"{part}.{key}", "changed"
