"""Each scenario against a broker in this process, at a small part of its size."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
import trio

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.server import Server, serve

LOAD = Path(__file__).resolve().parents[2] / "load"
NAMES = sorted(path.stem for path in (LOAD / "scenarios").glob("*.py") if path.stem != "__init__")
SCALES = {"many_connections": 0.02, "many_partitions": 0.1, "slow_readers": 0.01, "slow_disk": 0.02}
SMALLER = {"many_connections": {"EVERY_S": 0.1}, "many_partitions": {"PARTITIONS": 50}}
DOES = {
    "half_sent": "MB produced",
    "many_connections": "requests",
    "many_groups": "joins",
    "many_partitions": "consumed",
    "slow_disk": "MB",
    "slow_readers": "bytes read",
}


# A worker's end closes its connections; here its tasks only are cancelled.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", NAMES)
async def test_a_scenario_does_what_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, scale, counts = import_module(f"scenarios.{name}"), SCALES.get(name, 0.003), Counter[str]()
    for constant, value in SMALLER.get(name, {}).items():
        monkeypatch.setattr(scenario, constant, value)
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve(
                BrokerConfig.of({"group.initial.rebalance.delay.ms": "0"}),
                data_dir=tmp_path,
                listeners=[Listener("L", "127.0.0.1", 0)],
                task_status=task_status,
            )
        )
        port = server.bound[0].port
        with trio.fail_after(30):
            await scenario.prepare(port, scale)
            async with trio.open_nursery() as load:

                async def work() -> None:
                    await scenario.work(counts, ready=lambda: None, port=port, scale=scale)

                load.start_soon(work)
                while not counts[DOES[name]]:  # noqa: ASYNC110  a counter tells nobody
                    await trio.sleep(0.02)
                load.cancel_scope.cancel()
        server.stop()
