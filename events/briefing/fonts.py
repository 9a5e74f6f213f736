"""The faces that we ship, for pictures and pages that must look the same where they are not installed.

They are those of the dashboard: `.streamlit/config.toml` lists them, `events/dashboard/static/fonts` holds them.
"""

from __future__ import annotations

import base64
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from events.errors import DataError

__all__ = ["Face", "faces"]

_ROOT = Path(__file__).resolve().parents[2]
_SERVED = "app/static/"  # what streamlit calls the folder in the addresses


@dataclass(frozen=True, slots=True)
class Face:
    """One face: family, weight ("400" or a range as "100 700"), its characters, and the file as a data URI."""

    family: str
    weight: str
    unicode: str
    url: str


@cache
def faces() -> tuple[Face, ...]:
    """Return the faces that we ship; raises DataError where a file is missing."""
    try:
        settings = tomllib.loads((_ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        found = []
        for face in settings["theme"]["fontFaces"]:
            file = _ROOT / "events" / "dashboard" / "static" / face["url"].removeprefix(_SERVED)
            packed = base64.b64encode(file.read_bytes()).decode()
            found.append(
                Face(
                    face["family"],
                    str(face["weight"]),
                    face["unicodeRange"],
                    f"data:font/woff2;base64,{packed}",
                )
            )
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"the fonts cannot be read ({error}); restore them with `git checkout`") from error
    return tuple(found)
