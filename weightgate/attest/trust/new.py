"""``trust new``: a first trust file, from public keys, that explains itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from weightgate.attest.trust.model import SCHEMA
from weightgate.errors import UsageError
from weightgate.signing.keys import PublicKey

_HEAD = """\
# Whom we trust, and for what. Read it with: weightgate trust show FILE
# Change it by writing the next version to a new file, signing that (weightgate trust sign), and replacing this one with
# weightgate trust update. docs/trust.md explains every key.
schema: {schema}
version: 1 # only increases
expires: {expires} # UTC, the whole of that day; afterwards everything that rests on this file fails

# Who signs the next version: keep these keys offline, and with different people.
root: {{identities: [{roots}], threshold: {threshold}}}

identities:
"""

_TAIL = """
# Who may decide what. Limits that are left out do not limit: narrow them to what each key is for.
decide:
  - identities: [{signers}]
    threshold: 1
    # verdicts: [allow, allow_with_conditions, license_required, deny, indeterminate]
    # destinations: [DE, aws/eu-central-1] # everything that was decided must lie within these
    # packs: [us-ai-diffusion-draft]
    # activities: [host]
    # verifier_id: https://example.com/weightgate # under which it signs VSA and SVR
    until: {expires}

# Whose declarations count as verified, and for which facts.
{declare}declare: [{{identities: [{declarers}], facts: [{facts}], until: {expires}}}]

# Who may withdraw attestations.
revoke: [{{identities: [{signers}]}}]

# How old an attestation may be, by verdict.
max_age_days: {{allow: 30, allow_with_conditions: 30}}

# What packs must be.
# packs:
#   us-ai-diffusion-draft: {{minimum_version: "1.0.0"}}
"""


DECLARED = ("model.openness", "model.training_operations")
"""Facts that a declarer of a new file may declare, until its author says otherwise."""


def new_trust(
    roots: Mapping[str, PublicKey],
    signers: Mapping[str, PublicKey],
    expires: str,
    declarers: Mapping[str, PublicKey] | None = None,
) -> str:
    """The text of a first trust file.

    Args:
        roots: Keys that sign the next version, by name; more than half of them will be needed.
        signers: Keys that decide, by name; a name that is a root's too must have the same key.
        expires: Its last UTC day.
        declarers: Keys whose declarations of :data:`DECLARED` count as verified, by name; with none, a comment shows how.
    """
    text = _HEAD.format(schema=SCHEMA, expires=expires, roots=", ".join(roots), threshold=len(roots) // 2 + 1)
    for name, key in {**roots, **signers, **(declarers or {})}.items():
        rows = "".join(f"      {row}\n" for row in key.pem().decode().splitlines())
        text += f"  {name}: # {key.algorithm} {key.keyid}\n    key: |\n{rows}"
    return text + _TAIL.format(
        signers=", ".join(signers), declare="" if declarers else "# ", declarers=", ".join(declarers or [next(iter(signers))]),
        facts=", ".join(DECLARED), expires=expires,
    )  # fmt: skip


def named_keys(keys: Sequence[tuple[Path, PublicKey]], option: str) -> dict[str, PublicKey]:
    """Keys by names made of their files': ``release.pem.pub`` is ``release``.

    Args:
        keys: Each key with its file.
        option: The option that they were given with, for messages.

    Raises:
        UsageError: A file's name gives no name, or two give one (code ``bad_name``).
    """
    found: dict[str, PublicKey] = {}
    for path, key in keys:
        name = re.sub(r"[^a-z0-9_-]+", "-", path.name.lower().split(".")[0]).strip("-_")[:80]
        if not name or name in found:
            problem = f"two keys would be called {name}" if name else f"{path.name[:80]!r} gives no name"
            hint = "name the files after who signs: release.pub"
            raise UsageError(problem, where=option, hint=hint, code="bad_name")
        found[name] = key
    return found
