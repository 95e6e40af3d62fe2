"""Java's regular expressions."""

import pytest

from kbroker.config.java_patterns import is_java_pattern


@pytest.mark.parametrize(
    "text",
    [
        "a.*",
        "apache-kafka-[0-9]+",
        "(?<name>a)",
        r"\p{Alpha}++",
        r"[\p{Alpha}&&[^b]]*+",
        r"\Q(\E",
        r"\Q(",
        r"a\z",
        r"\x{1F600}\h\R",
        "(?i)a",
        "(?<=a)b(?<!c)",
        r"\\(a)",
    ],
)
def test_right(text: str) -> None:
    assert is_java_pattern(text)


@pytest.mark.parametrize("text", ["[", "(", "a)", "*", "a{2,1}", "(?<name", "\\", r"\\("])
def test_wrong(text: str) -> None:
    assert not is_java_pattern(text)
