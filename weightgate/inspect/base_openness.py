"""Openness of the model that another was made from, looked at in the same way as the model itself.

The look is only as good as the name: who merely claims to be made from an open model gains nothing by it, since a
claim that loosens counts as unknown (:mod:`weightgate.facts.merge`).
"""

from __future__ import annotations

from datetime import datetime

from weightgate.errors import ModelError, UnreachableError
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Unknown
from weightgate.inspect.documents.card import read_card
from weightgate.inspect.hub.client import HubClient
from weightgate.inspect.hub.source import HubSource, open_on_hub
from weightgate.inspect.licenses.finding import LicenseFinding, license_of
from weightgate.inspect.licenses.table import Grants
from weightgate.inspect.licenses.text import read_license_texts
from weightgate.inspect.openness import left_open, observe, openness_of, weight_files
from weightgate.inspect.origin import Base
from weightgate.inspect.reference import is_proposal, proposal_reason
from weightgate.records import record

FACT = "model.base_openness"


@record
class NamedBase:
    """A base, and who named it.

    Attributes:
        base: The base.
        grade: Claimed when a file of the model names it, declared when the asker does.
        by: The file or person that names it.
    """

    base: Base
    grade: Grade
    by: str


@record
class BaseLook:
    """What looking at a base established.

    Attributes:
        statement: About ``model.base_openness``.
        not_established: What it rests on and nobody established, in sentences.
    """

    statement: Statement
    not_established: tuple[str, ...] = ()


def look_at_base(client: HubClient, named: NamedBase, at: datetime) -> BaseLook:
    """Look at a base on the Hub. A base that cannot be looked at is unknown, with the reason; never an error."""
    base = named.base
    if base.local or not _is_repo(base.name):
        return unseen(named, f"the base {base.name!r} is no name of a model on the Hub")
    if is_proposal(base.revision):
        return unseen(named, proposal_reason(base.name, base.revision))
    try:
        source = open_on_hub(client, base.name, base.revision)
        observation = observe(source, weight_files(source), at=at)
        licence = _license(source)
        statement = openness_of(observation, licence, fact=FACT, grade=named.grade, by=named.by)
    except (UnreachableError, ModelError) as error:
        return unseen(named, f"the base {base.name} could not be looked at: {error.message}")
    notes = [*left_open(observation), *licence.notes]
    if not base.revision:
        notes.append(f"Which revision of {base.name} it was made from: {named.by} does not pin it.")
    return BaseLook(statement, tuple(notes))


def unseen(named: NamedBase, reason: str) -> BaseLook:
    """A base of which nothing was seen."""
    return BaseLook(Statement(FACT, Unknown(reason), named.grade, source=named.by))


def _license(source: HubSource) -> LicenseFinding:
    """The licence published with the base; unknown when its files are not for us, which decides nothing else."""
    try:
        return license_of(read_card(source), read_license_texts(source))
    except (UnreachableError, ModelError) as error:
        return LicenseFinding("", Grants.UNKNOWN, f"the licence could not be read: {error.message}")


def _is_repo(name: str) -> bool:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return True
