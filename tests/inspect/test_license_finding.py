"""A card's word held against the texts beside the weights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MIT, MemorySource, card
from weightgate.inspect.documents.card import read_card
from weightgate.inspect.licenses.finding import LicenseFinding, license_of, same_license
from weightgate.inspect.licenses.table import Grants
from weightgate.inspect.licenses.text import read_license_texts

OWN_TEXT = "EXAMPLE MODEL LICENCE. You agree to our terms.\n"


def finding(front: str | None, **texts: str) -> LicenseFinding:
    files = dict(texts)
    if front is not None:
        files["README.md"] = card(front)
    source = MemorySource(files)
    return license_of(read_card(source), read_license_texts(source))


def test_card_and_text_agree() -> None:
    found = finding("license: mit", LICENSE=MIT)
    assert (found.name, found.grants, found.contradicted) == ("mit", Grants.OPEN, False)
    assert [place.split(" (")[0] for place in found.evidence] == ["./model/README.md", "./model/LICENSE"]
    assert all("sha256:" in place for place in found.evidence)
    assert found.sources == ("https://spdx.org/licenses/MIT.html",)


def test_the_card_alone() -> None:
    found = finding("license: apache-2.0")
    assert (found.name, found.grants) == ("apache-2.0", Grants.OPEN)


@pytest.mark.parametrize("front", [None, "language: en", "license: other"])
def test_the_text_alone(front: str | None) -> None:
    found = finding(front, LICENSE=MIT)
    assert (found.name, found.grants) == ("mit", Grants.OPEN)


@pytest.mark.parametrize("front", [None, "language: en", "license: unknown", "license: other"])
def test_neither(front: str | None) -> None:
    found = finding(front)
    assert (found.name, found.grants, found.reason) == ("", Grants.UNKNOWN, "no licence is published")


def test_an_unrecognised_text_takes_away_what_an_open_name_grants() -> None:
    found = finding("license: mit", LICENSE=OWN_TEXT)
    assert (found.name, found.grants, found.contradicted) == ("", Grants.UNKNOWN, True)
    assert "the card names mit" in found.reason
    assert "EXAMPLE MODEL LICENCE" in found.reason
    assert "sha256:" in found.reason


def test_an_unrecognised_text_leaves_a_restricted_name_restricted() -> None:
    found = finding("license: llama3.1", LICENSE=OWN_TEXT)
    assert (found.name, found.grants, found.contradicted) == ("llama3.1", Grants.RESTRICTED, False)


@pytest.mark.parametrize("front", [None, "license: other", "license: other\nlicense_name: example"])
def test_an_unrecognised_text_under_no_known_name_is_unknown(front: str | None) -> None:
    found = finding(front, LICENSE=OWN_TEXT)
    assert (found.grants, found.contradicted) == (Grants.UNKNOWN, False)
    assert "not recognised" in found.reason


@pytest.mark.parametrize("front", ["license: apache-2.0", "license: llama3.1", "license: cc-by-nc-4.0"])
def test_another_licence_s_text_is_a_contradiction(front: str) -> None:
    found = finding(front, LICENSE=MIT)
    assert (found.name, found.grants, found.contradicted) == ("", Grants.UNKNOWN, True)
    assert "LICENSE is the text of mit" in found.reason
    assert front.removeprefix("license: ") in found.reason


def test_a_policy_of_use_beside_an_open_licence() -> None:
    found = finding("license: mit", LICENSE=MIT, **{"USE_POLICY.md": "You agree not to do harm."})
    assert found.grants is Grants.UNKNOWN
    assert "USE_POLICY.md" in found.reason


def test_several_licences_all_apply() -> None:
    assert finding("license: [mit, apache-2.0]").name == "mit AND apache-2.0"
    assert finding("license: [mit, cc-by-nc-4.0]").grants is Grants.RESTRICTED
    assert finding("license: [mit, foo]").grants is Grants.UNKNOWN
    both = finding(None, **{"LICENSE-MIT": MIT, "LICENSE-APACHE": "Apache License, Version 2.0"})
    assert (both.name, both.grants) == ("apache-2.0 AND mit", Grants.OPEN)


def test_a_choice_agrees_with_either_text() -> None:
    assert finding("license: apache-2.0 OR mit", LICENSE=MIT).grants is Grants.OPEN
    assert finding("license: apache-2.0 OR gpl-3.0", LICENSE=MIT).contradicted


def test_a_further_open_text_adds_its_conditions() -> None:
    found = finding("license: mit", **{"LICENSE-MIT": MIT, "LICENSE-APACHE": "Apache License, Version 2.0"})
    assert (found.name, found.grants, found.contradicted) == ("mit AND apache-2.0", Grants.OPEN, False)
    assert finding("license: [mit, isc]", LICENSE=MIT).contradicted


def test_other_beside_a_licence_is_one_that_nobody_knows() -> None:
    for name in ("other", "unknown"):
        assert finding(f"license: [apache-2.0, {name}]").grants is Grants.UNKNOWN
        assert finding(f"license: [mit, {name}]", LICENSE=MIT).grants is Grants.UNKNOWN


def test_a_licence_s_own_name_beside_an_open_one() -> None:
    assert finding("license: mit\nlicense_name: acme-non-commercial").grants is Grants.UNKNOWN
    assert finding("license: mit\nlicense_name: llama3.1").grants is Grants.RESTRICTED
    assert finding("license: mit\nlicense_name: MIT", LICENSE=MIT).grants is Grants.OPEN


@pytest.mark.parametrize("front", ["license: mit", "license: other", "license: [mit, isc]"])
def test_a_link_to_another_text_takes_away_what_is_open(front: str) -> None:
    found = finding(f"{front}\nlicense_link: https://x.test/nc", LICENSE=MIT)
    assert found.grants is Grants.UNKNOWN
    assert found.contradicted
    assert found.notes == (f"Which licence binds: {found.reason}.",)


def test_a_link_to_another_text_is_quoted() -> None:
    found = finding("license: mit\nlicense_link: https://x.test/nc")
    assert found.reason.endswith("but the card links to a text that was not read, 'https://x.test/nc'")


@pytest.mark.parametrize(
    "link",
    ["LICENSE", "https://huggingface.co/org/model/blob/main/LICENSE", "https://opensource.org/licenses/MIT"],
)
def test_a_link_to_the_licence_itself(link: str) -> None:
    assert finding(f"license: mit\nlicense_link: {link}", LICENSE=MIT).grants is Grants.OPEN


@pytest.mark.parametrize("link", ["LICENSE", "https://huggingface.co/org/model/blob/main/LICENSE"])
def test_a_link_to_a_text_that_is_not_there(link: str) -> None:
    assert finding(f"license: mit\nlicense_link: {link}").grants is Grants.UNKNOWN


def test_a_link_does_not_widen_what_is_restricted() -> None:
    assert finding("license: llama3\nlicense_link: https://x.test/nc").grants is Grants.RESTRICTED


def test_prose_that_narrows_is_told() -> None:
    source = MemorySource({"README.md": card("license: mit") + "For non-commercial use only.\n"})
    found = license_of(read_card(source), ())
    assert found.grants is Grants.OPEN
    (note,) = found.notes
    assert note == "Whether mit holds without more: ./model/README.md speaks of 'non commercial'."
    assert finding("license: mit").notes == ()


def test_texts_of_code_in_a_folder_below_add_their_conditions() -> None:
    found = finding("license: apache-2.0", **{"code/LICENSE": MIT})
    assert (found.name, found.grants, found.contradicted) == ("apache-2.0 AND mit", Grants.OPEN, False)
    assert finding("license: apache-2.0", **{"weights/LICENSE": OWN_TEXT}).grants is Grants.UNKNOWN


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("GPL-3.0-or-later", "gpl-3.0", True),
        ("gpl-3.0+", "gpl-3.0-only", True),
        ("bsd", "bsd-3-clause", True),
        ("gpl-2.0", "gpl", True),
        ("gpl", "lgpl-3.0", False),
        ("gpl-2.0", "gpl-3.0", False),
        ("mit", "mit-0", False),
        ("cc", "cc-by-nc-4.0", False),
    ],
)
def test_when_two_names_are_one_licence(a: str, b: str, *, same: bool) -> None:
    assert same_license(a, b) is same
    assert same_license(b, a) is same


_FRONTS = st.sampled_from(
    [
        None,
        "language: en",
        "license: mit",
        "license: apache-2.0",
        "license: llama3",
        "license: other",
        "license: foo",
    ]
)
_TEXTS = st.dictionaries(
    st.sampled_from(["LICENSE", "LICENSE.md", "COPYING", "USE_POLICY.md"]),
    st.sampled_from([MIT, "Apache License, Version 2.0", OWN_TEXT, ""]),
)


@given(_FRONTS, _TEXTS)
def test_a_text_that_nobody_recognises_never_leaves_a_licence_open(
    front: str | None, texts: dict[str, str]
) -> None:
    before = finding(front, **texts)
    after = finding(front, **{**texts, "LICENSE-OWN": OWN_TEXT})
    assert after.grants is not Grants.OPEN
    assert before.reason
    assert before.grants is not Grants.OPEN or before.name
