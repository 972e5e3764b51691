"""The options of check and guard, as the API takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from weightgate.cli.disclosing import is_minimal, keep_openings, refuse_beside_minimal
from weightgate.cli.logged import opened_log, proof_path
from weightgate.cli.output import Output, deliver, parse_outputs
from weightgate.errors import NotAvailableYet, UsageError
from weightgate.policy.source import DEFAULT_PACK

if TYPE_CHECKING:
    from typing import TypedDict

    from weightgate.api import CheckOptions
    from weightgate.decide.decision import Decision
    from weightgate.inspect.manifest import Progress
    from weightgate.signing.sealing import Sealer

    class Options(TypedDict):
        """What check was called with; each key is an option of the same name."""

        model: str
        to: tuple[str, ...]
        activity: str
        operator: str | None
        facts: tuple[str, ...]
        trust: str | None
        pack_signatures: tuple[str, ...]
        policy: tuple[str, ...]
        switches: tuple[str, ...]
        as_of: str | None
        known_at: str | None
        status: str
        require_grade: tuple[str, ...]
        digest: str | None
        model_keys: tuple[str, ...]
        attest_to: str | None
        keys: tuple[str, ...]
        verifier_id: str | None
        disclose: str
        openings: str | None
        ledger: str | None
        ledger_key: str | None
        config: str | None
        output: tuple[str, ...]


_GRADE = "FACT=GRADE, such as model.openness=verified"


def refuse_unavailable(asked: Options) -> None:
    """Refuse what this version does not have.

    Raises:
        NotAvailableYet: ``--config`` is given.
    """
    if asked["config"]:
        raise NotAvailableYet("--config")


def outputs_of(asked: Options, *more: str | None) -> tuple[Output, ...]:
    """The results wanted; they and ``more`` may lie neither inside the model nor over another file of the question's.

    Raises:
        UsageError: An unknown format, or a path as :func:`weightgate.cli.paths.check_paths` refuses it.
    """
    outputs = parse_outputs(asked["output"])
    proof = proof_path(asked["ledger"], asked["attest_to"])
    written = [*(o.path for o in outputs), asked["attest_to"], asked["openings"], proof, *more]
    if not any(written):
        return outputs
    from weightgate.cli.paths import check_paths
    from weightgate.cli.secrets import files_of

    check_paths(
        written,
        read=[
            *(asked["operator"], asked["trust"], *asked["facts"], *asked["policy"]),
            *(*asked["pack_signatures"], *asked["model_keys"], *files_of(asked["keys"]), asked["ledger_key"]),
        ],
        model=asked["model"],
    )
    return outputs


def signer_of(asked: Options) -> Sealer | None:
    """Who signs for ``--attest``, found before anything is decided.

    Raises:
        UsageError: ``--attest`` is given without a key, or the verifier's identity is no URI, or how much to disclose
            makes no sense.
        WeightgateError: A key cannot be read or reached.
    """
    minimal = is_minimal(asked["disclose"], asked["openings"], attesting=bool(asked["attest_to"]))
    if not asked["attest_to"]:
        # A key alone asks for nothing; WEIGHTGATE_KEY may be set for other commands.
        return None
    if not asked["keys"]:
        raise UsageError("--attest needs --key", hint="give both: --attest PATH --key KEY")
    from weightgate.attest.statements.resource import check_verifier_id
    from weightgate.cli.secrets import load_signers
    from weightgate.signing.sealing import Sealer

    if minimal:
        refuse_beside_minimal(("--verifier-id", asked["verifier_id"]))
    if asked["verifier_id"]:
        check_verifier_id(asked["verifier_id"])
    sealer = Sealer(load_signers(asked["keys"]))
    sealer.check()
    return sealer


def for_api(asked: Options, progress: Progress | None) -> CheckOptions:
    """The options that :func:`weightgate.api.check` takes."""
    return {
        "activity": asked["activity"],
        "operator": asked["operator"],
        "facts": asked["facts"],
        "trust": asked["trust"],
        "pack_signatures": asked["pack_signatures"],
        "policy": asked["policy"] or DEFAULT_PACK,
        "switches": pairs_of(asked["switches"], "--set", "PACK.SWITCH=READING"),
        "as_of": asked["as_of"],
        "known_at": asked["known_at"],
        "status": asked["status"],
        "require_grade": pairs_of(asked["require_grade"], "--require-grade", _GRADE),
        "digest": asked["digest"],
        "model_keys": asked["model_keys"],
        "progress": progress,
    }


def write_attestation(asked: Options, decision: Decision, sealer: Sealer | None) -> None:
    """Write the attestation that ``--attest`` asks for."""
    if sealer is None or asked["attest_to"] is None:
        return
    from weightgate import api

    path = asked["attest_to"]
    with opened_log(asked["ledger"], asked["ledger_key"], sealer.signers) as log:
        if is_minimal(asked["disclose"], asked["openings"]):
            made = api.attest_minimal(decision, sealer.signers)
            keep_openings(made, str(asked["openings"]))
            sealed = made.attestation
        else:
            sealed = api.attest(decision, sealer.signers, verifier_id=asked["verifier_id"])
        if log is None:
            deliver(Path(path), sealed)
        else:
            log.write(path, sealed)


def told(decision: Decision) -> dict[str, Any]:
    """The decision as JSON, with the shipped packs that were not asked and would be stricter."""
    from weightgate.asking.otherwise import stricter_packs

    data = decision.to_json()
    return data | {"not_asked": stricter_packs(data)}


def tell_claims(decision: Decision) -> None:
    """Say on stderr which declared facts count as claims only, and why."""
    from weightgate.cli.text import one_line, tell
    from weightgate.facts.statements import Grade

    for fact in decision.facts.values():
        for said in fact.statements:
            # The source, which is a stranger's text, stands in it too.
            _, claim, why = said.method.rpartition("; a claim: ")
            if claim and said.grade is Grade.CLAIMED:
                from weightgate.attest.declarations.evidence import NO_TRUST

                why += ": give one with --trust" if why == NO_TRUST else ""
                tell(f"note: {one_line(f'{said.source}: {said.fact} counts as a claim: {why}')}")


def pairs_of(asked: tuple[str, ...], name: str, shape: str) -> dict[str, str]:
    """What a repeatable option of the form ``KEY=VALUE`` gives.

    Args:
        asked: The texts given.
        name: The option, for messages.
        shape: What one text looks like.

    Raises:
        UsageError: A text has no ``=``, or one key is given two values.
    """
    pairs: dict[str, str] = {}
    code = "bad_" + name.lstrip("-").replace("-", "_")
    for text in asked:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"{text!r} has no '='", where=name, hint=f"write {shape}", code=code)
        if pairs.get(key, value) != value:
            message = f"{key} is asked for as {pairs[key]} and as {value}"
            raise UsageError(message, where=name, hint="give it once", code=code)
        pairs[key] = value
    return pairs
