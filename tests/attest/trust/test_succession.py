"""One key takes the place of another: the statement, its day, chains, and everything that is no succession."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.trust.samples import (
    KEYS,
    NOW,
    STRANGER,
    at,
    by,
    decides,
    document,
    key_of,
    successor,
    text,
    trust,
)
from weightgate.attest.trust import parse_trust
from weightgate.attest.trust.identities import MAX_CHAIN
from weightgate.attest.trust.succession import PREDICATE_TYPE, read_statement, succession
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey, generate
from weightgate.signing.statement import Subject, compose_statement

OLD, NEW = KEYS["release"], KEYS["release-2"]


def identities(**more: Any) -> dict[str, Any]:
    """The identities of the sample file, and more."""
    return {**document()["identities"], **more}


def succeeding(statement: str, new: str = "release-2", old: str = "release") -> dict[str, Any]:
    """An identity with a statement of its own."""
    return {**key_of(new), "succeeds": {"identity": old, "statement": statement}}


def refused(**more: Any) -> SignatureError:
    """The error with which a file is refused whose succession does not hold."""
    with pytest.raises(SignatureError) as caught:
        parse_trust(text(document(identities=identities(**more))), "trust.yaml")
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "succession")
    assert caught.value.where.startswith("trust.yaml:")
    return caught.value


def no_chain(**more: Any) -> InputError:
    """The error with which a file is refused whose successions form no chain."""
    with pytest.raises(InputError) as caught:
        parse_trust(text(document(identities=identities(**more))), "trust.yaml")
    assert (caught.value.exit, caught.value.code) == (Exit.INPUT, "bad_succession")
    assert caught.value.where.count(":") == 2
    return caught.value


def stated(
    predicate: Any, *, subject: str = NEW.keyid, kind: str = PREDICATE_TYPE, by_key: PrivateKey = OLD
) -> str:
    """A statement that says what it should not."""
    return seal(compose_statement([Subject("key", {"sha256": subject})], kind, predicate), by_key).decode()


def test_the_new_key_acts_from_its_day_on_and_the_old_one_no_more() -> None:
    found = trust(identities=identities(**{"release-2": successor("release-2", "release", "2026-02-01")}))
    days = ("2026-01-31", "2026-02-01", "2026-12-31")
    assert [decides(found, "release", day=day) for day in days] == [True, False, False]
    assert [decides(found, "release-2", day=day) for day in days] == [False, True, True]


def test_the_new_key_may_do_no_more_than_the_old_one_did() -> None:
    found = trust(
        identities=identities(**{"release-2": successor("release-2", "release", "2026-02-01")}),
        decide=[{"identities": ["release"], "verdicts": ["deny"]}],
    )
    assert decides(found, "release-2", verdict="deny")
    assert not decides(found, "release-2", verdict="allow")


def test_a_grant_to_the_new_key_gives_the_old_one_nothing() -> None:
    found = trust(
        identities=identities(**{"release-2": successor("release-2", "release", "2026-02-01")}),
        decide=[{"identities": ["release-2"]}],
    )
    assert not decides(found, "release", day="2026-01-31")
    assert decides(found, "release-2", day="2026-02-01")


def test_keys_follow_one_another_in_a_chain() -> None:
    found = trust(
        identities=identities(
            **{
                "release-2": successor("release-2", "release", "2026-02-01"),
                "release-3": successor("release-3", "release-2", "2026-03-01"),
            }
        )
    )
    line = ("release", "release-2", "release-3")
    for day, acting in (("2026-01-31", 0), ("2026-02-28", 1), ("2026-03-01", 2)):
        assert [decides(found, name, day=day) for name in line] == [n == acting for n in range(3)]
        assert found.names_of(by(*line), NOW.replace(month=int(day[5:7]), day=int(day[8:]))) == {line[acting]}
    assert found.stands_for("release-3") == ("release-3", "release-2", "release")


def test_an_authority_s_id_and_the_root_pass_on_too() -> None:
    found = trust(
        identities=identities(**{"release-2": successor("release-2", "release", "2026-02-01")}),
        decide=[{"identities": ["release"], "verifier_id": "https://a.example"}],
    )
    assert found.verifier_ids({"release-2"}) == {"https://a.example"}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (succession(STRANGER, NEW.public, "2026-02-01", now=NOW).decode(), "not signed by"),
        (succession(NEW, KEYS["bot"].public, "2026-02-01", now=NOW).decode(), "not signed by"),
        (succession(OLD, STRANGER.public, "2026-02-01", now=NOW).decode(), "it names"),
        (stated({"keyid": STRANGER.keyid, "from": "2026-02-01", "createdOn": "a"}), "the key given up here is"),
        (stated({"keyid": OLD.keyid, "from": "2026-02-30", "createdOn": "a"}), "is not a day"),
        (stated({"keyid": OLD.keyid, "createdOn": "a"}), "predicate.from: missing"),
        (stated({"keyid": OLD.keyid, "from": "2026-02-01", "createdOn": "a"}, kind="https://a.example"), "predicateType"),
        (stated({"keyid": OLD.keyid, "from": "2026-02-01", "createdOn": "a"}, subject="0" * 64), "it names"),
        ("{}", "no attestation"),
        ("", "not JSON"),
        ("[" * 10_000, "nested too deeply"),
        ('{"payload": 1}' + " " * 70_000, "larger than"),
    ],
)  # fmt: skip
def test_a_statement_that_does_not_hold_is_refused(statement: str, said: str) -> None:
    error = refused(**{"release-2": succeeding(statement)})
    assert error.message.startswith("the succession does not hold: ")
    assert said in error.message
    assert error.hint == "write one with: weightgate trust succeed"


def test_a_statement_is_text() -> None:
    data = document(identities=identities(**{"release-2": succeeding("")}))
    data["identities"]["release-2"]["succeeds"]["statement"] = {"payload": ""}
    with pytest.raises(InputError) as caught:
        parse_trust(text(data), "trust.yaml")
    assert (caught.value.code, caught.value.exit) == ("bad_type", Exit.INPUT)


@given(data=st.data())
def test_no_byte_of_a_statement_can_change(data: st.DataObject) -> None:
    raw = bytearray(SAMPLE)
    position = data.draw(st.integers(0, len(raw) - 2))
    raw[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SignatureError):
        read_statement(bytes(raw), OLD.public, NEW.public, "here")


SAMPLE = succession(OLD, NEW.public, "2026-02-01", now=NOW)


def test_a_key_does_not_succeed_itself() -> None:
    with pytest.raises(InputError) as caught:
        succession(OLD, OLD.public, "2026-02-01", now=NOW)
    assert (caught.value.code, caught.value.where) == ("same_key", "--to")


def test_a_succession_says_its_day() -> None:
    with pytest.raises(InputError) as caught:
        succession(OLD, NEW.public, "soon", now=NOW)
    assert (caught.value.code, caught.value.where) == ("bad_date", "--from")


def test_a_key_has_one_successor() -> None:
    error = no_chain(
        **{
            "release-2": successor("release-2", "release", "2026-02-01"),
            "release-3": successor("release-3", "release", "2026-03-01"),
        }
    )
    assert error.message == "release has two successors, release-2 and release-3"


def test_a_chain_does_not_come_back_to_itself() -> None:
    error = no_chain(
        release=successor("release", "release-2", "2026-03-01"),
        **{"release-2": successor("release-2", "release", "2026-02-01")},
    )
    assert "comes back to itself" in error.message or "and that one only" in error.message


def test_an_identity_does_not_succeed_itself() -> None:
    own = stated({"keyid": OLD.keyid, "from": "2026-02-01", "createdOn": "a"}, subject=OLD.keyid)
    error = no_chain(release=succeeding(own, new="release", old="release"))
    assert error.message == "the succession of release comes back to itself"


@pytest.mark.parametrize("second", ["2026-02-01", "2026-01-31"])
def test_each_takes_over_after_the_one_before(second: str) -> None:
    error = no_chain(
        **{
            "release-2": successor("release-2", "release", "2026-02-01"),
            "release-3": successor("release-3", "release-2", second),
        }
    )
    assert error.message == (
        f"release-3 takes over from release-2 on {second}, and that one only on 2026-02-01"
    )


def chain(length: int) -> dict[str, Any]:
    """Identities of which each takes the place of the one before."""
    keys = [generate() for _ in range(length)]
    made: dict[str, Any] = {"k0": {"key": keys[0].public.pem().decode()}}
    for number in range(1, length):
        statement = succession(keys[number - 1], keys[number].public, f"20{number + 10}-01-01", now=NOW)
        said = {"identity": f"k{number - 1}", "statement": statement.decode()}
        made[f"k{number}"] = {"key": keys[number].public.pem().decode(), "succeeds": said}
    return made


def test_a_chain_is_bounded() -> None:
    assert trust(identities=identities(**chain(MAX_CHAIN + 1))).identities
    assert f"is longer than {MAX_CHAIN}" in no_chain(**chain(MAX_CHAIN + 2)).message


def test_only_a_key_of_the_file_can_be_succeeded() -> None:
    for old, code in (("nobody", "unknown_identity"), ("ci", "bad_succession")):
        ci = {"sigstore": {"identity": "a", "issuer": "https://b.example"}}
        made = identities(ci=ci, **{"release-2": succeeding(SAMPLE.decode(), old=old)})
        with pytest.raises((InputError, SignatureError)) as caught:
            parse_trust(text(document(identities=made)), "trust.yaml")
        assert caught.value.code == code


def test_the_statement_is_an_in_toto_statement_about_the_new_key() -> None:
    statement = json.loads(base64.b64decode(json.loads(SAMPLE)["payload"]))
    assert statement["predicateType"] == "https://weightgate.dev/succession/v1"
    assert statement["subject"] == [{"name": "key", "digest": {"sha256": NEW.keyid}}]
    assert statement["predicate"] == {
        "keyid": OLD.keyid, "from": "2026-02-01", "createdOn": "2026-03-14T09:30:00Z",
    }  # fmt: skip


STARTS = st.lists(
    st.sampled_from(["2026-03-05", "2026-03-10", "2026-03-15", "2026-03-20"]), max_size=2, unique=True
).map(sorted)
WINDOW = st.fixed_dictionaries({}, optional={"from": st.just("2026-03-08"), "until": st.just("2026-03-18")})


@given(starts=STARTS, window=WINDOW, day=st.integers(1, 28).map(lambda number: f"2026-03-{number:02}"))
def test_a_line_of_keys_may_do_what_the_first_might_and_one_of_them_at_a_time(
    starts: list[str], window: dict[str, str], day: str
) -> None:
    line = ["release", "release-2", "release-3"][: len(starts) + 1]
    links = {new: successor(new, old, start) for old, new, start in zip(line, line[1:], starts, strict=False)}
    grant = [{"identities": ["release"], **window}]
    found = trust(identities=identities(**links), decide=grant)
    acting = [name for name in line if found.names_of(by(name), at(day))]
    assert len(acting) == 1
    assert acting == [line[sum(start <= day for start in starts)]]
    without = trust(decide=grant)
    assert [name for name in line if decides(found, name, day=day)] == (
        acting if decides(without, "release", day=day) else []
    )
