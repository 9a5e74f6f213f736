"""Entente: news articles become bilateral events, with the words that say so.

`from events.read import read`, `from events.pipeline import code`, `from events.store import Store` and
`from events.queries import Queries` are the four doors; the records are in `events.schema`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from events.pipeline import code
    from events.queries import Queries
    from events.schema import Article, Event, Report, Selection
    from events.store import Store

__version__ = "0.1.0"

_FACE = {
    "Article": "events.schema",
    "Event": "events.schema",
    "Queries": "events.queries",
    "Report": "events.schema",
    "Selection": "events.schema",
    "Store": "events.store",
    "code": "events.pipeline",
}

__all__ = ["Article", "Event", "Queries", "Report", "Selection", "Store", "__version__", "code"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: `import events` stays light."""
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'events' has no attribute {name!r}")
