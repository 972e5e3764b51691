"""Which files are taken for a licence, by their names."""

from __future__ import annotations

import pytest

from weightgate.inspect.licenses.files import is_notice, states_license

STATE = """
LICENSE LICENCE.md License.txt UNLICENSE LICENSE-MIT LICENSE.pdf LICENSE.json LICENSE.yaml license.html MODEL_LICENSE
LICENSEv2.txt ModelLicense.txt gemma-license.txt THIRD_PARTY_LICENSES COPYING COPYING.LESSER copying.txt EULA EULA.txt
eula.json TERMS.md TERMS_OF_USE.txt TermsOfUse.txt TERMSOFUSE.txt TOS.md AGREEMENT.md Agreements.pdf LEGAL.md
USE_RESTRICTIONS.md use_restrictions.json RESTRICTIONS USE_POLICY.md USE_POLICY.json UsagePolicy.txt POLICY.md
Acceptable-Use-Policy.txt ACCEPTABLE_USE ACCEPTABLE_USE.json AUP.md
sub/LICENSE weights/LICENSE a/b/c/EULA.txt LICENSE/LICENSE.txt LICENSES/Model-License.txt licenses/acme.txt
licenses/acme.json legal/acme.md x/Licence/text
"""
OTHERS = """
README.md license.py licenses.safetensors license.png relicensing.md config.json policy.json policy_config.json
policy/config.json terms.json legal_terms.csv model.safetensors agreement.jsonl subject_verb_agreement.json tos.bin
legal.yaml policy_model.pt legalese.txt notice.md customs.md determs.txt licenses/model.safetensors
"""


@pytest.mark.parametrize("name", STATE.split())
def test_a_statement_of_what_others_may_do(name: str) -> None:
    assert states_license(name)


@pytest.mark.parametrize("name", OTHERS.split())
def test_a_file_that_states_nothing_of_it(name: str) -> None:
    assert not states_license(name)


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        ("NOTICE", True),
        ("NOTICE.txt", True),
        ("Notices.md", True),
        ("sub/ThirdPartyNotices.txt", True),
        ("noticeable.md", False),
        ("notice.py", False),
        ("README.md", False),
    ],
)
def test_a_notice(name: str, *, notice: bool) -> None:
    assert is_notice(name) is notice
