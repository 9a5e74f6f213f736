"""Make data/lexicon/senses.csv from WordNet 3.0 (Debian: wordnet-base): what a verb or noun has in common with others.

    python data/build/wordnet.py /usr/share/wordnet

One row a lemma: its word class and the numbers of its first senses, of what they are kinds of, and of their fields.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
# Fields of nouns that may name an act or what an act is about (lexicographer files of WordNet).
NOUN_FIELDS = {4, 7, 10, 11, 12, 14, 16, 19, 21, 22, 26}
SENSES = 3


def synsets(path: Path) -> dict[str, tuple[int, list[str]]]:
    """Return synset -> (field, the synsets it is a kind of)."""
    found = {}
    for line in path.open(encoding="utf-8"):
        if line.startswith("  "):
            continue
        cells = line.split("|")[0].split()
        words = int(cells[3], 16)
        at = 4 + 2 * words
        pointers = [cells[at + 1 + 4 * i : at + 5 + 4 * i] for i in range(int(cells[at]))]
        found[cells[0]] = (int(cells[1]), [p[1] for p in pointers if p[0] in {"@", "@i"}])
    return found


def main(folder: Path) -> None:
    rows = []
    for letter, name in (("v", "verb"), ("n", "noun")):
        known = synsets(folder / f"data.{name}")
        for line in (folder / f"index.{name}").open(encoding="utf-8"):
            if line.startswith("  "):
                continue
            cells = line.split()
            lemma, count = cells[0].replace("_", " "), int(cells[2])
            if lemma.count(" ") > (letter == "v") or not lemma.replace("-", "").replace(" ", "").isalpha():
                continue
            senses = cells[-count:][:SENSES]
            if letter == "n" and not {known[s][0] for s in senses} & NOUN_FIELDS:
                continue
            ids = [f"f{known[s][0]}" for s in senses[:1]]
            for i, sense in enumerate(senses):
                ids.append(sense)
                above = known[sense][1]
                for _ in range(3 if i == 0 else 1):
                    if not above:
                        break
                    ids.append(above[0])
                    above = known[above[0]][1]
            rows.append((lemma, letter, ids))
    numbers: dict[str, int] = {}
    counts: dict[str, int] = {}
    for _, letter, ids in rows:
        for i in set(ids):
            counts[letter + i] = counts.get(letter + i, 0) + 1
    with (HERE / "lexicon" / "senses.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["lemma", "pos", "senses"])
        for lemma, letter, ids in sorted(rows):
            kept = [letter + i for i in dict.fromkeys(ids) if counts[letter + i] > 1]
            if kept:
                named = [str(numbers.setdefault(k, len(numbers))) for k in kept]
                out.writerow([lemma, letter, " ".join(named)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
