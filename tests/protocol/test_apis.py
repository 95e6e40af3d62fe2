import importlib
import json
import pkgutil
import sys
from pathlib import Path
from subprocess import run

import pytest

import kbroker.protocol
from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.fields import message_spec

# What Apache Kafka 4.3.1 answers to ApiVersions.
PROFILE = {
    int(key): tuple(versions)
    for key, versions in json.loads(
        (Path(__file__).parent.parent / "data" / "profile_4.3.1.json").read_text()
    )["api_versions"].items()
}
SHARE_STATE = {83, 84, 85, 86, 87}


def test_the_profile_is_that_of_apache_kafka() -> None:
    """Same keys and version ranges, without what only share coordinators exchange."""
    expected = {key: versions for key, versions in PROFILE.items() if key not in SHARE_STATE}
    assert {key: (api.first, api.last) for key, api in APIS.items()} == expected


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_the_table_agrees_with_the_messages(api: Api) -> None:
    for cls in (api.request, api.response):
        spec = message_spec(cls)
        assert spec.key == api.key
        assert spec.versions.first == max(api.first, api.first_schema)
        assert spec.versions.last >= api.last
        for version in range(spec.versions.first, spec.versions.last + 1):
            assert (version in spec.flexible) == api.is_flexible(version)


def test_every_message_with_a_key_is_in_the_table() -> None:
    found = set()
    for info in pkgutil.iter_modules(kbroker.protocol.__path__):
        module = importlib.import_module(f"kbroker.protocol.{info.name}")
        found |= {
            cls
            for cls in vars(module).values()
            if hasattr(cls, "__message__") and message_spec(cls).key is not None
        }
    assert found == {cls for api in APIS.values() for cls in (api.request, api.response)}


def test_produce_0_to_2_are_advertised_but_not_served() -> None:
    """KAFKA-18659."""
    produce = APIS[0]
    assert (produce.first, produce.last) == (0, 13)
    assert [v for v in range(-1, 16) if produce.serves(v)] == list(range(3, 14))


def test_unreleased_versions_are_not_served() -> None:
    assert not APIS[22].serves(6)


def test_no_message_is_imported_before_its_first_use() -> None:
    program = "import sys, kbroker.protocol.frames; print('kbroker.protocol.fetch' in sys.modules)"
    assert (
        run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout == "False\n"
    )
