"""`ssl.principal.mapping.rules`, by what Apache Kafka makes of them."""

import json
from pathlib import Path

import pytest

from kbroker.tls.principal_mapping import NoMatchingRuleError, map_name, parse_rules

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "principals_4.3.1.json").read_text())["rules"]


def result_of(rules: str, name: str) -> str | None:
    try:
        return map_name(parse_rules(rules), name)
    except (NoMatchingRuleError, ValueError):
        return None


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['rules']} {case['name'][:9]}")
def test_as_apache_kafka(case: dict[str, str]) -> None:
    assert result_of(case["rules"], case["name"]) == case["result"]


def test_the_recording_has_both_results_and_refusals() -> None:
    assert sum(case["result"] is None for case in RECORDED) > 20
    assert sum(case["result"] is not None for case in RECORDED) > 20


def test_a_rule_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="invalid rule 'RULE:abc'"):
        parse_rules("DEFAULT,RULE:abc")


@pytest.mark.parametrize("pattern", [r"\p{Alpha}", "[[a]b]", "a{99999999999}", "(" * 5000])
def test_a_pattern_that_is_none_is_named(pattern: str) -> None:
    with pytest.raises(ValueError, match="invalid pattern"):
        parse_rules(f"RULE:{pattern}/x/")
