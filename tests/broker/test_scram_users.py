"""SCRAM users: changed, kept, and added at first start."""

from pathlib import Path

from kbroker.broker.scram_users import ScramUsers
from kbroker.state.authentication.scram_keys import credential_of, salted_password
from kbroker.state.scram_credentials import Deletion, ScramMechanism, Upsertion
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.scram_store import SqliteScramStore

SHA_256, SHA_512 = ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512


def upsertion(user: str, mechanism: ScramMechanism = SHA_256, iterations: int = 4096) -> Upsertion:
    salted = salted_password(mechanism, "secret", b"salt", iterations)
    return Upsertion(user, mechanism, iterations, b"salt", salted)


async def test_what_is_changed_is_known_and_kept(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "db")
    users = ScramUsers(SqliteScramStore(database))
    await users.load()
    assert users.users() == []
    assert await users.alter([], [upsertion("bob"), upsertion("alice", SHA_512, 5000)]) == {
        "bob": None,
        "alice": None,
    }
    results = await users.alter([Deletion("nobody", 1)], [upsertion("bob", SHA_512)])
    assert {user: refusal and refusal.code for user, refusal in results.items()} == {
        "bob": None,
        "nobody": 91,
    }
    again = ScramUsers(SqliteScramStore(database))
    await again.load()
    for each in (users, again):
        assert each.users() == ["alice", "bob"]
        assert each.iterations("bob") == [(SHA_256, 4096), (SHA_512, 4096)]
        assert each.iterations("alice") == [(SHA_512, 5000)]
        assert each.iterations("nobody") == []
        assert each.credential("bob", SHA_256) == credential_of(SHA_256, "secret", b"salt")
        assert each.credential("alice", SHA_256) is None
    await again.alter([Deletion("alice", 2)], [])
    assert again.users() == ["bob"]
    database.close()


async def test_credentials_of_the_first_start_change_nobodys(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "db")
    users = ScramUsers(SqliteScramStore(database))
    first, second = credential_of(SHA_256, "first"), credential_of(SHA_256, "second")
    await users.add_missing({("alice", SHA_256): first})
    await users.add_missing({("alice", SHA_256): second, ("bob", SHA_256): second})
    assert users.credential("alice", SHA_256) == first
    assert users.credential("bob", SHA_256) == second
    database.close()
