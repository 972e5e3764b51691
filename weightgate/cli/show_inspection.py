"""What was learned of a model, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weightgate.cli.page import Line, Page, head, listed
from weightgate.facts.words import value_text


def inspection_page(found: Mapping[str, Any]) -> Page:
    """The page about a model, from the JSON of ``inspect``."""
    model = found["model"]
    facts = [line for name, fact in found["facts"].items() for line in _fact(name, fact)]
    return [
        Line(model["reference"], style="bold"),
        *([Line(f"revision {model['revision']}")] if model["revision"] else []),
        Line(f"digest {model['digest']}" if model["digest"] else "digest: could not be had"),
        *head("Facts"),
        *(facts or [Line("nothing", 2)]),
        *listed(
            "Contradictions",
            [f"{c['fact']}: {' against '.join(c['sources'])}" for c in found["contradictions"]],
        ),
        *listed("Not established", found["not_established"]),
    ]


def _fact(name: str, fact: Mapping[str, Any]) -> Iterator[Line]:
    unit = f" {fact['unit']}" if fact["unit"] and "unknown" not in fact else ""
    grade = f" ({fact['grade']})" if fact["grade"] else ""
    yield Line(f"{name}: {value_text(dict(fact))}{unit}{grade}", 2, style="bold" if fact["grade"] else "")
    for said in fact["evidence"]:
        place = ", ".join(part for part in (said["source"], said["locator"]) if part)
        how = f"; {said['method']}" if said.get("method") else ""
        yield Line(f"{said['grade']}: {value_text(said['says'])}, says {place}{how}", 4)
