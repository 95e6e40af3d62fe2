"""Names of one setting, in the order in which they win."""

from kbroker.config.definitions.synonyms import broker_synonyms


def test_time_units_win_from_fine_to_coarse() -> None:
    for name in ("log.retention.ms", "log.retention.minutes", "log.retention.hours"):
        assert broker_synonyms(name) == ("log.retention.ms", "log.retention.minutes", "log.retention.hours")
    assert broker_synonyms("log.roll.hours") == ("log.roll.ms", "log.roll.hours")
    assert broker_synonyms("log.flush.scheduler.interval.ms") == ("log.flush.scheduler.interval.ms",)


def test_a_listeners_own_setting_stands_before_the_general_one() -> None:
    name = "listener.name.internal.ssl.keystore.location"
    assert broker_synonyms(name) == (name, "ssl.keystore.location")


def test_other_names_stand_alone() -> None:
    assert broker_synonyms("num.partitions") == ("num.partitions",)
    assert broker_synonyms("listener.name.x") == ("listener.name.x",)
