"""Serving the map's borders to the browser: the bundled ones, or those of whoever runs the dashboard."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import streamlit as st

from events.charts import borders as drawn
from events.errors import InputError
from events.reference import borders_file

__all__ = ["address", "detail", "note", "policy"]

_STATIC = Path(__file__).parent / "static" / "topojson"
_ADDRESS = "app/static/topojson/"


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(path: str, changed: int) -> tuple[drawn.Borders, str]:  # noqa: ARG001 - a changed file is read again
    """Return the borders and their address; an operator's file is copied to where the browser may fetch it."""
    chosen = drawn.borders()
    if chosen.world is None:
        return chosen, _ADDRESS
    # plotly.js keeps borders by the file's name alone for as long as a page lives, and wants this name.
    name = f"own-{hashlib.blake2b(chosen.world, digest_size=6).hexdigest()}"
    served = _STATIC / name / "world_50m.json"
    if not served.is_file():
        try:
            served.parent.mkdir(exist_ok=True)
            served.write_bytes(chosen.world)
        except OSError as error:
            raise InputError(
                f"cannot be copied to {served} ({error.strerror}); make that folder writable, or replace "
                "world_50m.json in it",
                source=f"ENTENTE_BORDERS={path}",
            ) from error
    return chosen, f"{_ADDRESS}{name}/"


def _current() -> tuple[drawn.Borders, str]:
    path = borders_file()
    changed = path.stat().st_mtime_ns if path is not None and path.is_file() else 0
    return _read(str(path or ""), changed)


def note() -> str:
    """Return what captions say of the borders."""
    return _current()[0].note


def policy() -> str:
    """Return whose borders these are and how disputed ones are drawn."""
    return _current()[0].policy


def detail() -> Literal[110, 50]:
    """Return the coarsest scale at which these borders are there: 110 for the bundled ones, 50 for an operator's."""
    return 50 if _current()[0].world is not None else 110


def address() -> str:
    """Return where plotly.js fetches the borders, relative to the page."""
    return _current()[1]
