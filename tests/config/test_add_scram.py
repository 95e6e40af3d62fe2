"""Users of the first start, as kafka-storage takes them."""

import pytest

from kbroker.config.add_scram import ScramToAdd, of_passwords, parse_add_scram, parse_add_scrams
from kbroker.errors import StartupError


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("SCRAM-SHA-256=[name=alice,password=secret]", ScramToAdd("SCRAM-SHA-256", "alice", "secret")),
        (" SCRAM-SHA-512=[name=a b, password=p=q] ", ScramToAdd("SCRAM-SHA-512", "a b", "p=q")),
        (
            'SCRAM-SHA-256=[name="alice",password=""quoted""]',
            ScramToAdd("SCRAM-SHA-256", "alice", '"quoted"'),
        ),
        (
            "SCRAM-SHA-256=[name=alice,iterations=8192,password=x,salt=c2FsdA==]",
            ScramToAdd("SCRAM-SHA-256", "alice", "x", 8192, b"salt"),
        ),
        (
            'SCRAM-SHA-256=[name=alice,salt="c2FsdA==",saltedpassword="AAE="]',
            ScramToAdd("SCRAM-SHA-256", "alice", None, 4096, b"salt", b"\0\1"),
        ),
    ],
)
def test_a_user(text: str, user: ScramToAdd) -> None:
    assert parse_add_scram(text, "--add-scram") == user


@pytest.mark.parametrize(
    "text",
    [
        "secret",
        "SCRAM-SHA-1=[name=a,password=secret]",
        "SCRAM-SHA-256=name=a,password=secret",
        "SCRAM-SHA-256=[password=secret]",
        "SCRAM-SHA-256=[name=,password=secret]",
        "SCRAM-SHA-256=[name=a]",
        "SCRAM-SHA-256=[name=a,password=]",
        "SCRAM-SHA-256=[name=a,saltedpassword=c2VjcmV0]",
        "SCRAM-SHA-256=[name=a,password=secret,iterations=4095]",
        "SCRAM-SHA-256=[name=a,password=secret,iterations=16385]",
        "SCRAM-SHA-256=[name=a,password=secret,iterations=x]",
        f"SCRAM-SHA-256=[name=a,password=secret,iterations={'9' * 5000}]",
        "SCRAM-SHA-256=[name=a,password=secret,salt=?]",
        "SCRAM-SHA-256=[name=a,password=secret,secret]",
        "SCRAM-SHA-256=[name=a,password=secret,other=x]",
    ],
)
def test_what_cannot_be_read_is_refused_without_a_secret(text: str) -> None:
    with pytest.raises(StartupError, match="--add-scram") as raised:
        parse_add_scram(text, "--add-scram")
    assert "secret" not in str(raised.value)


def test_several_users() -> None:
    one, two = "SCRAM-SHA-256=[name=a,password=x]", "SCRAM-SHA-512=[name=b,password=y]"
    for between in (" ", ",", ";", "\n", ", "):
        assert [user.name for user in parse_add_scrams(one + between + two, "X")] == ["a", "b"]
    for wrong in (f"{one} secret", "secret", f"{one}{two}secret"):
        with pytest.raises(StartupError) as raised:
            parse_add_scrams(wrong, "X")
        assert "secret" not in str(raised.value)


def test_passwords_for_every_mechanism() -> None:
    assert of_passwords([("a", "x")]) == [
        ScramToAdd("SCRAM-SHA-256", "a", "x"),
        ScramToAdd("SCRAM-SHA-512", "a", "x"),
    ]
    assert "x" not in repr(of_passwords([("a", "x")])).replace("iterations", "")
