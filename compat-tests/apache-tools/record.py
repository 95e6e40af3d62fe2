"""Run the transcripts against Apache Kafka and write down what its tools print.

python compat-tests/apache-tools/record.py [transcript ...]
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness.brokers import ApacheKafka  # noqa: E402
from tools import ToolServer  # noqa: E402
from transcript import Command, Stage, read, settings  # noqa: E402


def main() -> None:
    names = sys.argv[1:] or sorted(path.stem for path in HERE.glob("transcripts/*.txt"))
    with ToolServer() as server:
        for name in names:
            record(HERE / "transcripts" / f"{name}.txt", server)


def record(path: Path, server: ToolServer) -> None:
    """Rewrite one transcript with the outputs of now."""
    lines: list[str] = []
    text = path.read_text()
    with (
        tempfile.TemporaryDirectory(prefix="record-") as directory,
        ApacheKafka(settings=settings(text)) as broker,
    ):
        stage = Stage(server, broker, Path(directory))
        try:
            for step in read(text):
                if isinstance(step, Command):
                    print(f"{path.stem} $ {step.line}", flush=True)
                    blank = [""] if step.output and not step.output[-1] else []
                    lines += [f"$ {step.line}", *stage.run(step), *blank]
                else:
                    lines.append(step)
                    stage.obey(step)
        finally:
            stage.stop()
    path.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
