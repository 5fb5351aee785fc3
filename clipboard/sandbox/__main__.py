"""`python -m clipboard.sandbox --port 8010 --folder DIRECTORY --sample FILE`"""

from __future__ import annotations

import argparse
import secrets
from math import inf
from pathlib import Path

from clipboard.lib.lifeline import end_with_stdin
from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.registry import VENDORS
from clipboard.sandbox.server import Sandbox
from clipboard.sandbox.world import Memory


def main() -> None:
    parser = argparse.ArgumentParser(prog="clipboard.sandbox")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sample", type=Path, required=True, help="plays sources we can't fetch")
    parser.add_argument(
        "--address-seconds", type=float, default=inf, help="no file's address lives longer"
    )
    asked = parser.parse_args()
    end_with_stdin()
    asked.folder.mkdir(parents=True, exist_ok=True)
    memory = Memory(asked.folder / "sandbox.sqlite3")
    outputs = Outputs(
        asked.folder / "files",
        fallback=asked.sample,
        secret=secrets.token_bytes(32),
        now=memory.now,
        longest=asked.address_seconds,
    )
    sandbox = Sandbox((vendor() for vendor in VENDORS), memory, outputs, port=asked.port)
    print(f"The sandbox serves {', '.join(sandbox.vendors)} at {sandbox.origin}", flush=True)
    sandbox.server.serve_forever()


if __name__ == "__main__":
    main()
