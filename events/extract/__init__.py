"""Doc -> reports: who did what to whom, with the words that say so."""

from __future__ import annotations

from events.extract.rules import RuleExtractor

__all__ = ["RuleExtractor"]
