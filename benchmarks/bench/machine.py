"""What the figures were measured on and with."""

import os
import platform
import time
from pathlib import Path

from harness.toolchains import version

from bench.clients import CONFLUENT_KAFKA


def machine() -> dict[str, str]:
    """Processor, cores, memory, kernel, interpreter and clients."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(
        (line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "?"
    )
    kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "memory": f"{kib / 2**20:.0f} GiB",
        "largest send buffer": f"{int(Path('/proc/sys/net/core/wmem_max').read_text()) >> 10} KiB (net.core.wmem_max)",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Java": version("java") or "absent",
        "confluent-kafka": CONFLUENT_KAFKA,
        "load before": " ".join(f"{each:.1f}" for each in os.getloadavg()) + " (1, 5, 15 minutes)",
        "began": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }
