"""The shapes of a decision, and of the predicate that carries it."""

from __future__ import annotations

from weightgate.facts.statements import Grade
from weightgate.files.shapes import EVERY, TEXT, Shape
from weightgate.policy.verdicts import INDETERMINATE, VERDICTS

DECISION_SCHEMA = "weightgate/decision/v1"

VERDICT = (*VERDICTS, INDETERMINATE)
POSSIBLE = [tuple(VERDICTS)]
PLACE: Shape = {"country": TEXT, "subdivision": TEXT, "provider": str, "region": str, "within": [str]}

MANIFEST: Shape = [{"name": str, "digest": str, "reported": bool}]

INPUTS: Shape = {
    "cap": tuple(str(grade) for grade in Grade),
    "request": {
        "activity": str,
        "to": [str],
        "as_of": str,
        "known_at": TEXT,
        "status_mode": str,
        "switches": {EVERY: str},
        "trust?": {"digest": str, "version": int},
    },
    "destinations": [{"name": str, "places": [PLACE], "complete": bool, "source?": TEXT}],
    "operator": (dict, None),
    "statements": [{"fact": str, "grade": tuple(str(grade) for grade in Grade)}],
    "manifest": MANIFEST,
    "packs": [{"name": str, "digest": str, "locator": str}],
    "declarations?": [{"source": str, "digest": str, "envelope": str}],
}

DECISION: Shape = {
    "schema": DECISION_SCHEMA,
    "verdict": VERDICT,
    "possible": POSSIBLE,
    "exit": int,
    "decided_at": str,
    "engine": str,
    "activity": str,
    "as_of": str,
    "known_at": TEXT,
    "status_mode": str,
    "switches": {EVERY: {"value": str, "default": str}},
    "hypothetical": (bool, str, [str]),
    "model": {"reference": str, "revision": TEXT, "digest": TEXT},
    "operator": ({"name": TEXT, "digest": TEXT}, None),
    "destinations": [{"name": str, "verdict": VERDICT, "possible": POSSIBLE}],
    "reasons": [{"pack": str, "rule": str, "verdict": tuple(VERDICTS), "applies": ("yes", "possibly")}],
    "conditions": [{"id": str}],
    "rests_on": [dict],
    "not_established": list,
    "left_out": [dict],
    "not_asked?": [{"pack": str, "verdict": VERDICT}],
    "valid_until": ({"date": TEXT}, None),
    "packs": [{"name": str, "version": str, "digest": str, "status": TEXT, "verdict": (*VERDICT, None)}],
    "facts": dict,
    "inputs": INPUTS,
}

DISCLOSURE: Shape = {"mode": "minimal", "withheld": [{"item": str, "commitment": str}]}

PREDICATE: Shape = {
    "decision": DECISION,
    "packs": [{"name": str, "digest": str, "text": str, "signatures?": [str]}],
    "createdOn": str,
    "engine": str,
    "hypothetical": (bool, str, [str]),
    "disclosure?": DISCLOSURE,
}
