"""Java's login configuration, with Java's rules of quoting."""

import pytest

from kbroker.config.jaas import JaasError, LoginModule, parse_jaas, parse_jaas_file

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


def options(text: str) -> dict[str, str]:
    [module] = parse_jaas(f"{PLAIN} required {text};")
    return module.options


def test_a_setting_as_users_write_it() -> None:
    text = (
        f"{PLAIN} required \\\n".replace("\\", "")
        + '  username="admin"\n  password="admin-secret"\n  user_a="b";'
    )
    assert parse_jaas(text) == [
        LoginModule(PLAIN, {"username": "admin", "password": "admin-secret", "user_a": "b"})
    ]
    assert parse_jaas(text)[0].short_name == "PlainLoginModule"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("a=b", {"a": "b"}),
        ("a = b c =d", {"a": "b", "c": "d"}),
        ("a='b c'", {"a": "b c"}),
        ("a='b\"c' d=\"e'f\"", {"a": 'b"c', "d": "e'f"}),
        (r'a="b\"c\\d"', {"a": r'b"c\d'}),
        (r'a="b\nc\td\qe"', {"a": "b\nc\tdqe"}),
        (r'a="\101\60"', {"a": "A0"}),
        ('a=""', {"a": ""}),
        ('a="b;c=d//e/*f*/"', {"a": "b;c=d//e/*f*/"}),
        ("a=b // c=d\n e=f", {"a": "b", "e": "f"}),
        ("a=b /* c=d */ e=f", {"a": "b", "e": "f"}),
        ("a=b/c\n d=e", {"a": "b", "d": "e"}),
        ("user_alice=123 b=-1.5", {"user_alice": "123", "b": "-1.5"}),
        ("a=b$c@d:e#f!g+h,i", {"a": "b$c@d:e#f!g+h,i"}),
        ('user_ü="pässword"', {"user_ü": "pässword"}),
        ("a=b a=c", {"a": "c"}),
    ],
)
def test_options(text: str, found: dict[str, str]) -> None:
    assert options(text) == found


def test_several_modules_and_flags_in_any_case() -> None:
    modules = parse_jaas("a.B Required x=y; c.D SUFFICIENT;")
    assert modules == [LoginModule("a.B", {"x": "y"}), LoginModule("c.D", {})]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// nothing",
        PLAIN,
        f"{PLAIN} required",
        f"{PLAIN} required user=secret",
        f"{PLAIN} needed user=secret;",
        f"{PLAIN} user=secret;",
        f"{PLAIN} required user=;",
        f"{PLAIN} required user secret;",
        f"{PLAIN} required =secret;",
        f"{PLAIN} required user==secret;",
        f"{PLAIN} required user=my secret;",
        f"{PLAIN} required user=my secret password=b;",
        f"{PLAIN} required user=my;secret;",
        f"{PLAIN} required user=my;secret",
        "; required;",
    ],
)
def test_what_cannot_be_read_is_refused_without_a_secret(text: str) -> None:
    with pytest.raises(JaasError) as raised:
        parse_jaas(text)
    assert "secret" not in str(raised.value)


def test_a_file() -> None:
    text = f"""
    // the broker
    KafkaServer {{
        {PLAIN} required
            user_alice="secret";
        org.apache.kafka.common.security.scram.ScramLoginModule required;
    }};
    internal.KafkaServer {{ {PLAIN} required user_bob="other"; }};
    Client {{}};
    """
    sections = parse_jaas_file(text)
    assert list(sections) == ["KafkaServer", "internal.KafkaServer", "Client"]
    assert [module.short_name for module in sections["KafkaServer"]] == [
        "PlainLoginModule",
        "ScramLoginModule",
    ]
    assert sections["internal.KafkaServer"][0].options == {"user_bob": "other"}
    assert parse_jaas_file("") == {}


@pytest.mark.parametrize(
    "text",
    [
        "KafkaServer",
        "KafkaServer {",
        "KafkaServer { a.B required; }",
        "{ };",
        "KafkaServer { a.B required };",
        "KafkaServer { a.B required x=y }; secret",
        "KafkaServer { a.B required x=y }; secret {",
        "KafkaServer { a.B required x=y; } secret;",
        "};",
    ],
)
def test_files_that_cannot_be_read(text: str) -> None:
    with pytest.raises(JaasError) as raised:
        parse_jaas_file(text)
    assert "secret" not in str(raised.value)


def test_values_are_not_shown() -> None:
    assert "secret" not in repr(LoginModule("a.B", {"user_a": "secret"}))
