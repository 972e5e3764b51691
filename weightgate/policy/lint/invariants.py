"""What invariants say of facts: whether it has a meaning. ``policy prove`` proves the ones that have."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.errors import PolicyError
from weightgate.policy.invariants import parse_change
from weightgate.policy.lint.codes import CODES
from weightgate.policy.lint.findings import Finding
from weightgate.policy.pack import Pack


def invariant_findings(pack: Pack) -> Iterator[Finding]:
    """Every invariant that says of a fact what has no meaning."""
    for i, one in enumerate(pack.document.invariants):
        if one.never_loosens_when is None:
            continue
        try:
            parse_change(one.never_loosens_when, pack.yaml.where("invariants", i, "never_loosens_when"))
        except PolicyError as error:
            yield Finding(
                "bad_invariant", error.message, error.where, error.hint or CODES["bad_invariant"].hint
            )
