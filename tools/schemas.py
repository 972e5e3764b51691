"""Write the JSON Schemas of what weightgate reads and prints: ``python -m tools.schemas``.

With ``--check`` nothing is written; a schema that differs from its source is named, and the exit code is 1.

Objects are open, because later versions may add to them (``CONTRIBUTING.md``); :func:`closed` gives the schema that
this version's own output is held to in the tests, in which nothing may stand that is not described.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tools.generated import main
from weightgate.attest.statements import attested
from weightgate.attest.statements.shapes import PREDICATE
from weightgate.attest.trust.schema import trust_schema
from weightgate.decide import decision
from weightgate.errors import Exit
from weightgate.facts.registry import ACTIVITIES
from weightgate.facts.schema import (
    DAY,
    DIALECT,
    GRADE,
    SHA256,
    TEXT,
    Schema,
    decision_facts_schema,
    definitions,
    facts_file_schema,
)
from weightgate.files.shapes import EVERY, Shape
from weightgate.policy.verdicts import INDETERMINATE, VERDICTS, exit_of, settle
from weightgate.signing.statement import STATEMENT_TYPE

FACT: Schema = {"type": "string", "pattern": "^[a-z_]+([.][a-z0-9_]+)?$"}
APPLIES: Schema = {"enum": ["yes", "possibly"]}
TEXTS: Schema = {"type": "array", "items": TEXT}
ONE_WORD: Schema = {"enum": [*VERDICTS, INDETERMINATE]}
DEFINITE: Schema = {"enum": list(VERDICTS)}
POSSIBLE: Schema = {"type": "array", "items": DEFINITE, "uniqueItems": True, "minItems": 1}
COUNTRY: Schema = {"$ref": "#/$defs/country"}


def record(**properties: Schema) -> Schema:
    """An object that has every one of ``properties``, and may have more."""
    return {"type": "object", "required": list(properties), "properties": properties}


def several(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def closed(schema: Any) -> Any:
    """The same schema with nothing allowed in an object that it does not describe."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        inner["additionalProperties"] = False
    return inner


def verdict_schema() -> list[Schema]:
    """What ``possible`` and ``exit`` may be beside each verdict."""
    found: list[Schema] = []
    for word in (*VERDICTS, INDETERMINATE):
        together = [list(chosen) for chosen in _subsets() if settle(VERDICTS[v] for v in chosen) == word]
        then = {"possible": {"enum": together}, "exit": {"const": int(exit_of(word))}}
        said = {"required": ["verdict"], "properties": {"verdict": {"const": word}}}
        found.append({"if": said, "then": {"properties": then}})
    return found


def _subsets() -> list[tuple[str, ...]]:
    words = tuple(VERDICTS)
    masks = range(1, 1 << len(words))
    return [tuple(word for i, word in enumerate(words) if mask >> i & 1) for mask in masks]


def cite() -> Schema:
    """A place in a source."""
    return record(source=TEXT, place=TEXT) | {
        "properties": {"source": TEXT, "place": TEXT, "title": TEXT, "url": TEXT}
    }


def destination() -> Schema:
    """What was decided about one place."""
    return record(
        name=TEXT,
        country=maybe(COUNTRY),
        subdivision=maybe(TEXT),
        tiers={"type": "object", "additionalProperties": {"enum": [1, 2, 3, None]}},
        verdict=ONE_WORD,
        possible=POSSIBLE,
    )


def reason() -> Schema:
    """A rule that applies."""
    because = record(
        fact=FACT, value={"type": ["string", "number", "boolean", "array", "object"]}, source=TEXT
    )
    return record(
        pack=TEXT,
        rule=TEXT,
        title=TEXT,
        verdict=DEFINITE,
        applies=APPLIES,
        destinations=TEXTS | {"minItems": 1},
        because=several(because),
        cites=several(cite()),
        remedy=maybe(TEXT),
        review_policy=maybe(TEXT),
    )


def missing() -> Schema:
    """A fact that would settle the decision."""
    outcomes = several(record(value=TEXT, possible=POSSIBLE)) | {"minItems": 1}
    return record(fact=FACT, question=TEXT, would_accept=TEXT, outcomes=outcomes, destinations=TEXTS)


def flip() -> Schema:
    """A smallest change that would alter the decision."""
    changes = several(record(fact=FACT, **{"from": {}, "to": {}})) | {"minItems": 1}
    return record(changes=changes, verdict=ONE_WORD, destinations=TEXTS)


def pack() -> Schema:
    """What one pack says."""
    return record(
        name=TEXT,
        version=TEXT,
        digest=SHA256,
        status=TEXT,
        verdict=maybe(ONE_WORD),
        possible=POSSIBLE | {"minItems": 0},
        applicable={"type": "boolean"},
    )


def decision_schema() -> Schema:
    """A decision, as ``check --output json`` prints it."""
    time = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
    body = record(
        schema={"const": decision.SCHEMA},
        verdict=ONE_WORD,
        possible=POSSIBLE,
        exit={"type": "integer"},
        decided_at=time,
        engine=TEXT,
        activity={"enum": list(ACTIVITIES)},
        as_of=DAY,
        known_at=DAY,
        status_mode={"enum": ["as-written", "in-force"]},
        switches={"type": "object", "additionalProperties": record(value={}, default={})},
        hypothetical={"anyOf": [{"const": False}, {"type": "string", "minLength": 1}]},
        model=record(reference=TEXT, revision=maybe(TEXT), digest=maybe(SHA256)),
        operator=record(
            name=maybe(TEXT),
            headquarters=maybe(COUNTRY),
            ultimate_parent=maybe(COUNTRY),
            digest=maybe(SHA256),
        ),
        destinations=several(destination()) | {"minItems": 1},
        reasons=several(reason()),
        missing=several(missing()),
        flips=several(flip()),
        conditions=several(
            record(id=TEXT, text=TEXT, due=maybe(TEXT), cites=several(cite()), applies=APPLIES)
        ),
        contradictions=several(record(fact=FACT, sources=TEXTS)),
        rests_on=several(record(fact=FACT, grade=GRADE, by=TEXT)),
        not_established=TEXTS,
        left_out=several(record(pack=TEXT, status=TEXT, because=TEXT)),
        valid_until=record(date=maybe(DAY), because=maybe(TEXT)),
        packs=several(pack()) | {"minItems": 1},
        not_asked=several(record(pack=TEXT, verdict=ONE_WORD)),
        facts=decision_facts_schema(),
    )
    body["properties"]["inputs"] = {"type": "object"}
    head = {"$schema": DIALECT, "title": "A decision of weightgate"}
    return {**head, **body, "allOf": verdict_schema(), "$defs": definitions()}


def error_schema() -> Schema:
    """What stands in place of JSON output when there is no result."""
    text = {"type": "string", "minLength": 1}
    codes = [int(code) for code in (Exit.INPUT, Exit.UNREACHABLE, Exit.SIGNATURE, Exit.INTERNAL)]
    error = record(code=text, message=text, where=maybe(text), hint=maybe(text))
    body = record(schema={"const": "weightgate/error/v1"}, error=error, exit={"enum": codes})
    return {"$schema": DIALECT, "title": "An error of weightgate", **body}


def of_shape(shape: Shape) -> Schema:
    """The schema of what a reader demands, from the shape that it holds documents to."""
    if isinstance(shape, dict):
        needed = [name for name in shape if name != EVERY and not name.endswith("?")]
        named = {name.removesuffix("?"): of_shape(inner) for name, inner in shape.items() if name != EVERY}
        made: Schema = {"type": "object"}
        made |= {"required": needed} if needed else {}
        made |= {"properties": named} if named else {}
        return made | ({"additionalProperties": of_shape(shape[EVERY])} if EVERY in shape else {})
    if isinstance(shape, list):
        return several(of_shape(shape[0]))
    if isinstance(shape, tuple):
        texts = [one for one in shape if isinstance(one, str)]
        if len(texts) == len(shape):
            return {"enum": texts}
        others = [of_shape(one) for one in shape if not isinstance(one, str)]
        return {"anyOf": [*([{"enum": texts}] if texts else []), *others]}
    if isinstance(shape, str):
        return {"const": shape}
    words = {str: "string", int: "integer", bool: "boolean", dict: "object", list: "array"}
    return {"type": "null" if shape is None else words[shape]}


def attestation_schema() -> Schema:
    """The statement that attests a decision, as far as a verifier demands it: later versions may say more."""
    digest = {"type": "object", "required": ["sha256"], "properties": {"sha256": {"type": "string"}}}
    name = {"enum": [attested.MODEL_SUBJECT, attested.REQUEST_SUBJECT]}
    body = record(
        _type={"const": STATEMENT_TYPE},
        subject=several(record(name=name, digest=digest)) | {"minItems": 1, "maxItems": 1},
        predicateType={"const": attested.PREDICATE_TYPE},
        predicate=of_shape(PREDICATE),
    )
    return {"$schema": DIALECT, "title": "A decision of weightgate, attested", **body}


def schemas() -> dict[str, str]:
    """Every schema as text, by its file name."""
    made = {
        "decision": decision_schema(),
        "facts": facts_file_schema(),
        "error": error_schema(),
        "attestation": attestation_schema(),
        "trust": trust_schema(),
    }
    return {
        f"{name}.schema.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in made.items()
    }


if __name__ == "__main__":
    sys.exit(main(schemas, __doc__))
