"""What the store keeps beside the reports, so that a question need not read them: facts and monthly cells.

    facts    one row a report, with the agreed values of the event that it is in; `founds` marks the row whose
             values these are, so that the rows with `founds` are the events. Year of the event partitions.
    cells    events, reports and sum of intensity by dataset, dyad, direction, type, status and month

Both follow from the reports and the assignments and can be made anew at any time. Facts are rewritten where an
event's values change; cells are only ever added to, and a row with negative numbers takes back an earlier one.
"""

from __future__ import annotations

import pyarrow as pa

from events.schema import REPORT_SCHEMA

__all__ = ["CELL_SCHEMA", "FACT_SCHEMA", "MARK", "cells_of", "facts_of", "joined_facts", "summed_cells"]

MARK = "\x1f"
"""Stands before, between and after the names of a flat list (U+001F, which no name holds); none: ""."""

_OWN = pa.schema(
    [
        ("report_id", pa.string()),
        ("event_id", pa.string()),
        ("article_id", pa.string()),
        ("founds", pa.bool_()),
        ("report_year", pa.int32()),
        ("article_no", pa.int32()),
        ("outlet", pa.string()),
        ("outlet_no", pa.int32()),
        ("published", pa.date32()),
    ]
)
# The columns that a fact takes from the report that leads its event, as they stand there.
_TAKEN = (
    "dataset", "source", "target", "symmetric", "event_type", "mode", "quad_class", "intensity", "status",
    "planned_for", "date", "date_precision", "date_basis", "place", "attributed_to", "confidence",
)  # fmt: skip
_FLAT = ("issue_names", "domains", "sectors", "flag_names")
_ISSUES = pa.list_(pa.struct([("issue", pa.string()), ("domain", pa.string())]))

FACT_SCHEMA = pa.schema(
    [
        *_OWN,
        *(REPORT_SCHEMA.field(name) for name in _TAKEN),
        ("issues", _ISSUES),
        *((name, pa.string()) for name in _FLAT),
        ("year", pa.int32()),
    ]
)
"""Table `facts`: `report_year` and `outlet`, `published` (its day) are the report's own, the rest the event's.

`article_no` numbers the articles of the store from 0. `outlet_no` is k where the report brings the k-th outlet
to its event, else 0: an event told by n outlets or more has one row with n, and no row need be joined to count
it. `issue_names`, `domains`, `sectors` and `flag_names` are flat lists.
"""

# Without domains: an event has several, and by their sets a store of ten million events has six million cells
# (two million without), which is no quicker to read than the facts.
_DIMENSIONS = ("dataset", "source", "target", "symmetric", "event_type", "quad_class", "status")

CELL_SCHEMA = pa.schema(
    [
        *(FACT_SCHEMA.field(name) for name in _DIMENSIONS),
        ("date", pa.date32()),
        ("year", pa.int32()),
        ("events", pa.int64()),
        ("reports", pa.int64()),
        ("intensity", pa.float64()),
    ]
)
"""Table `cells`: `date` is the first day of the month (null where undated), `intensity` the sum over events."""


def _flat(items: str, key: str = "") -> str:
    values = f"list_transform({items}, lambda i: i.{key})" if key else items
    names = f"list_sort(list_distinct({values}))"
    return f"coalesce(chr(31) || nullif(array_to_string({names}, chr(31)), '') || chr(31), '')"


def _own(founds: str) -> str:
    return (
        f"r.report_id, r.event_id, r.article_id, {founds} AS founds, r.year AS report_year, "
        "n.number AS article_no, r.outlet, "
        "CASE WHEN r.brings THEN coalesce(h.outlets, 0) + sum(r.brings::INTEGER) OVER "
        "(PARTITION BY r.event_id ORDER BY r.report_id ROWS UNBOUNDED PRECEDING) ELSE 0 END AS outlet_no, "
        "try_cast(substr(r.published, 1, 10) AS DATE) AS published"
    )


def _bringing(told: str, *, known: str = "false") -> str:
    """Return the SQL of `told` with `brings`: whether the report is the first of its outlet in the event."""
    return (
        "SELECT *, outlet IS NOT NULL AND NOT "  # noqa: S608 parts are ours
        f"({known}) AND row_number() OVER (PARTITION BY event_id, outlet ORDER BY report_id) = 1 AS brings "
        f"FROM ({told}) t"
    )


def facts_of(heads: str, told: str) -> str:
    """Return the SQL of the facts of `told`, led by `heads` (both SQL of reports with their `event_id`).

    `told` holds all reports of these events. A table `numbers` (article_id, number) is to be there. Sorted as the table keeps them.
    """
    taken = ", ".join(f'h."{name}"' for name in _TAKEN)
    issues = "list_transform(h.issues, lambda i: {'issue': i.issue, 'domain': i.domain}) AS issues"
    flat = (
        f"{_flat('h.issues', 'issue')} AS issue_names, {_flat('h.issues', 'domain')} AS domains, "
        f"{_flat('h.actors', 'sector')} AS sectors, {_flat('h.flags')} AS flag_names"
    )
    return (
        f"WITH heads AS (SELECT *, 0 AS outlets FROM ({heads})), told AS ({_bringing(told)}) "  # noqa: S608 parts are ours
        f"SELECT {_own('r.report_id = h.report_id')}, {taken}, {issues}, {flat}, h.year "
        "FROM told r JOIN heads h ON r.event_id = h.event_id JOIN numbers n ON n.article_id = r.article_id "
        "ORDER BY h.year, h.source, h.target, h.date"
    )


def joined_facts(stored: str, told: str) -> str:
    """Return the SQL of the facts of the reports `told` that join the events of the facts `stored`."""
    taken = ", ".join(f'h."{name}"' for name in (*_TAKEN, "issues", *_FLAT, "year"))
    known = "EXISTS (FROM stored s WHERE s.event_id = t.event_id AND s.outlet = t.outlet)"
    return (
        f"WITH stored AS ({stored}), heads AS (SELECT s.*, m.outlets FROM stored s JOIN "  # noqa: S608
        "(SELECT event_id, max(outlet_no) AS outlets FROM stored GROUP BY event_id) m USING (event_id) "
        f"WHERE s.founds), told AS ({_bringing(told, known=known)}) "
        f"SELECT {_own('false')}, {taken} FROM told r "
        "JOIN heads h ON r.event_id = h.event_id JOIN numbers n ON n.article_id = r.article_id "
        "ORDER BY h.year, h.source, h.target, h.date"
    )


def cells_of(facts: str, sign: int = 1) -> str:
    """Return the SQL of the cells that these facts add (with `sign` -1: take back)."""
    dimensions = ", ".join(f'"{name}"' for name in _DIMENSIONS)
    return (
        f"SELECT {dimensions}, date_trunc('month', date)::DATE AS date, year, "  # noqa: S608 parts are ours
        f"{sign} * count(*) FILTER (founds) AS events, {sign} * count(*) AS reports, "
        f"{sign} * coalesce(sum(intensity) FILTER (founds), 0) AS intensity "
        f"FROM ({facts}) GROUP BY ALL"
    )


def summed_cells(cells: str) -> str:
    """Return the SQL of the cells with equal ones made one, and those that come to nothing left out."""
    dimensions = ", ".join(f'"{name}"' for name in (*_DIMENSIONS, "date", "year"))
    return (
        f"SELECT {dimensions}, sum(events)::BIGINT AS events, sum(reports)::BIGINT AS reports, "  # noqa: S608
        f"sum(intensity) AS intensity FROM ({cells}) GROUP BY ALL "
        "HAVING sum(events) <> 0 OR sum(reports) <> 0 ORDER BY source, target, date"
    )
