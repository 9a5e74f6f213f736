"""Files of other data sets -> reports in our codes, block by block.

    source    a file's rows as text columns; bad rows are told apart
    coding    code tables; a block's columns in our codes, a reason for each row that is not taken
    gdelt, icews, polecat, acled, ucdp, entente    one reader a format, each with its paper (<format>.toml)
    triage    flags on doubtful rows; rows that tell one act
    batch     coded rows as tables of articles and reports

The format is told by the content of a file. Nothing is guessed: a file that no reader knows is refused, and so is
one whose first rows mostly fail.
"""

from events.importers.batch import Batch, batched
from events.importers.coding import Coded
from events.importers.files import read, recognised
from events.importers.papers import FORMATS, Loss, Paper, paper
from events.importers.source import Rejected

__all__ = ["FORMATS", "Batch", "Coded", "Loss", "Paper", "Rejected", "batched", "paper", "read", "recognised"]
