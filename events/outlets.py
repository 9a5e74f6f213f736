"""Who reports: the registry of outlets, by domain and by name, with the country they speak from and who owns them.

`country` is that of the state which runs or funds an outlet, else the one that it is edited in. `kind` is "state" (run
or controlled by a government), "public" (publicly owned or funded, its independence laid down by law), "agency" (a
news agency that is neither) or "private". An outlet with several domains has a row for each. The table is
`data/outlets/outlets.csv`; it was written from general knowledge, without a source to cite: correct it where it errs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

from events.reference import column_list, table

__all__ = ["KINDS", "Outlet", "OutletKind", "outlet_of", "outlets"]

OutletKind = Literal["state", "public", "private", "agency"]

KINDS: tuple[OutletKind, ...] = ("state", "public", "agency", "private")


@dataclass(frozen=True, slots=True)
class Outlet:
    """A newspaper, broadcaster, agency or news site."""

    domain: str  # without "www."; subdomains are the same outlet unless they have a row of their own
    name: str
    country: str  # party code
    kind: OutletKind
    aliases: tuple[str, ...] = ()  # other names that articles and databases give it


@cache
def outlets() -> dict[str, Outlet]:
    """Return the outlets by domain, in the order of the table."""
    return {
        row["domain"]: Outlet(
            row["domain"],
            row["name"],
            row["country"],
            row["kind"],  # type: ignore[arg-type]  # a test holds the table to KINDS
            tuple(column_list(row["aliases"])),
        )
        for row in table("outlets/outlets.csv")
    }


@cache
def _by_name() -> dict[str, Outlet]:
    """Return the outlets by each of their names, as compared; a name that two of them have is nobody's."""
    found: dict[str, Outlet | None] = {}
    for outlet in outlets().values():
        for name in {_key(name) for name in (outlet.name, outlet.domain, *outlet.aliases)}:
            first = found.setdefault(name, outlet)
            if first is not None and first.name != outlet.name:
                found[name] = None
    return {name: outlet for name, outlet in found.items() if outlet is not None}


def _key(name: str) -> str:
    words = re.sub(r"[^\w.]+", " ", name.casefold()).strip()
    return re.sub(r"^(?:the|www\.) ?|(?:\.com| online| website)$", "", words).strip(" .")


def outlet_of(url: str | None = None, name: str | None = None) -> Outlet | None:
    """Return the registered outlet of an article's address, else of the name it gives; None where neither is known."""
    if url:
        try:
            host = (urlsplit(url if "//" in url else f"//{url}").hostname or "").lower().rstrip(".")
        except ValueError:
            host = ""
        labels = host.split(".")
        for at in range(len(labels) - 1):
            if (found := outlets().get(".".join(labels[at:]))) is not None:
                return found
    return _by_name().get(_key(name)) if name else None
