"""What mechanisms have in common."""

from kbroker.state.authentication.exchange import AuthenticationError, Identity


def test_an_identity_is_a_user() -> None:
    assert Identity("alice").principal == "User:alice"


def test_what_the_client_is_told_is_not_what_is_logged() -> None:
    error = AuthenticationError("no such user")
    assert str(error) == "no such user"
    assert error.shown is None
