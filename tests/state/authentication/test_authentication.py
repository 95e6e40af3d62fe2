"""The order in which a connection authenticates."""

import pytest

from kbroker.state.authentication.authentication import AnotherMechanismError, Authentication, Step
from kbroker.state.authentication.exchange import AuthenticationError, Identity

HANDSHAKE = 17
METADATA = 3
NOW_MS = 1_000_000


class FakeExchange:
    """Two tokens: anything, then the name of who it is."""

    def __init__(self, expires_ms: int | None = None) -> None:
        self.identity: Identity | None = None
        self._expires_ms = expires_ms
        self._begun = False

    def respond(self, token: bytes) -> bytes:
        if token == b"wrong":
            raise AuthenticationError("wrong")
        if not self._begun:
            self._begun = True
            return b"more"
        self.identity = Identity(token.decode(), self._expires_ms)
        return b"done"


def authentication(max_session_ms: int = 0, expires_ms: int | None = None) -> Authentication:
    mechanisms = {"ONE": lambda: FakeExchange(expires_ms), "TWO": lambda: FakeExchange(expires_ms)}
    return Authentication(mechanisms, lambda _: max_session_ms)


def log_in(state: Authentication, name: str = "alice", now: float = 10.0, mechanism: str = "ONE") -> int:
    assert state.choose(mechanism, bare_tokens=False)
    state.respond(b"", now, NOW_MS)
    return state.respond(name.encode(), now, NOW_MS)[1]


def test_from_a_handshake_to_an_identity() -> None:
    state = authentication()
    assert (state.step, state.mechanisms) == (Step.HANDSHAKE_OR_VERSIONS, ["ONE", "TWO"])
    state.versions_told()
    assert state.step is Step.HANDSHAKE
    assert state.choose("ONE", bare_tokens=False)
    assert state.step is Step.TOKEN
    assert state.respond(b"", 0, NOW_MS) == (b"more", 0)
    assert (state.step, state.identity) == (Step.TOKEN, None)
    assert state.respond(b"alice", 0, NOW_MS) == (b"done", 0)
    assert (state.step, state.identity) == (Step.DONE, Identity("alice"))


def test_tokens_are_bare_after_the_oldest_handshake() -> None:
    state = authentication()
    assert state.choose("TWO", bare_tokens=True)
    assert state.step is Step.BARE_TOKEN


def test_a_mechanism_that_there_is_not() -> None:
    state = authentication()
    assert not state.choose("THREE", bare_tokens=False)
    assert state.step is Step.HANDSHAKE_OR_VERSIONS


def test_a_failure_gives_nothing_away() -> None:
    state = authentication()
    state.choose("ONE", bare_tokens=False)
    with pytest.raises(AuthenticationError) as raised:
        state.respond(b"wrong", 0, NOW_MS)
    assert raised.value.shown == (
        "Authentication failed during authentication due to invalid credentials with SASL mechanism ONE"
    )
    assert state.identity is None


@pytest.mark.parametrize(
    ("max_session_ms", "expires_ms", "lifetime_ms"),
    [
        (0, None, 0),
        (5000, None, 5000),
        (0, NOW_MS + 3000, 3000),
        (5000, NOW_MS + 3000, 3000),
        (2000, NOW_MS + 3000, 2000),
        (2000, NOW_MS - 1, 0),
    ],
)
def test_how_long_a_session_lasts(max_session_ms: int, expires_ms: int | None, lifetime_ms: int) -> None:
    state = authentication(max_session_ms, expires_ms)
    assert log_in(state, now=10.0) == lifetime_ms
    if max_session_ms or expires_ms:
        assert state.expires == 10.0 + lifetime_ms / 1000
        assert not state.has_expired(10.0 + lifetime_ms / 1000)
        assert state.has_expired(10.001 + lifetime_ms / 1000)
    else:
        assert state.expires is None
        assert not state.has_expired(1e12)


def test_a_handshake_begins_again_before_or_after_the_end() -> None:
    state = authentication(5000)
    log_in(state)
    assert not state.begin_again(METADATA, 12.0)
    assert state.begin_again(HANDSHAKE, 12.0)
    assert log_in(state, now=12.0) == 5000
    assert state.expires == 17.0
    assert state.begin_again(HANDSHAKE, 99.0)


def test_nobody_begins_again_without_an_end_or_within_a_second() -> None:
    endless = authentication()
    log_in(endless)
    assert not endless.begin_again(HANDSHAKE, 99.0)
    state = authentication(5000)
    log_in(state)
    assert state.begin_again(HANDSHAKE, 12.0)
    log_in(state, now=12.0)
    assert not state.begin_again(HANDSHAKE, 12.9)
    assert state.begin_again(HANDSHAKE, 13.0)


def test_the_principal_stays() -> None:
    state = authentication(5000)
    log_in(state)
    state.begin_again(HANDSHAKE, 12.0)
    with pytest.raises(AuthenticationError) as raised:
        log_in(state, "bob")
    assert raised.value.shown == "Cannot change principals during re-authentication from User.alice: User.bob"


def test_the_mechanism_stays() -> None:
    state = authentication(5000)
    log_in(state)
    state.begin_again(HANDSHAKE, 12.0)
    assert state.choose("TWO", bare_tokens=False)
    with pytest.raises(AnotherMechanismError):
        state.respond(b"", 12.0, NOW_MS)


def test_a_failure_of_a_re_authentication_says_so() -> None:
    state = authentication(5000)
    log_in(state)
    state.begin_again(HANDSHAKE, 12.0)
    state.choose("ONE", bare_tokens=False)
    with pytest.raises(AuthenticationError) as raised:
        state.respond(b"wrong", 12.0, NOW_MS)
    assert "during re-authentication" in (raised.value.shown or "")
