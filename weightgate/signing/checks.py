"""What a verification comes to: checks, each with its state, in the order in which they were made."""

from __future__ import annotations

from enum import StrEnum

from weightgate.records import record


class State(StrEnum):
    """How a check came out."""

    ESTABLISHED = "established"
    NOT_ESTABLISHED = "not_established"
    STALE = "stale"
    CONTRADICTED = "contradicted"


@record
class Check:
    """One line of a verification report.

    Attributes:
        id: Stable identifier; docs/attestation.md lists them.
        state: How it came out.
        detail: What was compared, found and needed; text of others' is quoted.
    """

    id: str
    state: State
    detail: str

    def __init__(self, id: str, state: State, detail: str) -> None:  # noqa: A002 - the field's name
        # A report has some twenty-five of these, and a file thousands of reports: the records' own takes twice as long.
        values = self.__dict__
        values["id"], values["state"], values["detail"] = id, state, detail

    def to_json(self) -> dict[str, str]:
        """As a verification report spells it."""
        return {"id": self.id, "state": str(self.state), "detail": self.detail}
