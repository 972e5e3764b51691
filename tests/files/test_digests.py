from __future__ import annotations

import pytest

from weightgate.files.digests import is_digest, is_hex

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (HEX, True),
        (HEX.upper(), False),
        (HEX[:-1], False),
        (HEX + "0", False),
        (HEX + "\n", False),
        (" " + HEX, False),
        (HEX[:-1] + "g", False),
        (HEX[:-1] + "٣", False),
        ("", False),
    ],
)
def test_a_digest_has_one_spelling(text: str, *, holds: bool) -> None:
    assert is_hex(text) is holds
    assert is_digest("sha256:" + text) is holds
    assert not is_digest(text)
    assert not is_digest("SHA256:" + text)
