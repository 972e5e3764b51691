"""How many parameters a model has, and how many of them compute one token.

Counts come from headers that were read here, so they are inferred. Which experts compute a token is only in the
configuration, which anyone can edit: that count is claimed, and so can only tighten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Unknown, bounds, interval
from weightgate.inspect.documents.config import Config, Experts
from weightgate.inspect.source import ModelSource
from weightgate.inspect.weights.reading import Weights
from weightgate.inspect.weights.tensors import WeightsSummary

PARAMETERS = "model.parameters"
ACTIVE = "model.active_parameters"


def gguf_experts(weights: Sequence[WeightsSummary]) -> Experts | None:
    """The mixture of experts that GGUF metadata states; ``None`` when there is none, or it makes no sense."""
    for summary in weights:
        arch = summary.metadata.get("general.architecture")
        total, per_token, shared = (
            summary.metadata.get(f"{arch}.expert_{key}") for key in ("count", "used_count", "shared_count")
        )
        if isinstance(total, int) and total > 1:
            used = per_token if isinstance(per_token, int) and 1 <= per_token <= total else None
            kept = shared if isinstance(shared, int) and shared >= 0 else 0
            return Experts(total, used, kept, f"{arch}.expert_count")
    return None


def counted(weights: Sequence[WeightsSummary]) -> list[WeightsSummary]:
    """The sets of weights that are the model itself and could be counted."""
    return [w for w in weights if w.role == "model" and w.parameters is not None]


def active_share(weights: Sequence[WeightsSummary], experts: Experts | None) -> float | None:
    """A lower bound of the share of the weights outside the embeddings that computes a token.

    Returns:
        ``None`` for a model that is dense as far as is known.
    """
    if experts is None:
        return None
    shares = []
    for summary in counted(weights):
        routed = summary.expert_parameters or 0
        # The Trainer leaves out input embeddings and counts a head of its own (MODELS.md: total_flos).
        whole = (
            (summary.parameters or 0) - (summary.embedding_parameters or 0) + (summary.head_parameters or 0)
        )
        if 0 < routed <= whole:
            shares.append((whole - routed + routed * experts.least_share) / whole)
    return min(shares, default=experts.least_share)


def size_statements(
    source: ModelSource, weights: Weights, config: Config | None, experts: Experts | None
) -> list[Statement]:
    """What headers and configuration say of the model's size.

    While a file that may hold weights was not read, or a set of weights could not be counted, counts are lower bounds.
    """
    sets = weights.summaries
    statements = [*_parameters(source, sets), *_claimed_totals(source, sets)]
    active = list(_active(source, sets, config, experts))
    if missing := _missing(weights):
        statements = [_at_least(statement, missing) for statement in statements]
        active = [_at_least(statement, missing) for statement in active]
    for item in weights.not_understood:
        where = source.locate(item.name)
        statements.append(Statement(PARAMETERS, Unknown(f"not counted: {item.why}"), Grade.INFERRED, where))
    if not statements:
        statements.append(
            Statement(PARAMETERS, Unknown("no weights were found"), Grade.INFERRED, source.reference)
        )
    return [*statements, *active]


def _missing(weights: Weights) -> str:
    """What is missing from the counts; empty when nothing is. An adapter is no part of the model itself."""
    if weights.not_understood:
        return "a file that may hold weights was not read"
    for summary in weights.summaries:
        if summary.parameters is None and summary.role != "adapter":
            return f"{summary.files[0]} could not be counted"
    return ""


def _at_least(statement: Statement, missing: str) -> Statement:
    if statement.grade < Grade.INFERRED or isinstance(statement.value, Unknown):
        return statement
    lowest = bounds(statement.value)[0]
    value = interval(lowest, None) if lowest is not None else Unknown(missing)
    method = f"{statement.method}; at least, since {missing}".removeprefix("; ")
    return replace(statement, value=value, method=method)


def _parameters(source: ModelSource, weights: Sequence[WeightsSummary]) -> Iterator[Statement]:
    known = counted(weights)
    for summary in weights:
        if summary.parameters is None and summary.role != "projector":
            where = source.locate(summary.files[0])
            yield Statement(PARAMETERS, Unknown(summary.reason), Grade.INFERRED, where, summary.format)
    if not known:
        yield from _adapter_only(source, weights)
        return
    projectors = sum(w.parameters or 0 for w in weights if w.role == "projector")
    by_folder: dict[str, int] = {}
    for summary in known:
        by_folder[summary.folder] = max(by_folder.get(summary.folder, 0), summary.parameters or 0)
    if len(set(by_folder.values())) > 1:
        largest, together = max(by_folder.values()), sum(by_folder.values()) + projectors
        folders = ", ".join(sorted(folder or "the root" for folder in by_folder))[:300]
        method = f"weights of different size in {folders}: the largest alone to all together"
        value = interval(float(largest), float(together))
        yield Statement(PARAMETERS, value, Grade.INFERRED, source.reference, "headers", method=method)
        return
    for summary in known:
        count = float(summary.parameters or 0)
        method = f"summed from headers of {len(summary.files)} {summary.format} file(s)"
        if projectors:
            method += f"; up to {projectors} more in a projector beside it"
        where = source.locate(summary.files[0])
        value = interval(count, count + projectors)
        yield Statement(PARAMETERS, value, Grade.INFERRED, where, "header", method=method)


def _adapter_only(source: ModelSource, weights: Sequence[WeightsSummary]) -> Iterator[Statement]:
    for summary in weights:
        if summary.role == "adapter" and summary.parameters is not None:
            method = "summed from the adapter's header; its base's parameters come on top"
            value = Interval(float(summary.parameters), None)
            where = source.locate(summary.files[0])
            yield Statement(PARAMETERS, value, Grade.INFERRED, where, "header", method=method)


def _claimed_totals(source: ModelSource, weights: Sequence[WeightsSummary]) -> Iterator[Statement]:
    """An index may state its total (transformers 5); where it is not what was counted, both are shown."""
    for summary in weights:
        claim = summary.metadata.get("total_parameters")
        if not isinstance(claim, int | float) or isinstance(claim, bool) or not 0 <= claim < 1e30:
            continue
        if float(claim) != float(summary.parameters or -1):
            where = source.locate(summary.files[0])
            yield Statement(PARAMETERS, Known(float(claim)), Grade.CLAIMED, where, "total_parameters")


def _active(
    source: ModelSource, weights: Sequence[WeightsSummary], config: Config | None, experts: Experts | None
) -> Iterator[Statement]:
    known = counted(weights)
    folders = {w.folder for w in known}
    if len({w.parameters for w in known}) > 1 and len(folders) > 1:
        largest = max(float(w.parameters or 0) - float(w.expert_parameters or 0) for w in known)
        reason = "weights of different size lie in several folders"
        yield Statement(ACTIVE, interval(largest, None), Grade.INFERRED, source.reference, method=reason)
        return
    for summary in known:
        total, routed = float(summary.parameters or 0), float(summary.expert_parameters or 0)
        where = source.locate(summary.files[0])
        if not routed:
            if experts is None:
                method = "every parameter, since no tensor is named as an expert's"
                yield Statement(ACTIVE, Known(total), Grade.INFERRED, where, "header", method=method)
            else:
                yield Statement(ACTIVE, Interval(None, total), Grade.INFERRED, where, "header")
            continue
        method = "everything outside routed experts, to all"
        yield Statement(
            ACTIVE, Interval(total - routed, total), Grade.INFERRED, where, "header", method=method
        )
        if experts is not None and experts.per_token is not None:
            yield _estimate(config, where, total, routed, experts)


def _estimate(config: Config | None, where: str, total: float, routed: float, experts: Experts) -> Statement:
    value = Known(total - routed + routed * (experts.per_token or 1) / experts.total)
    method = f"outside routed experts, and {experts.per_token} of {experts.total} routed experts"
    stated = config is not None and config.experts is not None
    source, digest = (config.where, config.digest) if config is not None and stated else (where, "")
    return Statement(ACTIVE, value, Grade.CLAIMED, source, experts.locator, digest, method)
