"""What the documents refer to is there, and what they show works."""

import re
from pathlib import Path

import pytest

from kbroker.config.definitions import definition_of
from kbroker.config.sources import Sources

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
OF_CLIENTS = "security.protocol="


def identified(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """Of each heading, as hosts of repositories make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=identified)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        assert "://" not in target, "nothing may depend on the network"
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_every_page_is_linked_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for page in PAGES:
        name = identified(page)
        assert name in {"README.md", "CHANGELOG.md"} or f"({name})" in text, name


def test_the_threat_model_names_files_and_settings_that_exist() -> None:
    named = re.findall(r"`([^`\s]+)`", (ROOT / "SECURITY.md").read_text())
    paths = [name for name in named if "/" in name]
    assert len(paths) > 25
    for path in paths:
        assert (ROOT / path).exists(), path
    settings = [
        name.partition("=")[0]
        for name in named
        if re.fullmatch(r"[a-z]+(\.[a-z]+)+(=.*)?", name) and not name.endswith((".py", ".db"))
    ]
    assert len(settings) > 6
    for setting in settings:
        assert definition_of(setting) is not None, setting


@pytest.mark.parametrize("page", PAGES, ids=identified)
def test_brokers_properties_are_known(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(re.findall(r"```properties\n(.*?)```", page.read_text(), re.DOTALL)):
        if OF_CLIENTS in block:
            continue
        file = tmp_path / f"{number}.properties"
        file.write_text(block)
        sources = Sources()
        sources.add_file(file)
        assert sources.warnings() == []
        assert sources.config() is not None


def test_the_sdist_has_the_documents_and_the_locks() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    included = text.partition("[tool.hatch.build.targets.sdist]")[2].partition("]")[0]
    assert {"docs", "locks", "*.md"} <= set(re.findall(r'"([^"]+)"', included))
