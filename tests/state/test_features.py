"""Which features there are."""

from kbroker.state.features import FEATURES, advertised


def test_initial_levels_are_within_what_is_supported() -> None:
    for name, feature in FEATURES.items():
        assert name == feature.name
        assert feature.lowest <= feature.initial <= feature.highest


def test_advertised_features_are_those_clients_may_rely_on() -> None:
    assert {feature.name for feature in advertised()} >= {"kraft.version", "metadata.version"}
