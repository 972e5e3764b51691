from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.shell import MODULE, Shell, clean
from weightgate.cli.page import WIDTH, Line, head, plain, show
from weightgate.cli.text import one_line, printable

DENIED = ["check", "./m", "--to", "IR", "--facts", "closed.yaml"]


@given(st.text())
def test_nothing_that_is_printed_can_drive_a_terminal(text: str) -> None:
    assert all(c.isprintable() or c == "\n" for c in printable(text))
    assert one_line(text).isprintable()


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs"))))
def test_what_is_safe_already_stays(text: str) -> None:
    expected = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\r\nc", "a b c"),
        ("\u202eevil", "\\u202eevil"),
        ("\udc80", "\\udc80"),
        ("\x00", "\\x00"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert plain([Line(text)]) == f"{shown}\n"


def test_long_text_is_wrapped_at_100_columns_and_hangs() -> None:
    rows = plain([Line("word " * 60, indent=4)]).splitlines()
    assert len(rows) == 4
    assert max(map(len, rows)) <= WIDTH
    assert rows[0].startswith("    word")
    assert all(row.startswith("      word") for row in rows[1:])


def test_a_word_that_is_to_be_copied_stays_whole() -> None:
    digest = "sha256:" + "0123456789abcdef" * 20
    assert digest in plain([Line(f"digest {digest} is long", indent=2)]).splitlines()[1]


def test_an_empty_line_and_a_heading() -> None:
    assert plain([*head("Why"), Line("because", 2)]) == "\nWhy\n  because\n"


def test_a_row_that_is_laid_out_already_is_not_wrapped() -> None:
    row = "  " + "x " * 100
    assert plain([Line.as_laid_out(row)]) == f"{row}\n"


def test_a_file_gets_plain_text() -> None:
    stream = io.StringIO()
    show([Line("deny", style="bold red")], stream)
    assert stream.getvalue() == "deny\n"


def on_terminal(shell: Shell, *words: str, **env: str) -> tuple[int, str]:
    """Run a command whose stdout and stderr are a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*MODULE, *words],
        cwd=shell.folder, env=clean() | shell.env | {"TERM": "xterm-256color"} | env,
        stdin=subprocess.DEVNULL, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    read: list[bytes] = []

    def pump() -> None:
        try:
            while part := os.read(leader, 65536):
                read.append(part)
        except OSError:  # how Linux says that the other end was closed
            return

    thread = threading.Thread(target=pump)
    thread.start()
    code = process.wait(timeout=60)
    thread.join(timeout=60)
    os.close(leader)
    return code, b"".join(read).decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_the_same_words(shell: Shell) -> None:
    code, styled = on_terminal(shell, *DENIED, COLUMNS="100")
    assert code == 1
    assert "\x1b[1;31mus-ai-diffusion-draft 1.0.0 (superseded): DENY" in styled
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == shell(*DENIED).out


def test_no_color_is_honoured(shell: Shell) -> None:
    code, text = on_terminal(shell, *DENIED, NO_COLOR="1")
    assert code == 1
    assert "\x1b[1;31m" not in text
    assert ";31m" not in text
    assert "DENY" in text


def test_a_narrow_terminal_gets_narrow_text(shell: Shell) -> None:
    _, text = on_terminal(shell, *DENIED, COLUMNS="60", NO_COLOR="1")
    rows = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(len, rows)) <= 60


def test_hashing_something_large_shows_how_far_it_is(shell: Shell) -> None:
    with (shell.folder / "m" / "large.bin").open("wb") as file:
        file.truncate(512 * 1024 * 1024)
    code, text = on_terminal(shell, "model", "digest", "./m")
    assert code == 0
    assert "hashing" in text
    assert re.search(r"sha256:[0-9a-f]{64}\n\Z", text)
    elsewhere = shell("model", "digest", "./m")
    assert elsewhere.err == ""


def test_json_on_a_terminal_is_json(shell: Shell) -> None:
    code, text = on_terminal(shell, *DENIED, "--output", "json")
    assert code == 1
    assert "\x1b" not in text
    assert text.startswith("{\n")


def test_a_passphrase_is_asked_for_on_a_terminal_and_not_shown(shell: Shell) -> None:
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*MODULE, "keys", "generate", "-o", "k.pem"],
        cwd=shell.folder, env=clean() | shell.env, stdin=follower, stdout=follower, stderr=follower,
        start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    seen = b""
    for prompt in (b"passphrase (empty for none): ", b"confirmation: "):
        while prompt not in seen:
            assert select.select([leader], [], [], 30)[0], f"no prompt {prompt!r} in {seen!r}"
            seen += os.read(leader, 4096)
        os.write(leader, b"swordfish\n")
    assert process.wait(timeout=60) == 0
    os.close(leader)
    assert b"swordfish" not in seen
    assert "ENCRYPTED" in (shell.folder / "k.pem").read_text()
    assert shell("keys", "show", "k.pem", WEIGHTGATE_KEY_PASSPHRASE="swordfish").code == 0
