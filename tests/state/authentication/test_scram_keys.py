"""SCRAM's formulas, by the examples of RFC 7677 and those of RFC 6070's kind."""

from base64 import b64decode

from kbroker.state.authentication.scram_keys import credential_of, mac, proves
from kbroker.state.scram_credentials import MIN_ITERATIONS, ScramMechanism

SHA_256, SHA_512 = ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512
SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
AUTH_MESSAGE = (
    b"n=user,r=rOprNGfwEbeRWgbNEkqO,"
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
)
PROOF = b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")


def test_the_example_of_rfc_7677() -> None:
    credential = credential_of(SHA_256, "pencil", SALT, 4096)
    assert proves(SHA_256, credential, PROOF, AUTH_MESSAGE)
    signature = mac(SHA_256, credential.server_key, AUTH_MESSAGE)
    assert signature == b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


def test_any_other_proof_is_none() -> None:
    credential = credential_of(SHA_256, "pencil", SALT, 4096)
    assert not proves(SHA_256, credential, PROOF, AUTH_MESSAGE + b"x")
    assert not proves(SHA_256, credential, PROOF[:-1], AUTH_MESSAGE)
    assert not proves(SHA_256, credential, b"", AUTH_MESSAGE)
    assert not proves(SHA_256, credential_of(SHA_256, "pen", SALT, 4096), PROOF, AUTH_MESSAGE)


def test_salts_are_random_and_the_hash_is_the_mechanisms() -> None:
    one, other = credential_of(SHA_512, "pencil"), credential_of(SHA_512, "pencil")
    assert one.salt != other.salt
    assert one.stored_key != other.stored_key
    assert one.iterations == MIN_ITERATIONS
    assert (len(one.stored_key), len(credential_of(SHA_256, "pencil").stored_key)) == (64, 32)
