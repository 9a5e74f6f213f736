"""What a reader refuses, and how it says so: limits with their reasons, and the record of a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from events.errors import InputError

__all__ = [
    "MAX_ENTRIES",
    "MAX_FILE",
    "MAX_LINE",
    "MAX_MEMBERS",
    "MAX_PAGE",
    "MAX_PAGES",
    "MAX_RATIO",
    "MAX_TEXT",
    "MAX_UNPACKED",
    "MAX_WORD",
    "PDF_SECONDS",
    "TOO_LONG",
    "Rejected",
]

# Characters of one article. The longest magazine pieces have about 120,000; a longer text is a dump of many articles.
MAX_TEXT = 200_000
# Bytes of a file that is held in memory as a whole. JSON lines are streamed and may be longer.
MAX_FILE = 50_000_000
# Bytes of one line of JSON: an article of MAX_TEXT characters, each a six-byte escape, and its keys.
MAX_LINE = 6 * MAX_TEXT + 1_000_000
# Bytes of a web page: the largest news pages with inline pictures and scripts stay well below.
MAX_PAGE = 10_000_000
# Files in an archive and bytes they unpack to: a year of a large newspaper.
MAX_MEMBERS = 100_000
MAX_UNPACKED = 500_000_000
# Unpacked to packed bytes. English text packs about 4 to 1, repeated rows 30 to 1; a bomb 1000 to 1.
MAX_RATIO = 200
# Pages of a PDF and seconds spent on it: a page takes some 20 ms, a long report has a hundred.
MAX_PAGES = 500
PDF_SECONDS = 60
# Bytes that a Word document unpacks to, pictures and all.
MAX_WORD = 200_000_000
# Articles that a feed or sitemap lists: the sitemap protocol allows 50,000, a feed has twenty to a hundred.
MAX_ENTRIES = 50_000
TOO_LONG = (
    f"the text is longer than {MAX_TEXT:,} characters; split it into its articles, one a file or a line"
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file or a row that is no article, and what to do about it; the good items beside it are kept."""

    source: str  # the file, "standard input", "pasted text"
    row: int | None  # line, row or item in it, counted from 1
    message: str

    def __str__(self) -> str:
        where = self.source if self.row is None else f"{self.source}, line {self.row}"
        return f"{where}: {self.message}"

    @classmethod
    def of(cls, error: InputError, source: str, row: int | None = None) -> Rejected:
        """Build the record from an error, whose own source and row count first."""
        return cls(error.source or source, row if error.row is None else error.row, error.message)
