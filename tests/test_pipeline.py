"""The corridor: order is kept, in one process or several."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_two_processes_write_what_one_writes_in_order(tmp_path):
    source = tmp_path / "in.jsonl"
    lines = [
        {"id": str(n), "text": f"Greece expelled {n} Turkish diplomats on Monday.", "published": "2024-01-02"}
        for n in range(2, 80)
    ]
    source.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    written = []
    for processes in ("1", "2"):
        target = tmp_path / f"out{processes}.jsonl"
        # a process of its own, whose main module the workers can import again
        command = [sys.executable, "-m", "events", "code", source, "--to", target, "--processes", processes]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
        written.append(target.read_text(encoding="utf-8"))
    assert written[0] == written[1]
    assert [json.loads(line)["article"] for line in written[0].splitlines()] == [x["id"] for x in lines]
