"""``policy prove``: every claim about a pack, at every stage, in every combination of its switches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS, Kind
from weightgate.policy.invariants import Change, parse_change
from weightgate.policy.pack import Pack
from weightgate.policy.prove.claims import Default, DefaultReading, Held, Invariant, Watched
from weightgate.policy.prove.extent import Extent, extent_of
from weightgate.policy.prove.report import Claim, Finding, Proof
from weightgate.policy.prove.stages import scenes
from weightgate.policy.source import PackSource


def prove(source: PackSource) -> Proof:
    """Prove what a pack declares of itself, and what every pack must keep.

    Raises:
        PolicyError: The pack does not load, or an invariant has no meaning.
    """
    pack = Pack(source)
    invariants = [_invariant(pack, index) for index in range(len(pack.document.invariants))]
    extent = extent_of(pack)
    watched: list[Watched] = [
        *invariants,
        *(DefaultReading(pack, name) for name in pack.document.switches),
        Default(pack),
    ]
    stopped = list(_walk(pack, extent, watched, [i.change for i in invariants if i.change]))
    held: list[Held] = [one for each in watched for one in each.result()]
    return Proof(
        pack.document.name,
        pack.document.version,
        source.digest,
        len(pack.standings),
        extent.known,
        extent.combinations,
        len(extent.chosen),
        (_total(pack), *(one for one in held if isinstance(one, Claim))),
        (*(one for one in held if isinstance(one, Finding)), *stopped),
        extent.left_out,
    )


def _walk(
    pack: Pack, extent: Extent, watched: Sequence[Watched], changes: Sequence[Change]
) -> Iterator[Finding]:
    """Look at every stage; what outgrows a bound is a finding."""
    for scene in scenes(pack, extent):
        about = f"about {scene.activity} from {scene.standings[0][1].start}"
        try:
            stage = scene.build(pack, changes)
        except PolicyError as error:
            for one in watched:
                one.unseen = True
            yield _stopped(pack, f"nothing is known {about}", error)
            continue
        for one in watched:
            try:
                one.look(stage, scene.times)
            except PolicyError as error:
                one.unseen = True
                yield _stopped(pack, f"{one.says}: not known {about}", error)


def _stopped(pack: Pack, what: str, error: PolicyError) -> Finding:
    return Finding("not_proved", "", f"{what}: {error.message}", pack.yaml.where("rules"), error.hint)


def _invariant(pack: Pack, index: int) -> Invariant:
    one = pack.document.invariants[index]
    if one.never_loosens_when is None:
        return Invariant(pack, index, None)
    path = ("invariants", index, "never_loosens_when")
    change = parse_change(one.never_loosens_when, pack.yaml.where(*path))
    if FACTS[change.fact].kind is Kind.TIER and "tier" not in pack.document.tables:
        raise pack.fail(f"{change.fact} is used and the pack has no table tier", *path, code="bad_invariant")
    return Invariant(pack, index, change)


def _total(pack: Pack) -> Claim:
    """What loading has shown already: it refuses a gap and an overlap on any day, as known on any day."""
    table = "every country has one tier" if pack.document.tables else "there is no table"
    says = f"every named value has one value, and {table}, on every day, as known on every day"
    return Claim("default", "total", says, holds=True)
