"""What a scenario is, and the registry of all of them."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable

from attrs import frozen

from differential.conversation import Conversation

Talk = Callable[[Conversation], None]


@frozen
class Scenario:
    """One conversation with a broker, held once in each of `versions` of the API it is about."""

    api: str  # the API's name in snake_case: the file it is written in
    name: str
    versions: tuple[int, ...]
    talk: Talk
    last: bool  # it looks at or changes the whole broker, so all others run before
    sasl: bool = False  # it is held where clients authenticate
    log_dirs: bool = False  # it is held where there are several log directories
    guarded: bool = False  # it is held with the broker that has an authorizer
    needs: str = ""  # another API without which it is not compared

    @property
    def about(self) -> set[str]:
        """The APIs of which any that isn't served keeps it from being compared."""
        return {self.needs, self.name if self.is_table else self.api} - {""}

    @property
    def is_table(self) -> bool:
        """Whether it says what the API that it is named after needs to be allowed."""
        return self.api.startswith("authorization_")

    def names(self) -> Iterable[str]:
        """The name of each run of this scenario."""
        return (self.run_name(version) for version in self.versions)

    def run_name(self, version: int) -> str:
        """What one run is called; topics and groups carry it too."""
        return f"{self.api}-{self.name}-v{version}".replace("_", "-")


SCENARIOS: list[Scenario] = []


def scenario(
    versions: Iterable[int],
    *,
    last: bool = False,
    sasl: bool = False,
    log_dirs: bool = False,
    guarded: bool = False,
    needs: str = "",
) -> Callable[[Talk], Talk]:
    """Register a conversation, to be held in each of these versions."""

    def register(talk: Talk) -> Talk:
        api = talk.__module__.rpartition(".")[2]
        about = (api, talk.__name__, tuple(versions), talk, last)
        SCENARIOS.append(Scenario(*about, sasl=sasl, log_dirs=log_dirs, guarded=guarded, needs=needs))
        return talk

    return register


def all_scenarios() -> list[Scenario]:
    """Every scenario by API, those that must run last at the end."""
    package = importlib.import_module("differential.scenarios")
    for module in sorted(found.name for found in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"differential.scenarios.{module}")
    return sorted(SCENARIOS, key=lambda each: (each.last, each.api))
