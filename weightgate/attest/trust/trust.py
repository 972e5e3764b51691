"""What a verifier trusts, and the questions that verification asks about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from weightgate.attest.trust.cover import outside
from weightgate.attest.trust.grants import DECIDE, DECLARE, REVOKE, SIGN_MODELS, SIGN_PACKS
from weightgate.attest.trust.limits import beside, day_of, lies, speaks, threshold, window
from weightgate.attest.trust.model import Answer, Grant, Identity, PackRule, Root
from weightgate.destinations.places import Destination
from weightgate.policy.days import day_before
from weightgate.records import record
from weightgate.signing.accepted import Accepted, SignedBy
from weightgate.signing.certificates import Authority
from weightgate.signing.checks import Check, State
from weightgate.signing.keys import PublicKey

CHECK = "trust"
"""The check that says whether the trust file itself may be relied on."""

_Problem = Callable[[Grant], str]


@record
class Trust:
    """A trust file that was read: everything in it has its form, and its successions hold.

    Nothing here says that the file itself is in date: :meth:`check` does, and must be asked.

    Attributes:
        source: The file's name, for messages.
        digest: ``sha256:…`` of its bytes.
        version: Its version, which only increases.
        start: First UTC day on which it holds; empty: since ever.
        expires: Last UTC day on which it holds.
        root: Who signs the next version; ``None`` when nobody can.
        identities: Who there is, by name.
        grants: What they may do, by the list's name.
        max_ages: Days that an attestation of a verdict may be old.
        packs: What packs must be, by name.
        timestamp_authorities: Whose timestamps (RFC 3161) say when something was signed.
        logs: Verifier keys of logs, by name.
    """

    source: str
    digest: str
    version: int
    start: str
    expires: str
    root: Root | None
    identities: Mapping[str, Identity]
    grants: Mapping[str, tuple[Grant, ...]]
    max_ages: Mapping[str, float]
    packs: Mapping[str, PackRule]
    timestamp_authorities: tuple[Authority, ...]
    logs: Mapping[str, str]

    def accepted(self) -> Accepted:
        """Everybody whose signature is looked at; which of them may do what is another question."""
        authorities = (one.authority for one in self.identities.values())
        keyless = (one.keyless for one in self.identities.values())
        return Accepted(
            self.keys(),
            tuple(one for one in authorities if one is not None),
            tuple(one for one in keyless if one is not None),
        )

    def keys(self) -> tuple[PublicKey, ...]:
        """Every key of the file; which of them may do what is another question."""
        return tuple(one.key for one in self.identities.values() if one.key is not None)

    def check(self, now: datetime) -> Check:
        """Whether the file holds on the verifier's day; when it does not, nothing that rests on it does.

        Args:
            now: The verifier's clock, and nobody else's word.
        """
        today, what = day_of(now), f"{self.source} version {self.version}"
        if today > self.expires:
            return Check(CHECK, State.STALE, f"{what} expired on {self.expires}; it is {today}")
        if today < self.start:
            return Check(CHECK, State.STALE, f"{what} holds from {self.start} on; it is {today}")
        return Check(CHECK, State.ESTABLISHED, f"{what}, {self.digest}, until {self.expires}")

    def names_of(self, signers: Iterable[SignedBy], at: datetime) -> frozenset[str]:
        """Whose signatures these are. One key or certificate is never two identities, nor is a key twice one.

        Args:
            signers: What verification found of each signature.
            at: When they were made, as the verifier knows it.

        Returns:
            Names of identities that act on that day: neither a key whose place another has taken by then, nor one that
            has yet to take another's.
        """
        day = day_of(at)
        found: dict[str, str] = {}
        for signer in signers:
            name = self._name_of(signer)
            if name is not None and lies(day, *self.term(name)):
                found.setdefault(signer.keyid, name)
        return frozenset(found.values())

    def acts(self, name: str, at: datetime) -> bool:
        """Whether an identity acts on a day, as far as successions go."""
        return lies(day_of(at), *self.term(name))

    def term(self, name: str) -> tuple[str, str]:
        """From which day an identity acts, and from which no more, as far as successions go; empty for no such day."""
        return self._terms[name]

    def stands_for(self, name: str) -> tuple[str, ...]:
        """An identity and all whose place it has taken, itself first."""
        line = [name]
        while (succeeds := self.identities[line[-1]].succeeds) is not None:
            line.append(succeeds.identity)
        return tuple(line)

    def acting(self, names: Iterable[str], listed: Collection[str], at: datetime) -> frozenset[str]:
        """Which signers act for listed identities on a day: of a line of successors one at most, for terms do not overlap."""
        day, wanted = day_of(at), set(listed)
        return frozenset(
            name
            for name in names
            if name in self.identities
            and lies(day, *self.term(name))
            and not wanted.isdisjoint(self.stands_for(name))
        )

    def _name_of(self, signer: SignedBy) -> str | None:
        """Whose signature it is, whenever it was made."""
        if not signer.identity:
            return self._keyids.get(signer.keyid)
        # Whom a certificate is about was compared when its chain was verified; it may have several names.
        vouched = self.identities.get(signer.issuer)
        if vouched is not None and vouched.authority is not None:
            return vouched.name
        return self._keyless.get((signer.identity, signer.issuer))

    @cached_property
    def _keyids(self) -> dict[str, str]:
        return {one.key.keyid: one.name for one in self.identities.values() if one.key is not None}

    @cached_property
    def _keyless(self) -> dict[tuple[str, str], str]:
        found = ((one.keyless, one.name) for one in self.identities.values())
        return {(one.identity, one.issuer): name for one, name in found if one is not None}

    @cached_property
    def _terms(self) -> dict[str, tuple[str, str]]:
        taken = [one.succeeds for one in self.identities.values() if one.succeeds is not None]
        ends = {one.identity: one.start for one in taken}
        return {
            one.name: (one.succeeds.start if one.succeeds else "", ends.get(one.name, ""))
            for one in self.identities.values()
        }

    def may_decide(
        self,
        names: Collection[str],
        *,
        verdict: str,
        destinations: Sequence[Destination | str],
        packs: Sequence[str],
        activity: str,
        at: datetime,
        verifier_id: str | None = None,
    ) -> Answer:
        """Whether these identities together may give such a verdict.

        Args:
            names: Who signed, from :meth:`names_of`.
            verdict: The verdict.
            destinations: Every destination that was decided. Give it with the places for which it was decided
                (:func:`~weightgate.attest.trust.cover.attested_destinations`): a bare name is resolved here, and says
                nothing of the places that the signer had in mind.
            packs: The name of every pack that decided.
            activity: The activity.
            at: When it was signed, as the verifier knows it.
            verifier_id: The URI under which a summary is signed; ``None`` for a decision.
        """
        return self._ask(
            DECIDE,
            names,
            at,
            lambda grant: beside(grant, "verdicts", [verdict]),
            lambda grant: outside(destinations, grant.places) if "destinations" in grant.limits else "",
            lambda grant: beside(grant, "packs", packs),
            lambda grant: beside(grant, "activities", [activity]),
            lambda grant: speaks(grant, verifier_id),
        )

    def may_declare(self, names: Collection[str], fact: str, model: str, at: datetime) -> Answer:
        """Whether these identities together may declare a fact about a model, so that it counts as verified.

        Args:
            names: Who signed.
            fact: Name of the fact.
            model: Digest of the model, ``sha256:…``.
            at: When it was signed, as the verifier knows it.
        """
        return self._ask(
            DECLARE,
            names,
            at,
            lambda grant: beside(grant, "facts", [fact]),
            lambda grant: beside(grant, "models", [model]),
        )

    def may_revoke(self, names: Collection[str], at: datetime, *, signers: Collection[str] = ()) -> Answer:
        """Whether these identities together may revoke attestations.

        Args:
            names: Who signed the revocation.
            at: When it was signed, as the verifier knows it.
            signers: Who signed what is revoked; empty for a revocation of whatever meets a criterion.
        """
        stood_for = [self.stands_for(name) for name in signers if name in self.identities]

        def problem(grant: Grant) -> str:
            if "signers" not in grant.limits:
                return ""
            allowed = grant.limits["signers"]
            if len(stood_for) != len(signers) or not stood_for:
                return "it is about attestations of certain signers only"
            other = [line[0] for line in stood_for if not set(line) & set(allowed)]
            return f"it is not about attestations of {', '.join(other)}" if other else ""

        return self._ask(REVOKE, names, at, problem)

    def may_sign_models(self, names: Collection[str], at: datetime, model: str = "") -> Answer:
        """Whether these identities together may sign a model.

        Args:
            names: Who signed.
            at: When, as the verifier knows it.
            model: Digest of the model, ``sha256:…``.
        """
        return self._ask(SIGN_MODELS, names, at, lambda grant: beside(grant, "models", [model]))

    def may_sign_packs(self, names: Collection[str], pack: str, at: datetime) -> Answer:
        """Whether these identities together may sign a pack.

        Args:
            names: Who signed.
            pack: The pack's name.
            at: When, as the verifier knows it.
        """
        return self._ask(SIGN_PACKS, names, at, lambda grant: beside(grant, "packs", [pack]))

    def max_age_days(self, verdict: str) -> float | None:
        """Days that an attestation of a verdict may be old; ``None`` where the file does not say."""
        return self.max_ages.get(verdict)

    def pack_rule(self, name: str) -> PackRule:
        """What a pack of that name must be; a rule that allows any where the file has none."""
        return self.packs.get(name) or PackRule(name)

    def verifier_ids(self, names: Collection[str]) -> frozenset[str]:
        """The URIs under which these identities may sign summaries of verification."""
        stood_for = {one for name in names if name in self.identities for one in self.stands_for(name)}
        found = (grant.verifier_id for grant in self.grants[DECIDE] if stood_for & set(grant.identities))
        return frozenset(found) - {""}

    def _ask(self, kind: str, names: Collection[str], at: datetime, *limits: _Problem) -> Answer:
        """The first grant that covers it, or what keeps the one that comes nearest from doing so."""
        nearest = (-1, f"nobody who signed it is named under {kind}")
        for grant in self.grants[kind]:
            acting = self.acting(names, grant.identities, at)
            if not acting:
                continue
            checks = [window(grant, at), *(limit(grant) for limit in limits), threshold(grant, acting)]
            problem = next(filter(None, checks), "")
            if not problem:
                because = f"{grant.place} grants it to {', '.join(sorted(acting))}"
                return Answer(True, because, self._last_day(grant, acting))
            nearest = max(
                nearest, (checks.index(problem), f"{grant.place}: {problem}"), key=lambda one: one[0]
            )
        return Answer(False, nearest[1])

    def _last_day(self, grant: Grant, acting: Collection[str]) -> str:
        """The last day of a grant: its own, the file's, and the last on which all who act for it do."""
        ends = (self.term(name)[1] for name in acting)
        return min(filter(None, (grant.until, self.expires, *(end and day_before(end) for end in ends))))

    def all_grants(self) -> Iterator[Grant]:
        """The grants of every list."""
        for listed in self.grants.values():
            yield from listed
