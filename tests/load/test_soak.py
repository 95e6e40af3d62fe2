"""A soak of moments: its clients against a broker in this process, and the command itself."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import trio
from mix import raw

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.server import Server, serve

LOAD = Path(__file__).resolve().parents[2] / "load"
SETTINGS = {"group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "2"}
ALL = {"requests", "produced", "consumed", "rebalances", "transactions", "topics", "visitors"}


async def test_every_client_of_the_mix_gets_its_work_done(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve(
                BrokerConfig.of(SETTINGS),
                data_dir=tmp_path,
                listeners=[Listener("L", "127.0.0.1", 0)],
                task_status=task_status,
            )
        )
        with trio.fail_after(20):
            async with trio.open_nursery() as clients:

                async def work() -> None:
                    await raw.work(counts, ready=lambda: None, port=server.bound[0].port, rate=10)

                clients.start_soon(work)
                while not counts.keys() >= ALL:  # noqa: ASYNC110  a counter tells nobody
                    await trio.sleep(0.02)
                clients.cancel_scope.cancel()
        server.stop()


def test_the_command_samples_and_ends() -> None:
    command = [sys.executable, LOAD / "soak.py", "--minutes", "0.02", "--every", "0.6", "--raw-only"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    lines = done.stdout.splitlines()
    assert sum("requests/s" in line for line in lines) == 2
    assert "tell nothing about growth" in lines[-1]
