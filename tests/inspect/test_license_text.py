"""Recognising licence texts: real ones, narrowed ones, and what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MIT, MemorySource
from weightgate.inspect.licenses.digests import DIGESTS
from weightgate.inspect.licenses.phrases import narrowing, normalise
from weightgate.inspect.licenses.templates import TEMPLATES, Template
from weightgate.inspect.licenses.text import (
    MAX_TEXT,
    MAX_TEXTS,
    digest_of,
    read_license_texts,
    recognise,
    words_of,
)

OFFICIAL = {
    path.name.removesuffix(".txt"): path for path in Path(__file__).with_name("license_texts").glob("*.txt")
}

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
    "Commercial use requires a licence.",
    "This grant excludes persons in China.",
    "You must pay.",
    "Ask us.",
    "Copyright 2026 Acme. You must pay.",
    "Copyright licence fees apply.",
    "仅限非商业用途。",
    "Только для исследований.",
    "\ufffd\ufffd\ufffd\ufffd",
]


def published_with(package: str, ending: str) -> str:
    """The licence text that an installed package was published with."""
    files = distribution(package).files or []
    found = next(file for file in files if str(file).endswith(ending))
    return found.read_text()


REAL = [
    ("huggingface_hub", "licenses/LICENSE", "apache-2.0"),
    ("requests", "licenses/LICENSE", "apache-2.0"),
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
    ("attrs", "licenses/LICENSE", "mit"),
    ("h11", "licenses/LICENSE.txt", "mit"),
    ("idna", "licenses/LICENSE.md", "bsd-3-clause"),
    ("cryptography", "licenses/LICENSE.BSD", "bsd-3-clause"),
    ("requests", "licenses/LICENSE", "apache-2.0"),
]


@pytest.mark.parametrize(("package", "ending", "name"), REAL)
def test_real_texts_are_recognised(package: str, ending: str, name: str) -> None:
    assert recognise(published_with(package, ending)) == name


@pytest.mark.parametrize(("package", "ending", "name"), REAL)
def test_a_text_that_was_narrowed_is_not(package: str, ending: str, name: str) -> None:
    text = published_with(package, ending)
    for clause in NARROWED:
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


def test_the_project_s_own_licence_is_recognised() -> None:
    text = (Path(__file__).parents[2] / "LICENSE").read_text()
    assert recognise(text) == "apache-2.0"
    assert recognise(f"{text}\nThis grant excludes persons in China.\n") == ""


def cuts(words: str) -> Iterator[str]:
    """The forms in which an official text is published: whole, and without what surrounds the licence itself."""
    yield words
    terms, end, _ = words.partition("end of terms and conditions")
    if end:
        yield terms + end
        yield terms
    title, start = (
        "creative commons attribution 4 0 international public license ",
        "by exercising the licensed rights",
    )
    if f"{title}{start}" in words:
        inner = words[words.index(f"{title}{start}") : words.rindex("creative commons is not a party")]
        yield inner
        yield inner.removeprefix(title)
    if words.startswith("attribution 4 0 international "):
        yield words.removeprefix("attribution 4 0 international ")


def test_each_digest_is_that_of_an_official_text() -> None:
    found = {
        digest_of(cut): name.removesuffix(".legalcode")
        for name, path in OFFICIAL.items()
        for cut in cuts(words_of(path.read_text()))
    }
    assert found == DIGESTS


@pytest.mark.parametrize("name", sorted(OFFICIAL))
def test_an_official_text_is_recognised_in_any_layout(name: str) -> None:
    text = OFFICIAL[name].read_text()
    licence = name.removesuffix(".legalcode")
    assert recognise(text) == licence
    assert recognise("Copyright 2026 Example\n\n" + text.replace("\n", "\r\n")) == licence
    assert recognise("\n".join(f"> {line}" for line in text.splitlines())) == licence


@pytest.mark.parametrize("name", sorted(OFFICIAL))
def test_an_official_text_with_a_sentence_more_is_not_recognised(name: str) -> None:
    text = OFFICIAL[name].read_text()
    middle = text.index("\n", len(text) // 2)
    for clause in NARROWED:
        assert recognise(f"{text}\n{clause}\n") == ""
        assert recognise(f"{clause}\n{text}") == ""
        assert recognise(f"{text[:middle]}\n{clause}\n{text[middle:]}") == ""


@given(st.sampled_from(sorted(OFFICIAL)), st.data())
def test_a_text_that_lacks_a_word_is_not_recognised(name: str, data: st.DataObject) -> None:
    text = OFFICIAL[name].read_text()
    start, end = data.draw(st.sampled_from([word.span() for word in re.finditer("[A-Za-z]{3,}", text)]))
    changed = text[:start] + text[end:]
    assert (recognise(changed) == "") == (words_of(changed) != words_of(text))


def filled(text: str, name: str = "Example and its contributors") -> str:
    return text.replace("<>", name)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_a_short_licence_is_held_to_its_whole_text(template: Template) -> None:
    text = filled(template.text)
    assert recognise(text) == template.name
    assert recognise(f"License\n\nCopyright 2026 a b c d e f g\n{text}") == template.name
    for clause in NARROWED:
        assert recognise(f"{text}\n{clause}") == ""
        assert recognise(f"{clause}\n{text}") == ""
    assert recognise(text.replace(" the ", " ", 1)) == ""
    assert recognise(text + " lorem") == ""


@pytest.mark.parametrize("name", ["Acme unless you pay", "those who use it", "word " * 17, "word" * 50])
def test_the_place_of_a_name_holds_nothing_else(name: str) -> None:
    template = next(t for t in TEMPLATES if t.name == "bsd-3-clause")
    assert recognise(filled(template.text, name)) == ""


@given(st.sampled_from(TEMPLATES), st.text(max_size=40))
def test_whatever_is_added_to_a_short_licence_shows(template: Template, added: str) -> None:
    text = filled(template.text)
    assert (recognise(f"{text} {added}") == "") == bool(words_of(f"{text} {added}") != words_of(text))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("For non-commercial use only.", "non commercial"),
        ("You may not use this file except in compliance with the License.", ""),
        ("An open model.", ""),
    ],
)
def test_phrases_that_narrow(text: str, phrase: str) -> None:
    assert narrowing(text) == phrase


@given(st.text(max_size=300))
def test_text_at_random_is_no_licence(text: str) -> None:
    assert recognise(text) in {"", "mit"}
    if recognise(text) == "mit":
        assert "mit" in normalise(text)


def test_every_text_is_read_wherever_it_lies() -> None:
    names = ["LICENSE", "EULA.txt", "weights/LICENSE", "LICENSES/Model-License.txt", "USE_POLICY.md"]
    source = MemorySource(dict.fromkeys([*names, "license.py", "README.md", "NOTICE"], MIT))
    found = read_license_texts(source)
    assert sorted(text.file for text in found) == sorted(names)
    assert {text.name for text in found} == {"mit"}


@pytest.mark.parametrize(
    ("text", "read"),
    [("Example\nCopyright 2026 Example\n", False), (APACHE_NOTICE, False), ("Not for redistribution.", True)],
)
def test_a_notice_counts_when_it_narrows(text: str, *, read: bool) -> None:
    found = read_license_texts(MemorySource({"NOTICE": text}))
    assert [(item.file, item.name) for item in found] == ([("NOTICE", "")] if read else [])


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


def test_texts_beyond_the_limit_are_one_that_is_not_recognised() -> None:
    source = MemorySource({f"LICENSE-{n:02d}": MIT for n in range(MAX_TEXTS + 5)})
    *read, rest = read_license_texts(source)
    assert len(read) == len(source.reads) == MAX_TEXTS
    assert (rest.file, rest.name, rest.digest) == (f"LICENSE-{MAX_TEXTS}", "", "")
    assert rest.opening == f"{MAX_TEXTS + 5} texts, at most {MAX_TEXTS} are read"
