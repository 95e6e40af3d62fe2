"""The command line that every loop has."""

import argparse


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "input", "output", "group", "id"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()
