"""How the reader that has learned is made: `python -m events.extract.train`.

    data/training/*.tsv   sentences written for this, with the acts they tell: text, tab, codes
    python -m events.extract.train --to data/models/reader

One event of the codes is `SRC>TGT TYPE.mode [status] "trigger words"`, or `A=B ...` where both sides act;
several stand behind ` ; `, and `-` says that the sentence tells none. Needs jax (`pip install jax`), which running the network does not.
"""
