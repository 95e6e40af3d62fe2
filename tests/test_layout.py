"""The tree keeps its own rules: one name for an API everywhere, a test file for each source file."""

import ast
import re
from pathlib import Path

import pytest

import kbroker
from kbroker.handlers import SERVED, served_apis
from kbroker.protocol.apis import APIS

PACKAGE = Path(kbroker.__file__).parent
TESTS = Path(__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
MESSAGE_MODULES = {PACKAGE / "protocol" / f"{api.module}.py" for api in APIS.values()}

# Files that hold declarations only, or are tested wholly through another's tests, which is named.
TESTED_ELSEWHERE: dict[str, str] = {
    "broker/context.py": "handlers/conftest.py",
    "broker/fetch_read.py": "handlers/test_fetch_parked.py",
    "errors.py": "test_dispatch.py",
    "protocol/records.py": "state/test_record_validation.py",
    "storage/interfaces/background.py": "storage/log/test_cleaner.py",
    "storage/interfaces/delegation_tokens.py": "storage/sqlite/test_delegation_token_store.py",
    "storage/interfaces/acls.py": "test_embedded.py",
    "storage/interfaces/groups.py": "test_embedded.py",
    "storage/interfaces/logs.py": "test_embedded.py",
    "storage/interfaces/meta.py": "test_embedded.py",
    "storage/interfaces/scram.py": "storage/sqlite/test_scram_store.py",
    "storage/interfaces/transactions.py": "test_embedded.py",
    "storage/interfaces/quotas.py": "test_embedded.py",
    "storage/log/errors.py": "storage/log/test_data_dir.py",
} | {
    f"config/definitions/{area}.py": "config/definitions/test_definitions.py"
    for area in (
        "client_metrics", "group_resource", "groups", "kbroker", "log", "network", "quorum", "remote",
        "replication", "security", "topic", "transactions",
    )
}  # fmt: skip


def needs_a_test(source: Path) -> bool:
    return source.name not in {"__init__.py", "__main__.py"} and source not in MESSAGE_MODULES


@pytest.mark.parametrize(
    "source", [s for s in SOURCES if needs_a_test(s)], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_every_source_file_has_its_test_file(source: Path) -> None:
    name = source.relative_to(PACKAGE)
    mirrored = TESTS / name.parent / f"test_{name.name}"
    elsewhere = TESTED_ELSEWHERE.get(name.as_posix())
    assert mirrored.exists() or (elsewhere and (TESTS / elsewhere).exists()), mirrored


def test_every_served_api_has_messages_a_handler_and_a_test_of_one_name() -> None:
    for api in served_apis().values():
        assert (PACKAGE / "protocol" / f"{api.module}.py").exists()
        assert (PACKAGE / "handlers" / f"{api.module}.py").exists()
        assert (TESTS / "handlers" / f"test_{api.module}.py").exists(), api.name


def test_every_handler_is_served() -> None:
    modules = {path.stem for path in (PACKAGE / "handlers").glob("*.py")} - {"__init__"}
    assert modules == {api.module for api in served_apis().values()}
    assert {api.name for api in APIS.values()} >= SERVED


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(source: Path) -> None:
    docstring = ast.get_docstring(ast.parse(source.read_text()))
    assert docstring, source


def test_the_tour_names_files_that_exist() -> None:
    text = (TESTS.parent / "ARCHITECTURE.md").read_text()
    paths = re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py|(?:[a-z_-]+/)+)`", text)
    assert len(paths) > 30
    for path in paths:
        assert (PACKAGE / path).exists() or (TESTS.parent / path).exists(), path
