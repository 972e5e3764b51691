"""Recognising licence texts: real ones, narrowed ones, and what only looks like one."""

from __future__ import annotations

from importlib.metadata import distribution

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MIT, MemorySource
from weightgate.inspect.license_phrases import KNOWN, OWN, KnownText, normalise
from weightgate.inspect.license_text import MAX_TEXT, MAX_TEXTS, read_license_texts, recognise

APACHE_NOTICE = """Copyright 2026 Example

Licensed under the Apache License, Version 2.0 (the "License");
you may not use this file except in compliance with the License.
You may obtain a copy of the License at

    http://www.apache.org/licenses/LICENSE-2.0

Unless required by applicable law or agreed to in writing, software
distributed under the License is distributed on an "AS IS" BASIS,
WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
See the License for the specific language governing permissions and
limitations under the License.
"""

# Ways in which publishers narrow an open licence.
NARROWED = [
    "You may not redistribute these weights.",
    "These weights may not be redistributed.",
    "For research purposes only.",
    "Use is subject to the Acceptable Use Policy.",
    "Commercial rights are not granted.",
    "For non-commercial use only.",
    "This model is confidential.",
    "Users must not use the model in military applications.",
    "Redistribution is prohibited.",
    "The Commons Clause applies.",
    "The Software shall be used for Good, not Evil.",
    "No rights are granted to those domiciled in the European Union.",
]


def published_with(package: str, ending: str) -> str:
    """The licence text that an installed package was published with."""
    files = distribution(package).files or []
    found = next(file for file in files if str(file).endswith(ending))
    return found.read_text()


REAL = [
    ("huggingface_hub", "licenses/LICENSE", "apache-2.0"),
    ("coverage", "licenses/LICENSE.txt", "apache-2.0"),
    ("orjson", "LICENSE-APACHE", "apache-2.0"),
    ("orjson", "LICENSE-MIT", "mit"),
    ("orjson", "LICENSE-MPL-2.0", "mpl-2.0"),
    ("pathspec", "licenses/LICENSE", "mpl-2.0"),
    ("pytest", "licenses/LICENSE", "mit"),
    ("PyYAML", "licenses/LICENSE", "mit"),
    ("click", "licenses/LICENSE.txt", "bsd-3-clause"),
    ("starlette", "licenses/LICENSE.md", "bsd-3-clause"),
    ("pygments", "licenses/LICENSE", "bsd-2-clause"),
    ("pycountry", "licenses/LICENSE.txt", "lgpl-2.1"),
]


@pytest.mark.parametrize(("package", "ending", "name"), REAL)
def test_real_texts_are_recognised(package: str, ending: str, name: str) -> None:
    assert recognise(published_with(package, ending)) == name


@pytest.mark.parametrize(("package", "ending", "name"), REAL)
@pytest.mark.parametrize("clause", NARROWED)
def test_a_text_that_was_narrowed_is_not(package: str, ending: str, name: str, clause: str) -> None:
    text = published_with(package, ending)
    assert recognise(f"{text}\n\n{clause}\n") == "", name
    assert recognise(f"{clause}\n\n{text}") == "", name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Apache License, Version 2.0", "apache-2.0"),
        ("Apache License\nVersion 2.0, January 2004\nhttp://www.apache.org/licenses/\n", "apache-2.0"),
        ("Apache-2.0", "apache-2.0"),
        ("SPDX-License-Identifier: Apache-2.0", "apache-2.0"),
        ("This model is licensed under the Apache License 2.0.", "apache-2.0"),
        (APACHE_NOTICE, "apache-2.0"),
        ("MIT", "mit"),
        ("# MIT License\n\nCopyright (c) 2026 Example", "mit"),
        ("Licensed under CC BY 4.0", "cc-by-4.0"),
        ("CC0 1.0 Universal", "cc0-1.0"),
        (MIT, "mit"),
        (MIT.replace("Software", "software"), "mit"),
    ],
)
def test_a_file_that_only_names_its_licence(text: str, name: str) -> None:
    assert recognise(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Proprietary. All rights reserved.",
        "All rights reserved.",
        "Not the MIT License",
        "This model is not licensed under the Apache License, Version 2.0",
        "Code: Apache License, Version 2.0. Weights: ask us.",
        "Apache License, Version 2.0, except for the weights",
        "Apache License, Version 2.0. For evaluation purposes.",
        "Apache License, Version 1.1",
        "The code is under the MIT License; the model weights are under a licence of our own.",
        "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT. You will comply with the Acceptable Use Policy.",
        "CC BY-NC 4.0",
        "CC BY-ND 4.0",
        MIT + " ".join(["Section"] * 20),
        MIT
        + "\nUsers in some countries have to ask the authors in writing before each and every use of the work at all.",
        APACHE_NOTICE + "\nHosting needs the author's word.",
    ],
)
def test_what_grants_nothing_that_is_known(text: str) -> None:
    assert recognise(text) == ""


def padded(known: KnownText) -> str:
    """A text with a licence's key sentences and its length, for licences that no installed package has."""
    words = " ".join(known.phrases).split()
    return " ".join(words + ["lorem"] * (known.words[0] + 20 - len(words)))


@pytest.mark.parametrize("known", [k for k in KNOWN if not k.whole], ids=lambda k: k.name)
def test_key_sentences_and_length_decide(known: KnownText) -> None:
    text = padded(known)
    assert recognise(text) == known.name
    assert recognise(text + " lorem" * known.words[1]) == ""
    assert recognise(text.replace(known.phrases[0][:30], "")) == ""
    for own in OWN:
        assert recognise(f"{text} {own}") == known.name


@pytest.mark.parametrize("known", [k for k in KNOWN if k.whole], ids=lambda k: k.name)
def test_a_short_licence_is_held_to_its_whole_text(known: KnownText) -> None:
    assert recognise(known.whole) == known.name
    assert recognise("Copyright 2026 a b c d e f g\n" + known.whole) == known.name
    assert recognise(known.whole + " lorem ipsum" * 12) == ""


@given(st.sampled_from(NARROWED), st.text("abcdefghij \n", max_size=100), st.sampled_from(KNOWN))
def test_narrowing_counts_wherever_it_stands(clause: str, filler: str, known: KnownText) -> None:
    assert recognise(f"{known.whole or padded(known)} {filler} {clause}") == ""


@given(st.text(max_size=300))
def test_text_at_random_is_no_licence(text: str) -> None:
    assert recognise(text) in {"", "mit"}
    if recognise(text) == "mit":
        assert "mit" in normalise(text)


def test_which_files_are_texts_of_a_licence() -> None:
    names = ["LICENSE", "LICENCE.md", "License.txt", "COPYING", "COPYING.LESSER", "LICENSE-MIT", "UNLICENSE"]
    policies = ["USE_POLICY.md", "Acceptable-Use-Policy.txt", "gemma-license.txt"]
    others = [
        "sub/LICENSE",
        "license.py",
        "LICENSE.json",
        "licenses.safetensors",
        "README.md",
        "relicensing.md",
    ]
    source = MemorySource(dict.fromkeys([*names, *policies, *others], MIT))
    found = read_license_texts(source)
    assert sorted(text.file for text in found) == sorted([*names, *policies])
    assert {text.name for text in found} == {"mit"}


def test_what_is_known_of_a_text() -> None:
    (found,) = read_license_texts(MemorySource({"LICENSE": "Ask us.\n" + "x" * 200}))
    assert found.where == "./model/LICENSE"
    assert found.name == ""
    assert found.digest.startswith("sha256:")
    assert found.opening.startswith("Ask us. xxx")
    assert len(found.opening) <= 80


def test_a_text_in_another_encoding_is_read_all_the_same() -> None:
    (found,) = read_license_texts(MemorySource({"LICENSE": MIT.replace("(c)", "\xa9").encode("latin-1")}))
    assert found.name == "mit"


def test_an_oversized_text_is_not_read() -> None:
    source = MemorySource({"LICENSE": b"x" * (MAX_TEXT + 1)})
    (found,) = read_license_texts(source)
    assert (found.name, found.digest, source.reads) == ("", "", [])
    assert "at most" in found.opening


def test_only_so_many_texts_are_read() -> None:
    source = MemorySource({f"LICENSE-{n}": MIT for n in range(MAX_TEXTS + 5)})
    assert len(read_license_texts(source)) == MAX_TEXTS
