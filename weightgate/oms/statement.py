"""The statement that a model signature carries: written as version 1.0, read in every form that was ever released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from weightgate.errors import SignatureError
from weightgate.files.shapes import Shape, misfit
from weightgate.inspect.hashing import DIGEST_BYTES
from weightgate.oms.resources import (
    METHODS,
    SHARDS,
    WHOLE,
    Resource,
    Serialization,
    read_resources,
    root_of,
)
from weightgate.records import record
from weightgate.signing.statement import InTotoStatement, Subject, compose_statement, parse_statement

PREDICATE_TYPE = "https://model_signing/signature/v1.0"

DIGESTS_TYPE = "https://model_signing/Digests/v0.1"
"""Predicate type of ``model_signing`` 0.2: every file is a subject of its own, and there is no root digest."""

_SHAPE: Shape = {
    "resources": [{"name": str, "digest": str, "algorithm": str}],
    "serialization": {
        "method": METHODS,
        "hash_type": tuple(DIGEST_BYTES),
        "allow_symlinks": bool,
        "ignore_paths?": ([str], None),
    },
}


@record
class ModelStatement:
    """What a signature says of a model.

    Attributes:
        name: The model's name, for information only; empty when none is given.
        root: The root digest in hex, over the resources as they are listed.
        resources: Files or shards in the order of the list; at least one.
        serialization: How they were listed.
        predicate_type: :data:`PREDICATE_TYPE`, or :data:`DIGESTS_TYPE`.
    """

    name: str
    root: str
    resources: tuple[Resource, ...]
    serialization: Serialization
    predicate_type: str = PREDICATE_TYPE

    @property
    def names(self) -> frozenset[str]:
        """The files that are listed, whole or in shards."""
        return frozenset(resource.name for resource in self.resources)

    @property
    def is_single_file(self) -> bool:
        """Whether it is about a single file that it does not name."""
        return self.names == {WHOLE}


def write_statement(
    name: str, resources: Sequence[Resource], how: Serialization, *, algorithm: str = ""
) -> bytes:
    """A statement of version 1.0, as the bytes to sign.

    Args:
        name: The model's name.
        resources: Files or shards; they are listed in code-point order of their names.
        how: How they were listed.
        algorithm: What to call their hash, when not by its name.
    """
    listed = sorted(resources, key=lambda each: each.key)
    serialization: dict[str, Any] = {"method": how.method, "hash_type": how.hash_type}
    if how.shard_size is not None:
        serialization["shard_size"] = how.shard_size
    serialization |= {"allow_symlinks": how.allow_symlinks, "ignore_paths": list(how.ignore_paths)}
    predicate = {
        "resources": [
            {"name": each.key, "algorithm": algorithm or how.hash_type, "digest": each.digest}
            for each in listed
        ],
        "serialization": serialization,
    }
    return compose_statement([Subject.of(name, root_of(listed))], PREDICATE_TYPE, predicate)


def read_predicate(statement: InTotoStatement) -> ModelStatement:
    """What a verified statement says of a model.

    Raises:
        SignatureError: It is about something else (code ``predicate_type``), or malformed (``predicate``), or its root
            digest is not that of its resources (``subject``).
    """
    if statement.predicate_type == DIGESTS_TYPE:
        return _read_digests(statement)
    if statement.predicate_type != PREDICATE_TYPE:
        raise SignatureError(
            f"it is {statement.predicate_type[:120]!r}, needed {PREDICATE_TYPE!r}", code="predicate_type"
        )
    problem = misfit(statement.predicate, _SHAPE, "predicate")
    if problem:
        raise SignatureError(problem, code="predicate")
    how = _serialization(statement.predicate["serialization"])
    resources = read_resources(statement.predicate["resources"], how)
    if len(statement.subjects) != 1:
        raise SignatureError(f"{len(statement.subjects)} subjects, needed one", code="subject")
    subject, root = statement.subjects[0], root_of(resources)
    if subject.sha256 != root:
        raise SignatureError(
            f"its root digest is {subject.sha256[:80]!r}, but its resources have {root!r}", code="subject"
        )
    return ModelStatement(subject.name, root, resources, how)


def read_statement(payload: bytes, source: str) -> ModelStatement:
    """Parse the payload of a verified envelope, once.

    Raises:
        SignatureError: It is no in-toto statement (code ``statement``); or see :func:`read_predicate`.
    """
    return read_predicate(parse_statement(payload, source))


def _serialization(stated: Mapping[str, Any]) -> Serialization:
    size = stated.get("shard_size")
    if stated["method"] == SHARDS:
        # protobuf, through which model_signing writes, makes every number a double: 1000.0
        if isinstance(size, bool) or not isinstance(size, int | float) or size < 1 or size != int(size):
            raise SignatureError(
                "predicate.serialization.shard_size: needed a whole number of bytes", code="predicate"
            )
        size = int(size)
    elif size is not None:
        raise SignatureError(
            "predicate.serialization.shard_size: none is needed with files", code="predicate"
        )
    paths = tuple(stated.get("ignore_paths") or ())
    return Serialization(stated["method"], stated["hash_type"], size, stated["allow_symlinks"], paths)


def _read_digests(statement: InTotoStatement) -> ModelStatement:
    """The form of version 0.2."""
    entries = [
        {"name": subject.name, "digest": subject.sha256, "algorithm": "sha256"}
        for subject in statement.subjects
    ]
    how = Serialization()
    resources = read_resources(entries, how)
    return ModelStatement("", root_of(resources), resources, how, DIGESTS_TYPE)
