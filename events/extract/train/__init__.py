"""How the reader that has learned is made: `python -m events.extract.train`.

    data/training/*.tsv   sentences written for this, with the acts they tell: text, tab, codes
    python -m events.extract.train --to data/models/reader

One event of the codes is `SRC>TGT TYPE.mode [status] "trigger words"`, or `A=B ...` where both sides act;
several stand behind ` ; `, and `-` says that the sentence tells none. What it needs beside the
project's requirements is in the card `data/models/reader/CARD.md`; running the network needs none of it.
"""
