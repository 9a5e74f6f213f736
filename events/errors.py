"""The errors that Entente raises, all children of one.

    EntenteError
    ├── InputError          what a user gave cannot be used; names the file and, where there is one, the row
    │   ├── UnreadableInput     a file or a row that is no article: empty, binary, broken, too large
    │   ├── FetchError          an address that may not be reached, or gave no usable answer
    │   └── UnknownCode         a code that no table of ours knows
    ├── EndpointError       the server of a language model cannot be used: nothing answers, the key or the model is wrong
    │   └── ReplyError          its reply to one article cannot be used
    ├── DataError           a bundled reference file is missing or broken
    ├── PictureError        a picture could not be made
    │   └── NoChrome            no Chrome or Chromium is installed to make it
    ├── SparkError          pyspark or Java is missing, or the cluster gave a job up
    └── StoreError          the store cannot be opened, read or written

Every message says what happened and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "DataError",
    "EndpointError",
    "EntenteError",
    "FetchError",
    "InputError",
    "NoChrome",
    "PictureError",
    "ReplyError",
    "SparkError",
    "StoreError",
    "UnknownCode",
    "UnreadableInput",
]


class EntenteError(Exception):
    """Parent of every error that Entente raises on purpose."""


class InputError(EntenteError):
    """What a user gave cannot be used.

    `source` names the file (or "standard input", "pasted text"), `row` the line or row in it, counted from 1.
    """

    def __init__(self, message: str, *, source: str | None = None, row: int | None = None) -> None:
        where = "" if source is None else source if row is None else f"{source}, line {row}"
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.source = source
        self.row = row


class UnreadableInput(InputError):
    """A file or a row that yields no article: empty, binary, broken, too large, outside the folder."""


class FetchError(InputError):
    """An address that may not be reached, or that gave no usable answer; `source` is the address.

    `passing` says that later may go better, `retry_after` when (the server's header, seconds or a date), `status`
    is that of HTTP where the server answered.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        status: int | None = None,
        passing: bool = False,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(message, source=source)
        self.status = status
        self.passing = passing
        self.retry_after = retry_after


class UnknownCode(InputError):
    """A code that no table of ours knows; raised rather than coded as "other"."""

    def __init__(
        self, kind: str, value: object, *, hint: str = "", source: str | None = None, row: int | None = None
    ) -> None:
        super().__init__(f"unknown {kind} {value!r}{'; ' + hint if hint else ''}", source=source, row=row)
        self.kind = kind
        self.value = value


class EndpointError(EntenteError):
    """The server of a language model cannot be used at all: a run stops; the message says what to do."""


class ReplyError(EndpointError):
    """The server's reply to one article cannot be used: that article is left out and told, others go on."""


class DataError(EntenteError):
    """A bundled reference file is missing or broken; reinstalling or `git checkout data/` mends it."""


class StoreError(EntenteError):
    """The store cannot be opened, read or written; the message names the folder and what to do."""


class SparkError(EntenteError):
    """Spark was asked for and cannot run here, or gave a job up; the message says what is missing or went wrong."""


class PictureError(EntenteError):
    """A picture (PNG, SVG, PDF) could not be made; the message says why, and what else can be done."""


class NoChrome(PictureError):
    """No Chrome or Chromium is installed, which makes PNG, SVG and PDF; HTML and CSV need none."""

    def __init__(self) -> None:
        super().__init__(
            "PNG, SVG and PDF need Chrome or Chromium on this computer, and none is found: install it, or name it in "
            "BROWSER_PATH. HTML and CSV need none; the HTML page saves PNG and SVG in the reader's browser."
        )
