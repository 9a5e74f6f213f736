"""How the shipped English pipeline (`data/models/en_entente`) was made, step by step and repeatable.

    python -m events.language.train --treebanks DIR --to DIR

runs these steps in turn, or only those that are named behind the options:

    convert    CoNLL-U → spaCy's binary corpora for development and tests
    augment    the training sentences, followed by copies with news-like names, titles and appositions
    clusters   Brown clusters of 80,000 words as static vectors
    train      tagger, morphologizer and parser on one shared encoder (`config.cfg`)
    package    add the rule lemmatizer, strip what only training needs, write the pipeline and its digest
    evaluate   tags, lemmas and dependencies on the tests, from raw text; size, load time and speed

The treebanks are not part of the project; `data/models/CARD.md` says which they are and where to get them.
Two packages are needed here and never at run time, so requirements.txt leaves them out:
`pip install spacy-lookups-data==1.0.5 Faker==40.54.0`.
"""

from __future__ import annotations
