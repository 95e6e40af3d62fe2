from kbroker.state.acls import Acl, AclOperation, AclResourceType, PatternType, PermissionType


def test_an_acl_is_known_by_all_that_it_says() -> None:
    acl = Acl(
        AclResourceType.TOPIC,
        "t",
        PatternType.LITERAL,
        "User:alice",
        "*",
        AclOperation.READ,
        PermissionType.ALLOW,
    )
    assert acl == Acl(2, "t", 3, "User:alice", "*", 3, 3)
    assert acl != acl._replace(host="10.0.0.1")
