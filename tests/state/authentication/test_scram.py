"""SCRAM's exchange, with the example of RFC 7677 and with a client that does its part."""

from base64 import b64decode, b64encode
from hashlib import new, pbkdf2_hmac
from hmac import digest

import pytest
from attrs import evolve

from kbroker.state.authentication.exchange import AuthenticationError, Identity
from kbroker.state.authentication.scram import ScramAccount, ScramExchange
from kbroker.state.authentication.scram_keys import credential_of
from kbroker.state.scram_credentials import ScramMechanism

SHA_256, SHA_512 = ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512
SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"


def exchange(mechanism: ScramMechanism = SHA_256, name: str = "user") -> ScramExchange:
    users = {
        (name, False): ScramAccount(Identity(name), credential_of(mechanism, "pencil", SALT)),
        ("token", True): ScramAccount(
            Identity("owner", 5, by_token=True), credential_of(mechanism, "pencil")
        ),
        ("weak", False): ScramAccount(
            Identity("weak"), evolve(credential_of(mechanism, "pencil"), iterations=4095)
        ),
    }
    return ScramExchange(
        mechanism,
        lambda name, by_token: users.get((name, by_token)),
        lambda: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    )


def log_in(server: ScramExchange, hash_name: str, first: str, password: str = "pencil") -> bytes:
    """Do a client's part; return the broker's final message."""
    challenge = server.respond(first.encode()).decode()
    nonce, salt, iterations = (part[2:] for part in challenge.split(","))
    salted = pbkdf2_hmac(hash_name, password.encode(), b64decode(salt), int(iterations))
    key = digest(salted, b"Client Key", hash_name)
    gs2, bare = first[: first.index(",", 2) + 1], first[first.index(",", 2) + 1 :]
    final = f"c={b64encode(gs2.encode()).decode()},r={nonce}"
    message = f"{bare},{challenge},{final}".encode()
    signature = digest(new(hash_name, key).digest(), message, hash_name)
    proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
    answer = server.respond(f"{final},p={b64encode(proof).decode()}".encode())
    expected = digest(digest(salted, b"Server Key", hash_name), message, hash_name)
    assert answer == b"v=" + b64encode(expected)
    return answer


def test_the_example_of_rfc_7677() -> None:
    server = exchange()
    assert server.respond(FIRST) == (
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert server.identity is None
    final = (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    assert server.respond(final) == b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert server.identity == Identity("user")


@pytest.mark.parametrize("mechanism", [SHA_256, SHA_512])
@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("n,,n=user,r=abc", "user"),
        ("n,a=user,n=user,r=abc", "user"),
        ("n,,n=a=2Cb=3Dc,r=abc", "a,b=c"),
        ("n,,n=user,r=abc,other=x", "user"),
        ("n,,n=user,r=abc,tokenauth=false", "user"),
    ],
)
def test_a_client_that_knows_the_password(mechanism: ScramMechanism, first: str, name: str) -> None:
    server = exchange(mechanism, name)
    log_in(server, mechanism.hash_name, first)
    assert server.identity == Identity(name)


def test_a_token_logs_its_owner_in() -> None:
    server = exchange()
    log_in(server, "sha256", "n,,n=token,r=abc,tokenauth=true")
    assert server.identity == Identity("owner", 5, by_token=True)


@pytest.mark.parametrize(
    "first",
    [
        "n,,n=token,r=abc",  # a token's id is no user's name
        "n,,n=user,r=abc,tokenauth=true",
        "n,,n=nobody,r=abc",
        "n,,n=weak,r=abc",
        "n,,n=,r=abc",
        "n,,n=us=er,r=abc",
        "y,,n=user,r=abc",
        "p=tls-unique,,n=user,r=abc",
        "n,,n=user",
        "n,,n=user,r=",
        "n,,n=bär,r=abc",
        "",
        "\0user\0pencil",
    ],
)
def test_first_messages_that_are_refused(first: str) -> None:
    with pytest.raises(AuthenticationError) as raised:
        exchange().respond(first.encode())
    assert raised.value.shown is None


def test_another_authorization_id_is_refused_and_told() -> None:
    with pytest.raises(AuthenticationError) as raised:
        exchange().respond(b"n,a=other,n=user,r=abc")
    assert raised.value.shown is not None


def test_a_wrong_password() -> None:
    server = exchange()
    with pytest.raises(AuthenticationError, match="wrong password"):
        log_in(server, "sha256", "n,,n=user,r=abc", "pen")
    assert server.identity is None


@pytest.mark.parametrize(
    "final",
    [
        "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=abc",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "",
    ],
)
def test_final_messages_that_are_refused(final: str) -> None:
    server = exchange()
    server.respond(FIRST)
    with pytest.raises(AuthenticationError):
        server.respond(final.encode())
    assert server.identity is None
