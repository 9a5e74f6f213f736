"""Bring `sha256` and `rows` in data/SOURCES.toml up to date with the files.

    python data/build/checksums.py

The digest of a folder (a model) is the SHA-256 over "<digest>  <relative path>" lines of its files, sorted.
A file without an entry is named on standard error and makes the script fail: write its paper first.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
import tomllib
from pathlib import Path

DATA = Path(__file__).resolve().parents[1]
SOURCES = DATA / "SOURCES.toml"
WITHOUT_PAPER = ("SOURCES.toml", "build/", "store/")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder as told above."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [f"{digest(p)}  {p.relative_to(path).as_posix()}" for p in sorted(path.rglob("*")) if p.is_file()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def rows(path: Path) -> int | None:
    """Return the number of records of a CSV or JSONL file, None for anything else."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as handle:
            return sum(1 for _ in csv.DictReader(handle))
    if path.suffix == ".jsonl":
        return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return None


def unlisted() -> list[str]:
    """Return the files under data/ that no entry covers."""
    listed = [entry["path"] for entry in tomllib.loads(SOURCES.read_text(encoding="utf-8"))["file"]]
    return [
        name
        for path in sorted(DATA.rglob("*"))
        if path.is_file()
        and not (name := path.relative_to(DATA).as_posix()).startswith(WITHOUT_PAPER)
        and "__pycache__" not in name
        and not any(name == entry or name.startswith(f"{entry}/") for entry in listed)
    ]


def refreshed(text: str) -> str:
    """Return the text of SOURCES.toml with digests and row counts of the files as they are."""
    blocks = text.split("[[file]]\n")
    for number, block in enumerate(blocks[1:], start=1):
        found = re.search(r'^path = "(.+)"$', block, re.MULTILINE)
        if found is None:
            raise SystemExit(f"entry {number} of SOURCES.toml has no path")
        path = DATA / found.group(1)
        kept = re.sub(r"^(?:sha256|rows) = .*\n", "", block, flags=re.MULTILINE).rstrip("\n")
        count = rows(path)
        lines = [kept, f'sha256 = "{digest(path)}"', *([] if count is None else [f"rows = {count}"]), "", ""]
        blocks[number] = "\n".join(lines)
    return "[[file]]\n".join(blocks).rstrip("\n") + "\n"


if __name__ == "__main__":
    SOURCES.write_text(refreshed(SOURCES.read_text(encoding="utf-8")), encoding="utf-8")
    if missing := unlisted():
        sys.exit("no entry in data/SOURCES.toml for: " + ", ".join(missing))
