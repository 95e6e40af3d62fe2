"""The table in docs/configuration.md says what the code does."""

from pathlib import Path

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.different_defaults import DIFFERENT_DEFAULTS

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def documented_rows() -> dict[str, tuple[str, str, str]]:
    """The rows of the table under the heading of that name: setting to kbroker's, Apache's, why."""
    section = PAGE.read_text().split("\n## Defaults that differ", 1)[1].split("\n## ", 1)[0]
    rows = {}
    for line in section.splitlines():
        if line.startswith("| `"):
            name, ours, apache, reason = (cell.strip().strip("`") for cell in line.strip("|").split("|"))
            rows[name] = (ours, apache, reason)
    return rows


def test_the_documents_have_the_same_table() -> None:
    assert documented_rows() == {
        name: (one.value, one.apache or "none", one.reason) for name, one in DIFFERENT_DEFAULTS.items()
    }


def test_describe_reports_them_as_defaults() -> None:
    config = BrokerConfig.of()
    for name, one in DIFFERENT_DEFAULTS.items():
        entry = config.describe(name)
        assert entry is not None
        assert entry.value == one.value
