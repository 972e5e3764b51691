"""Parameters and active parameters, from summaries of every kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from weightgate.facts.merge import merge
from weightgate.facts.statements import Facts, Grade
from weightgate.facts.values import Interval, Known, Unknown, bounds
from weightgate.inspect.documents.config import Config, Experts
from weightgate.inspect.sizes import active_share, gguf_experts, size_statements
from weightgate.inspect.weights.reading import NotUnderstood, Weights
from weightgate.inspect.weights.tensors import Role, WeightsSummary

SOURCE = MemorySource({})


def weights(
    parameters: int | None,
    file: str = "model.safetensors",
    *,
    role: Role = "model",
    experts: int = 0,
    embeddings: int = 0,
    head: int = 0,
    reason: str = "",
    metadata: dict[str, str | int | float | bool] | None = None,
) -> WeightsSummary:
    known = parameters is not None
    return WeightsSummary(
        format="gguf" if file.endswith("gguf") else "safetensors",
        role=role,
        files=(file,),
        parameters=parameters,
        reason=reason,
        expert_parameters=experts if known else None,
        embedding_parameters=embeddings if known else None,
        head_parameters=head if known else None,
        metadata=metadata or {},
    )


def sizes(
    *sets: WeightsSummary, unread: tuple[NotUnderstood, ...] = (), experts: Experts | None = None
) -> Facts:
    config = Config("config.json", "sha256:cc", experts=experts) if experts else None
    return merge(size_statements(SOURCE, Weights(sets, unread), config, experts))


def test_one_set_is_counted_exactly() -> None:
    found = sizes(weights(7))
    assert found["model.parameters"].value == Known(7.0)
    assert found["model.active_parameters"].value == Known(7.0)
    assert found["model.parameters"].grade is Grade.INFERRED


def test_a_projector_beside_the_model_may_add_to_it() -> None:
    found = sizes(weights(100), weights(10, "mmproj.gguf", role="projector"))
    assert found["model.parameters"].value == Interval(100.0, 110.0)
    assert "10 more in a projector" in found["model.parameters"].statements[0].method


def test_a_set_that_could_not_be_counted_says_why() -> None:
    found = sizes(weights(None, reason="packed by gptq"))
    assert found["model.parameters"].value == Unknown("packed by gptq")
    assert "model.active_parameters" not in found


def test_a_claimed_total_that_was_counted_otherwise_is_shown() -> None:
    agreeing = sizes(weights(7, metadata={"total_parameters": 7}))
    assert len(agreeing["model.parameters"].statements) == 1
    lying = sizes(weights(7, metadata={"total_parameters": 9}))["model.parameters"]
    assert lying.contradicted
    assert lying.statements[-1].grade is Grade.CLAIMED
    assert (bounds(lying.value)[0] or 0) >= 7.0


@pytest.mark.parametrize("claim", ["7B", True, -1, 1e40])
def test_a_claimed_total_that_is_no_number_counts_for_nothing(claim: str | float) -> None:
    found = sizes(weights(7, metadata={"total_parameters": claim}))
    assert found["model.parameters"].value == Known(7.0)


def test_a_claimed_total_smaller_than_the_count_changes_nothing() -> None:
    found = sizes(weights(7, metadata={"total_parameters": 3}))
    assert found["model.parameters"].value == Known(7.0)


def test_what_was_not_read_opens_the_count_above() -> None:
    unread = (NotUnderstood("x.nemo", 5, "NeMo: this format is not read"),)
    found = sizes(weights(7, experts=2), unread=unread, experts=Experts(2, 1, 0, "num_experts"))
    assert found["model.parameters"].value == Interval(7.0, None)
    assert "was not read" in found["model.parameters"].statements[0].method
    assert found["model.active_parameters"].value == Interval(6.0, None)
    alone = sizes(unread=unread)
    assert alone["model.parameters"].value == Unknown("not counted: NeMo: this format is not read")


UNREAD = (NotUnderstood("x.nemo", 5, "NeMo: this format is not read"),)


@pytest.mark.parametrize(
    "sets",
    [
        [weights(7)],
        [weights(7, experts=3)],
        [weights(7), weights(9, "sub/model.safetensors")],
        [weights(7), weights(2, "mmproj.gguf", role="projector")],
        [weights(7, metadata={"total_parameters": 3})],
        [weights(7, metadata={"total_parameters": 99})],
        [weights(7, role="adapter")],
        [weights(None, reason="packed")],
        [],
    ],
    ids=str,
)
@pytest.mark.parametrize("experts", [None, Experts(8, 2, 0, "num_experts")])
def test_nothing_that_was_not_read_is_ever_counted_as_nothing(
    sets: list[WeightsSummary], experts: Experts | None
) -> None:
    found = sizes(*sets, unread=UNREAD, experts=experts)
    for fact in found.values():
        assert isinstance(fact.value, Unknown) or bounds(fact.value)[1] is None


def test_a_set_that_could_not_be_counted_opens_the_others_above() -> None:
    packed = weights(None, reason="packed by gptq")
    found = sizes(packed, weights(7, "draft/model.safetensors", experts=2))
    assert found["model.parameters"].value == Interval(7.0, None)
    assert found["model.active_parameters"].value == Interval(5.0, None)
    assert any(
        "model.safetensors could not be counted" in s.method for s in found["model.parameters"].statements
    )


def test_a_projector_that_could_not_be_counted_opens_the_model_above() -> None:
    found = sizes(weights(7), weights(None, "mmproj.gguf", role="projector", reason="strange"))
    assert found["model.parameters"].value == Interval(7.0, None)


def test_an_adapter_that_could_not_be_counted_is_no_part_of_the_model() -> None:
    found = sizes(weights(7), weights(None, "adapter_model.safetensors", role="adapter", reason="packed"))
    assert found["model.parameters"].value == Known(7.0)


@pytest.mark.parametrize(
    ("metadata", "experts"),
    [
        ({"general.architecture": "llama", "llama.expert_count": 8, "llama.expert_used_count": 2}, (8, 2, 0)),
        (
            {
                "general.architecture": "a",
                "a.expert_count": 8,
                "a.expert_used_count": 2,
                "a.expert_shared_count": 1,
            },
            (8, 2, 1),
        ),
        ({"general.architecture": "a", "a.expert_count": 8}, (8, None, 0)),
        ({"general.architecture": "a", "a.expert_count": 8, "a.expert_used_count": 9}, (8, None, 0)),
        ({"general.architecture": "a", "a.expert_count": 8, "a.expert_used_count": 0}, (8, None, 0)),
        ({"general.architecture": "a", "a.expert_count": 1}, None),
        ({"general.architecture": "a", "a.expert_count": "8"}, None),
        ({"general.architecture": "a", "b.expert_count": 8}, None),
        ({}, None),
    ],
)
def test_experts_that_gguf_metadata_states(
    metadata: dict[str, str | int | float | bool], experts: tuple[int, int | None, int] | None
) -> None:
    found = gguf_experts([weights(7, "m.gguf", metadata=metadata)])
    assert (found and (found.total, found.per_token, found.shared)) == experts


def test_an_estimate_from_gguf_metadata_names_the_file() -> None:
    experts = Experts(4, 1, 0, "llama.expert_count")
    found = merge(size_statements(SOURCE, Weights((weights(100, "m.gguf", experts=80),)), None, experts))
    active = found["model.active_parameters"]
    assert active.value == Interval(40.0, 100.0)
    claim = active.statements[-1]
    assert (claim.source, claim.locator, claim.digest) == ("./model/m.gguf", "llama.expert_count", "")


class TestActiveShare:
    EXPERTS = Experts(8, 2, 0, "num_local_experts")

    def test_a_dense_model_has_none(self) -> None:
        assert active_share([weights(100, experts=50)], None) is None

    def test_of_the_measured_mixture(self) -> None:
        # MODELS.md, section 5: 156,992 active of 451,904 weights outside the embeddings, 8 experts, 2 active.
        routed = (451_904 - 156_992) * 8 // 6
        summary = weights(451_904 + 32_768, experts=routed, embeddings=32_768)
        assert active_share([summary], self.EXPERTS) == pytest.approx(156_992 / 451_904)

    def test_a_head_of_its_own_counts_as_active(self) -> None:
        tied = active_share([weights(200, experts=80, embeddings=100)], self.EXPERTS)
        untied = active_share([weights(200, experts=80, embeddings=100, head=50)], self.EXPERTS)
        assert tied == pytest.approx(0.4)
        assert untied == pytest.approx(0.6)

    @pytest.mark.parametrize("sets", [[], [weights(None)], [weights(100)], [weights(16, role="adapter")]])
    def test_without_counted_experts_the_least_that_routing_allows(self, sets: list[WeightsSummary]) -> None:
        assert active_share(sets, self.EXPERTS) == 0.25
        assert active_share(sets, Experts(8, None, 0, "num_experts")) == 0.125

    @given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(2, 64), st.data())
    def test_it_is_a_share_and_no_smaller_than_routing_allows(
        self, routed: int, other: int, embeddings: int, total: int, data: st.DataObject
    ) -> None:
        experts = Experts(total, data.draw(st.none() | st.integers(1, total)), 0, "num_experts")
        summary = weights(routed + other + embeddings, experts=routed, embeddings=embeddings)
        share = active_share([summary], experts)
        assert share is not None
        assert experts.least_share <= share * (1 + 1e-12)
        assert share <= 1


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
def test_no_folder_hides_another(counts: list[int]) -> None:
    found = sizes(*(weights(count, f"part{n}/model.safetensors") for n, count in enumerate(counts)))
    low, high = bounds(found["model.parameters"].value)
    assert low == max(counts)
    assert high is not None
    assert max(counts) <= high <= sum(counts)


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(2, 64), st.data())
def test_a_configuration_never_lowers_what_headers_show(
    dense: int, routed: int, total: int, data: st.DataObject
) -> None:
    experts = Experts(total, data.draw(st.none() | st.integers(1, total)), 0, "num_experts")
    summary = weights(dense + routed, experts=routed)
    plain, claimed = (sizes(summary, experts=e)["model.active_parameters"] for e in (None, experts))
    low, high = bounds(plain.value)
    if routed:
        assert (bounds(claimed.value)[0] or 0) >= (low or 0)
    assert bounds(claimed.value)[1] == high
