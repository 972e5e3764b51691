"""Lines that name holders of rights, and sentences that only begin like one."""

from __future__ import annotations

import pytest

from weightgate.inspect.licenses.copyright_lines import is_copyright_line, is_name, without_copyright_lines

LINES = [
    "Copyright (c) 2026 Example",
    "   Copyright © 2018, Encode OSS Ltd",
    "(c) 2020 Example",
    "# Copyright 2018- The Hugging Face team. All rights reserved.",
    "Copyright (C) 2007 Free Software Foundation, Inc. <https://fsf.org/>",
    "Copyright 2014 Pallets",
    "Copyright (c) 2006-2022 by the respective authors (see AUTHORS file).",
    "Copyright (c) 2020 Will McGugan",
    "Copyright 2024 Allen Institute for AI",
    "Copyright (c) 2017 to present Example Services Inc. and individual contributors.",
    "Copyright [yyyy] [name of copyright owner]",
    "Portions Copyright 2011 J. R. Smith <smith@example.org>",
    "All rights reserved.",
    "Copyright 2024 某某公司",
]
SENTENCES = [
    "Copyright 2026 Acme. Commercial use requires a licence.",
    "Copyright 2026 Acme, hosting needs a fee",
    "Copyright 2026 Acme. Pay us.",
    "Copyright 2026 Acme. China excluded.",
    "Copyright 2026 Acme. Evaluation copy",
    "Copyright 2026 Acme; Europe comes later",
    "Copyright 2026 Acme, for research",
    "copyright license to reproduce, prepare Derivative Works of,",
    "COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM",
    "COPYRIGHT HOLDERS AND CONTRIBUTORS",
    "Copyright " + "word " * 17,
    "All rights reserved. You must pay.",
    "The copyright of 2026 is ours",
    "",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_names_and_years(line: str) -> None:
    assert is_copyright_line(line)
    assert without_copyright_lines(f"a\n{line}\nb") == "a\nb"


@pytest.mark.parametrize("line", SENTENCES)
def test_a_line_that_says_more(line: str) -> None:
    assert not is_copyright_line(line)
    assert without_copyright_lines(f"a\n{line}\nb") == f"a\n{line}\nb"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the copyright holder", True),
        ("its contributors", True),
        ("Example Institute for Things", True),
        ("Acme unless you pay", False),
        ("word " * 17, False),
    ],
)
def test_what_can_be_a_name(text: str, *, name: bool) -> None:
    assert is_name(text) is name
