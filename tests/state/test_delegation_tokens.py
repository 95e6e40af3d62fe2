"""The rules of delegation tokens."""

import pytest
from attrs import evolve

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.delegation_tokens import DelegationToken, ended, is_shown, renewed, shortest, until

ALICE, BOB, CAROL, DAVE = "User:alice", "User:bob", "User:carol", "User:dave"
NOW = 1000
TOKEN = DelegationToken("id", ALICE, CAROL, (BOB,), 0, 2000, 5000)


def test_periods_and_ends() -> None:
    assert [shortest(100, asked) for asked in (-1, 0, 50, 200)] == [100, 100, 50, 100]
    assert (until(NOW, 100), until(NOW, 100, 1050), until(NOW, 2**63 - 1)) == (1100, 1050, 2**63 - 1)


@pytest.mark.parametrize(("now", "expired"), [(1999, False), (2000, False), (2001, True)])
def test_a_token_expires_after_its_end(now: int, expired: bool) -> None:
    assert TOKEN.has_expired(now) is expired
    assert evolve(TOKEN, expires_ms=9000, max_ms=2000).has_expired(now) is expired


@pytest.mark.parametrize(("period", "end"), [(500, 1500), (-1, 4000), (0, 4000), (99_999, 4000)])
def test_renewed_by_its_owner_or_a_renewer(period: int, end: int) -> None:
    for principal in (ALICE, BOB):
        assert renewed(TOKEN, principal, period, 3000, NOW).expires_ms == end


def test_never_renewed_beyond_its_longest_life() -> None:
    assert renewed(TOKEN, ALICE, -1, 99_999, NOW).expires_ms == 5000


@pytest.mark.parametrize(
    ("token", "principal", "now", "code"),
    [
        (None, ALICE, NOW, ErrorCode.DELEGATION_TOKEN_NOT_FOUND),
        (TOKEN, ALICE, 2001, ErrorCode.DELEGATION_TOKEN_EXPIRED),
        (TOKEN, "User:mallory", 2001, ErrorCode.DELEGATION_TOKEN_EXPIRED),
        (TOKEN, CAROL, NOW, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH),
    ],
)
def test_what_is_not_renewed(
    token: DelegationToken | None, principal: str, now: int, code: ErrorCode
) -> None:
    with pytest.raises(KafkaError) as raised:
        renewed(token, principal, -1, 3000, now)
    assert raised.value.code is code


def test_ended_later_or_at_once() -> None:
    later = ended(TOKEN, ALICE, 500, NOW)
    assert later is not None
    assert later.expires_ms == 1500
    assert ended(TOKEN, BOB, -1, NOW) is None
    assert ended(TOKEN, BOB, -1, 2001) is None  # also one that has expired


@pytest.mark.parametrize(
    ("token", "principal", "period", "now", "code"),
    [
        (None, ALICE, -1, NOW, ErrorCode.DELEGATION_TOKEN_NOT_FOUND),
        (TOKEN, CAROL, -1, 2001, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH),
        (TOKEN, ALICE, 0, 2001, ErrorCode.DELEGATION_TOKEN_EXPIRED),
    ],
)
def test_what_is_not_ended(
    token: DelegationToken | None, principal: str, period: int, now: int, code: ErrorCode
) -> None:
    with pytest.raises(KafkaError) as raised:
        ended(token, principal, period, now)
    assert raised.value.code is code


def test_who_sees_a_token() -> None:
    def nobody(_: DelegationToken) -> bool:
        return False

    def everybody(_: DelegationToken) -> bool:
        return True

    assert is_shown(TOKEN, ALICE, None, nobody)
    assert is_shown(TOKEN, BOB, {ALICE}, nobody)
    assert is_shown(TOKEN, ALICE, {BOB}, nobody)
    assert is_shown(TOKEN, ALICE, {CAROL}, nobody)
    assert is_shown(TOKEN, CAROL, None, nobody)  # who asked for it
    assert not is_shown(TOKEN, DAVE, None, nobody)
    assert is_shown(TOKEN, DAVE, None, everybody)
    assert not is_shown(TOKEN, DAVE, {DAVE}, everybody)
