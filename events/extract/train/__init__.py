"""How the reader that has learned is made: `python -m events.extract.train`.

    data/training/*.tsv   sentences written for this, with the acts they tell: text, tab, codes
    data/training/*.jsonl passages of some sentences, where the party acted on is often named before the act
    python -m events.extract.train --to data/models/reader

One event of the codes is `SRC>TGT TYPE.mode [status] "trigger words"`, or `A=B ...` where both sides act;
several stand behind ` ; `, and `-` says that the sentence tells none. A passage is a record with `text`, `published` and
`events`; these have `parties` ("SRC>TGT", "A=B"), `type`, `mode`, `status`, `trigger`, `domains`, and where the trigger
stands more than once `trigger_after`, words before the one that is meant. What it needs beside the
project's requirements is in the card `data/models/reader/CARD.md`; running the network needs none of it.
"""
