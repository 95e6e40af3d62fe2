"""Tokens that nobody signed."""

import json
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import pytest

from kbroker.state.authentication.oauthbearer import BearerToken, InvalidTokenError
from kbroker.state.authentication.unsecured_token import UnsecuredValidator

NOW_MS = 1_700_000_000_000
NOW = NOW_MS // 1000


def part(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def token(header: Any = None, **claims: Any) -> str:
    given = {"sub": "alice", "exp": NOW + 60, "iat": NOW} | claims
    return f"{part(header or {'alg': 'none'})}.{part({k: v for k, v in given.items() if v is not None})}."


@pytest.mark.parametrize(
    "claims",
    [{}, {"iat": None}, {"exp": NOW + 60.0}, {"scope": "a"}, {"scope": ["a", "b"]}, {"nbf": NOW + 9}],
)
def test_a_token_that_is_accepted(claims: dict[str, Any]) -> None:
    valid = UnsecuredValidator().validate(token(**claims), NOW_MS)
    assert valid == BearerToken("alice", (NOW + 60) * 1000)


def test_base64_as_java_writes_it_is_read_too() -> None:
    header = b64encode(b'{"alg":"none"}').decode()
    claims = b64encode(json.dumps({"sub": "ü?>ü", "exp": NOW + 1}).encode()).decode()
    assert UnsecuredValidator().validate(f"{header}.{claims}.", NOW_MS).principal_name == "ü?>ü"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (token(exp=NOW), "has expired"),
        (token(exp=None), "exp is missing"),
        (token(exp="soon"), "no number"),
        (token(exp=True), "no number"),
        (token(exp=10**400), "no time"),
        (token(exp=NOW + 1, iat=NOW + 1), "in the future"),
        (token(iat=[]), "no number"),
        (token(sub=None), "names nobody"),
        (token(sub=" "), "names nobody"),
        (token(sub="a\udfff"), "names nobody"),
        (token(sub=5), "names nobody"),
        (token({"alg": "HS256"}), "is signed"),
        (token({"a": "b"}), "is signed"),
        (token() + "abc", "has a signature"),
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c.", "three parts"),
        ("!.!.", "JSON in base64"),
        (f"{part('[')}.{part({})}.", "JSON in base64"),
        (f"{part('[1]')}.{part({})}.", "no JSON object"),
        (f"{part('[' * 100_000)}.{part({})}.", "JSON in base64"),
    ],
)
def test_tokens_that_are_not(text: str, reason: str) -> None:
    with pytest.raises(InvalidTokenError, match=reason):
        UnsecuredValidator().validate(text, NOW_MS)


def test_clocks_may_differ_as_far_as_the_option_says() -> None:
    validator = UnsecuredValidator.of({"unsecuredValidatorAllowableClockSkewMs": "3000"})
    validator.validate(token(exp=NOW - 2, iat=NOW - 9), NOW_MS)
    validator.validate(token(iat=NOW + 3), NOW_MS)
    with pytest.raises(InvalidTokenError, match="has expired"):
        validator.validate(token(exp=NOW - 3, iat=NOW - 9), NOW_MS)


def test_scopes_and_names_of_claims() -> None:
    validator = UnsecuredValidator.of(
        {
            "unsecuredValidatorPrincipalClaimName": " user ",
            "unsecuredValidatorScopeClaimName": "scp",
            "unsecuredValidatorRequiredScope": "a b",
        }
    )
    assert validator.validate(token(user="bob", scp=["b", "a", "c"]), NOW_MS).principal_name == "bob"
    for scope in (None, "a", ["a"], 7):
        with pytest.raises(InvalidTokenError, match="scope") as raised:
            validator.validate(token(user="bob", scp=scope), NOW_MS)
        assert raised.value.scope == "[a, b]"


@pytest.mark.parametrize("skew", ["-1", "x"])
def test_options_that_cannot_be(skew: str) -> None:
    with pytest.raises(ValueError, match="ClockSkewMs"):
        UnsecuredValidator.of({"unsecuredValidatorAllowableClockSkewMs": skew})
