"""Entente without a browser: `python -m events COMMAND`."""

from __future__ import annotations

import getpass
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from events import __version__
from events.errors import EntenteError, InputError, StoreError, UnknownCode
from events.gazetteer import party_code
from events.reference import SIDECAR, default_store
from events.schema import Article, Selection

if TYPE_CHECKING:
    from events import asking
    from events.extract.llm import Settings
    from events.intake import Summary
    from events.merges import Decision
    from events.store import Store
    from events.watch import Pass

app = typer.Typer(
    help="From news articles to bilateral events: who did what to whom, with the words that say so.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True, highlight=False)

EXIT_PARTLY = 3
"""Exit code of a run that did its work but left bad items out."""

StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Folder of the store. Default: $ENTENTE_STORE, else data/store."),
]

DyadOption = Annotated[str | None, typer.Option(help="Two parties, e.g. GRC-TUR or Greece-Turkey.")]
PartyOption = Annotated[
    list[str] | None, typer.Option(help="A party's code or name; may be given more than once.")
]
StartOption = Annotated[str | None, typer.Option("--from", help="First day, ISO date.")]
EndOption = Annotated[str | None, typer.Option("--to", help="Last day, ISO date.")]
TypeOption = Annotated[list[str] | None, typer.Option("--type", help="PLOVER type, e.g. CONSULT.")]
DatasetOption = Annotated[str | None, typer.Option(help='"articles" or "samples".')]
CodedOption = Annotated[
    bool, typer.Option("--as-coded", help="The coder's values, without what people corrected.")
]


class Coder(StrEnum):
    """Where `code` codes."""

    local = "local"
    spark = "spark"


class Format(StrEnum):
    """Formats of `export`."""

    csv = "csv"
    parquet = "parquet"
    jsonl = "jsonl"
    plover = "plover"


def _version(*, value: bool) -> None:
    if value:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=lambda value: _version(value=value)
        ),
    ] = False,
) -> None:
    """Keep `--version` beside the commands."""


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def _count(n: int, noun: str) -> str:
    return f"{n} {noun if n == 1 else noun + 's'}"


# A terminal obeys these, and titles, addresses and reasons are other people's words.
_OBEYED = {c: "\ufffd" for c in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(c) not in "\t\n"}


def _tell(message: str) -> None:
    """Write a message to standard error, whole, whatever the width of the terminal."""
    errors.print(message.translate(_OBEYED), markup=False, soft_wrap=True)


def _line(*cells: object) -> None:
    """Write a line of cells to standard output, parted by tabs, which no cell then holds."""
    typer.echo("\t".join(" ".join(str(cell).translate(_OBEYED).split()) for cell in cells))


@app.command()
def code(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help='Articles: JSON lines, or any file, folder or web address that `add` reads; "-" is standard input.',
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help='Where the reports go, one a line; "-" is standard output. With Spark: the folder of a store.',
        ),
    ] = "-",
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=256, help="Processes that code at the same time.")
    ] = 1,
    engine: Annotated[
        Coder, typer.Option("--engine", help="Where articles are coded: here, or on a Spark cluster.")
    ] = Coder.local,
) -> None:
    """Code articles to JSON lines, one report a line. Needs no store.

    Of JSON lines, each is an object with "text" and, if you have them, "id", "title", "published" (ISO date), "url"
    and "outlet". Each output line is one report: who did what to whom, type, date, place, actors, issues, and
    the characters of the article that say so. Offsets count characters of the title, a newline and the text
    (of the text alone where there is no title). What is bad is told on standard error and left out.

    Example:  `python -m events code articles.jsonl --to reports.jsonl`

    With `--engine spark` the articles (whatever `add` reads) are coded on the cluster that the environment variable
    ENTENTE_SPARK names (default: the cores of this machine) and go into a store, as `add` would put them there.
    Articles that are already there are skipped, so running again completes a run that was stopped.

    Example:  `python -m events code --engine spark articles.jsonl --to store`
    """
    if engine is Coder.spark:
        _code_on_spark(sources, to)
        return
    from events import pipeline  # noqa: PLC0415  loads spaCy: only where articles are coded
    from events.export import replacing  # noqa: PLC0415
    from events.read import Rejected, read_given, read_lines  # noqa: PLC0415

    bad = articles = reports = 0
    ids: deque[str] = deque()
    lines = len(sources) == 1 and _is_lines(sources[0])

    def good() -> Iterator[Article]:
        nonlocal bad
        for item in read_lines(sources[0]) if lines else read_given(sources):
            if isinstance(item, Rejected):
                bad += 1
                _tell(str(item))
            else:
                ids.append(item[1])
                yield item[0]

    with ExitStack() as stack:
        target: TextIO = sys.stdout
        if to != "-":
            temporary = stack.enter_context(replacing(Path(to)))
            target = stack.enter_context(temporary.open("w", encoding="utf-8", newline="\n"))
        bar = stack.enter_context(_progress())
        task = bar.add_task("Coding articles", total=None)
        for done in pipeline.code(good(), processes=processes):
            given = ids.popleft()
            articles += 1
            if done.skipped:
                name = "standard input" if sources == ["-"] else sources[0] if lines else done.article.origin
                _tell(f"{name}, article {given or articles}: not coded: {done.skipped}")
            for report in done.reports:
                values = report.to_json()
                values["article"] = given or done.article.article_id
                target.write(json.dumps(values, ensure_ascii=False) + "\n")
                reports += 1
            bar.update(task, advance=1)
    _tell(
        f"{_count(articles, 'article')} coded, {_count(reports, 'report')}"
        + (f", {_count(bad, 'line' if lines else 'item')} left out" if bad else "")
    )
    if bad:
        raise typer.Exit(EXIT_PARTLY)


def _is_lines(source: str) -> bool:
    """Say whether a single source is JSON lines, as scripts pass them: streamed, and an error where missing."""
    from events.read import is_address  # noqa: PLC0415

    path = Path(source)
    if source in {"-", ""} or is_address(source) or path.is_dir():
        return source in {"-", ""}
    return path.suffix.lower() in {"", ".jsonl", ".ndjson"} or not path.exists()


def _code_on_spark(sources: Sequence[str], to: str) -> None:
    from events.intake import take_in_on_spark  # noqa: PLC0415
    from events.read import read  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    if to == "-":
        raise InputError("Spark codes into a store: name its folder, --to STORE")
    with _taking_in() as show:
        summary = take_in_on_spark(read(sources), Store(to), progress=show)
    _told(summary)


@contextmanager
def _taking_in() -> Iterator[Callable[[Summary], None]]:
    """Show on a bar how many articles were taken in; yields what to call with each summary."""
    with _progress() as bar:
        task = bar.add_task("Adding articles", total=None)
        yield lambda summary: bar.update(
            task, completed=summary.read, description=f"Adding articles, {summary.reports} reports"
        )


def _told(summary: Summary) -> None:
    """Tell what was taken in; ends the run with EXIT_PARTLY where items were left out."""
    for rejected in summary.rejected:
        _tell(str(rejected))
    for origin, why in summary.uncoded:
        _tell(f"{origin}: kept, not coded: {why}")
    skipped = f"{summary.duplicates} already there, " if summary.duplicates else ""
    _tell(
        f"{_count(summary.read, 'article')} read: {summary.coded} coded with {_count(summary.reports, 'report')}, "
        f"{skipped}{len(summary.uncoded)} kept uncoded; {_count(len(summary.rejected), 'item')} left out. "
        f"Store version {summary.version}, {summary.seconds:.1f} s.",
    )
    if summary.rejected:
        raise typer.Exit(EXIT_PARTLY)


@app.command()
def add(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Files and folders (txt, html, pdf, docx, eml, mbox, feeds, exports of press databases, jsonl, csv, "
            'zip) and web addresses; "-" reads standard input.'
        ),
    ],
    store: StoreOption = None,
) -> None:
    """Read articles, code them and add their events to the store.

    Articles that are already there are skipped, so running again is safe and completes a run that was stopped.
    Bad items are told with file and line, and left out; good ones beside them are kept.

    Example:  `python -m events add clippings/ more.jsonl`
    """
    from events.intake import take_in  # noqa: PLC0415
    from events.read import read  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    with _taking_in() as show:
        summary = take_in(read(sources), Store(store or default_store()), progress=show)
    _told(summary)


@app.command(name="import")
def bring(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="gdelt, icews, polecat, acled, ucdp, entente, or auto: told by each file's content.",
        ),
    ],
    files: Annotated[list[Path], typer.Argument(help="Files of other data sets; gzip and zip are read too.")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to", "--store", help="Folder of the store. Default: $ENTENTE_STORE, else data/store."
        ),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Name of the data set. Default: that of the format, e.g. GDELT.")
    ] = None,
    rejected: Annotated[
        Path, typer.Option(help="Where bad rows go, with file, row and reason; made where there are any.")
    ] = Path("rejected.csv"),
) -> None:
    """Bring events of other data sets into the store, each as a data set of its own.

    Rows that are no act of one party towards another are left out and counted. A file that is not of the format is
    refused whole. Rows that are stored already are left out, so a run that was stopped is run again.

    Example:  `python -m events import gdelt 20240503*.export.CSV.zip --to store --dataset "GDELT May 2024"`
    """
    from events.imports import Imported, bring  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    opened = Store(to or default_store())
    with _progress() as bar:
        task = bar.add_task("Importing", total=None)

        def show(summary: Imported) -> None:
            rate = summary.rows / summary.seconds if summary.seconds else 0
            bar.update(
                task, completed=summary.rows, description=f"Importing {summary.dataset}, {rate:,.0f} rows/s"
            )

        done = bring(
            files,
            opened,
            wanted=None if kind == "auto" else kind,
            dataset=dataset,
            rejected_to=rejected,
            progress=show,
        )
    for summary in done:
        for line in summary.told():
            _tell(line)
    if any(summary.rejected for summary in done):
        _tell(f"Bad rows are in {rejected}")
    if any(summary.rejected or summary.refused for summary in done):
        raise typer.Exit(EXIT_PARTLY)


@app.command()
def watch(
    feeds: Annotated[Path, typer.Argument(metavar="feeds.toml", help="The feeds and sitemaps to watch.")],
    every: Annotated[
        str, typer.Option("--every", help="Time from one pass to the next: 15m, 2h, 1d.")
    ] = "15m",
    *,
    once: Annotated[bool, typer.Option("--once", help="One pass, for cron.")] = False,
    store: StoreOption = None,
) -> None:
    """Take what is new in feeds and sitemaps, code it and add its events to the store, pass by pass.

    A feeds.toml names them: `[[feed]]`, `url = "https://..."` and, if you like, `outlet`, `limit` (articles a pass,
    50), `since` (a day), `match` (a regular expression on address or title). Above them `pause` (seconds between two
    requests to one host, 2), `dataset`, and `allow` (servers of your own in a private network: "10.0.0.5:8080").
    What a feed has not changed is not fetched again; robots.txt is heeded; what fails is told and tried again in
    the next passes. Ctrl-C stops it; what is committed stays, the rest comes with the next pass.

    Example:  `python -m events watch feeds.toml --every 15m`
    """
    import time  # noqa: PLC0415

    from events.store import Store  # noqa: PLC0415
    from events.watch import Watcher, load  # noqa: PLC0415
    from events.watch import every as span  # noqa: PLC0415

    seconds = span(every)
    watcher = Watcher(load(feeds), Store(store or default_store()))

    def look() -> Pass:
        with _progress() as bar:
            task = bar.add_task("Watching", total=len(watcher.feeds.feeds))
            done = watcher.once(
                progress=lambda url: bar.update(task, advance=1, description=f"Reading {url[:60]}")
            )
        for line in done.told():
            _tell(line)
        return done

    try:
        if once:
            if look().failed:
                raise typer.Exit(EXIT_PARTLY)
            return
        while True:
            began = time.monotonic()
            try:
                look()
            except StoreError as error:  # a store that is busy, or a full disk, may be well by the next pass
                _tell(f"this pass broke off: {error}")
            time.sleep(max(0.0, began + seconds - time.monotonic()))
    except KeyboardInterrupt:
        _tell("stopped; what was committed to the store is kept, the rest comes with the next pass")
        raise typer.Exit(130) from None


@app.command()
def compact(store: StoreOption = None) -> None:
    """Merge the small files of the store. Adding does it by itself when they become many."""
    from events.store import Store  # noqa: PLC0415

    opened = Store(store or default_store())
    _tell(f"{_count(opened.compact(), 'file')} merged; store version {opened.version()}")


@app.command()
def vacuum(
    hours: Annotated[
        int, typer.Option("--hours", min=0, help="Keep files that were needed within so many hours.")
    ] = 168,
    store: StoreOption = None,
) -> None:
    """Delete files that the newest version does not need. Older versions can then no longer be read."""
    from events.store import Store  # noqa: PLC0415

    opened = Store(store or default_store())
    _tell(f"{_count(opened.vacuum(hours), 'file')} deleted; store version {opened.version()}")


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="File to write.")],
    kind: Annotated[
        Format | None,
        typer.Option(
            "--format", help="csv, parquet, jsonl (our keys) or plover (PLOVER's names). Default: by ending."
        ),
    ] = None,
    dyad: DyadOption = None,
    party: PartyOption = None,
    start: StartOption = None,
    end: EndOption = None,
    event_type: TypeOption = None,
    dataset: DatasetOption = None,
    store: StoreOption = None,
    *,
    as_coded: CodedOption = False,
) -> None:
    """Write the events of a selection: CSV and Parquet one row an event, JSONL one report a line.

    Example:  `python -m events export greece-turkey.csv --dyad GRC-TUR --from 2020-01-01`
    """
    from events.export import write  # noqa: PLC0415
    from events.queries import Queries, validate  # noqa: PLC0415

    selection = replace(_selection(dyad, party, start, end, event_type, dataset), as_coded=as_coded)
    chosen = kind or {".csv": Format.csv, ".parquet": Format.parquet, ".jsonl": Format.jsonl}.get(
        to.suffix.lower()
    )
    if chosen is None:
        raise InputError(f"no format is known by the ending of {to.name!r}; add --format", source=str(to))
    validate(selection)
    _writable(to)
    opened = _filled(store)
    n = write(Queries(opened), selection, to, chosen.value)
    _tell(f"{n} {'events' if chosen in {Format.csv, Format.parquet} else 'reports'} written to {to}")
    if chosen is not Format.parquet:
        _tell_aside(to)


@app.command()
def chart(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="map, timeline, index, matrix, network, issues, topics, treemap or types.",
        ),
    ],
    to: Annotated[
        Path, typer.Option("--out", help="File to write: .png, .svg, .pdf, .html or .csv (its table).")
    ],
    dyad: DyadOption = None,
    party: PartyOption = None,
    start: StartOption = None,
    end: EndOption = None,
    event_type: TypeOption = None,
    dataset: DatasetOption = None,
    size: Annotated[
        str, typer.Option(help="slide (16:9), half (of a slide), page (160 mm) or web.")
    ] = "slide",
    scale: Annotated[float, typer.Option(min=0.5, max=4, help="Pixels of a PNG for each of the size.")] = 2,
    store: StoreOption = None,
    *,
    as_coded: CodedOption = False,
    transparent: Annotated[bool, typer.Option("--transparent", help="No white ground.")] = False,
) -> None:
    """Draw a chart of a selection, with its finding, period, n, filters, source and store version.

    PNG, SVG and PDF need an installed Chrome or Chromium; HTML (one file, no network) and CSV need none.

    Example:  `python -m events chart index --dyad RUS-TUR --from 2022-01-01 --out x.svg`
    """
    from events.briefing import frames, kinds, pictures  # noqa: PLC0415
    from events.errors import NoChrome  # noqa: PLC0415
    from events.export import csv_of, replacing  # noqa: PLC0415
    from events.queries import Queries, validate  # noqa: PLC0415
    from events.sidecar import beside, described, facts_of, meanings  # noqa: PLC0415
    from events.views import Desk  # noqa: PLC0415

    ending = to.suffix.lower().removeprefix(".")
    picture = next((known for known in pictures.KINDS if known == ending), None)
    if picture is None and ending not in {"html", "csv"}:
        raise InputError(
            f"no format is known by the ending of {to.name!r}; take .png, .svg, .pdf, .html or .csv",
            source=str(to),
        )
    if size not in frames.SIZES:
        raise InputError(f"there is no size {size!r}; choose one of {', '.join(frames.SIZES)}")
    selection = replace(_selection(dyad, party, start, end, event_type, dataset), as_coded=as_coded)
    validate(selection)
    _writable(to)
    if picture is not None and pictures.chrome() is None:
        raise NoChrome
    opened = _filled(store)
    queries = Queries(opened)
    drawn = kinds.chart(kind.lower(), queries, selection, Desk(opened.location).note_frame(selection))
    if picture is not None and (fontless := drawn.framed.lacking):
        _tell(fontless)
    with ExitStack() as stack:
        aside = stack.enter_context(replacing(beside(to), named=to)) if ending == "csv" else None
        temporary = stack.enter_context(replacing(to))
        if picture is not None:
            ground: frames.Ground = "transparent" if transparent else "white"
            made = frames.picture(drawn.framed, picture, size=size, ground=ground, scale=scale)
        elif ending == "html":
            made = frames.page(drawn.framed, size=size).encode()
        else:
            made = csv_of(drawn.table).encode()
            told = {"caption": " · ".join(filter(None, drawn.framed.notes))} | facts_of(queries, selection)
            columns = meanings(drawn.table.columns)
            text = described(to.name, made, told, title=drawn.framed.title, columns=columns)
            if aside is not None:
                aside.write_text(text, encoding="utf-8")
        temporary.write_bytes(made)
    _tell(f"{drawn.framed.title}. {' · '.join(part for part in drawn.framed.notes if part)}. Written to {to}")
    if ending == "csv":
        _tell_aside(to)


def _tell_aside(to: Path) -> None:
    """Say where it stands what a table holds."""
    _tell(f"Period, filters and store version are in {to}{SIDECAR}")


def _selection(
    dyad: str | None,
    party: list[str] | None,
    start: str | None,
    end: str | None,
    event_type: list[str] | None,
    dataset: str | None,
) -> Selection:
    """Return the Selection that the options ask for."""
    return Selection(
        parties=tuple(party_code(name) for name in party or ()),
        dyad=None if dyad is None else _dyad(dyad),
        start=_day(start),
        end=_day(end),
        event_types=tuple(name.upper() for name in event_type or ()),
        dataset=dataset,
    )


def _filled(store: str | None) -> Store:
    """Return the store; raises InputError where it is empty."""
    from events.store import Store  # noqa: PLC0415

    opened = Store(store or default_store())
    if opened.is_empty():
        raise InputError(
            "the store is empty; add articles first (python -m events add FILES)", source=opened.location
        )
    return opened


def _writable(to: Path) -> None:
    if not to.parent.is_dir():
        raise InputError("cannot be written (there is no such folder); choose another place", source=str(to))


def _dyad(text: str) -> tuple[str, str]:
    """Return the two parties of "GRC-TUR" or "Timor-Leste-Indonesia": the hyphen that leaves a name on both sides."""
    parts = text.split("-")
    error: EntenteError = InputError(f"a dyad is two party codes such as GRC-TUR, not {text!r}")
    for at in range(1, len(parts)):
        try:
            return party_code("-".join(parts[:at])), party_code("-".join(parts[at:]))
        except UnknownCode as unknown:
            error = unknown
    raise error


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InputError(f"a day is written YYYY-MM-DD, not {value!r}") from None


@app.command()
def samples(
    store: StoreOption = None,
    *,
    if_empty: Annotated[bool, typer.Option(help="Only where the store is empty.")] = False,
) -> None:
    """Code the bundled sample articles into the store; `make dashboard` does this for an empty store."""
    from events.intake import take_in_samples  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    opened = Store(store or default_store())
    if if_empty and not opened.is_empty():
        return
    with _progress() as bar:
        task = bar.add_task("Coding the bundled samples", total=None)
        summary = take_in_samples(opened, progress=lambda s: bar.update(task, completed=s.read))
    _tell(f"{summary.coded} sample articles coded, {summary.reports} reports, {summary.seconds:.1f} s")


WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept with the decision.")]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who decides. Default: your name on this computer.")
]


@app.command()
def merge(
    into: Annotated[str, typer.Argument(metavar="A", help="The event that stays.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The event whose reports go into A.")],
    why: WhyOption,
    by: ByOption = None,
    store: StoreOption = None,
) -> None:
    """Make two events one: they are one act. The id of B leads to A from then on.

    Example:  `python -m events merge 5f1c… 9a0b… --why "both are the call of 3 May"`
    """
    from events import merges  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    _decided(merges.merge(Store(store or default_store()), into, other, why=why, by=_who(by)))


@app.command()
def split(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="The report that tells another act.")],
    why: WhyOption,
    by: ByOption = None,
    store: StoreOption = None,
) -> None:
    """Take a report out of its event, into one of its own. Adding articles later does not put it back.

    Example:  `python -m events split 5f1c… --why "another strike, a day later"`
    """
    from events import merges  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    _decided(merges.split(Store(store or default_store()), report, why=why, by=_who(by)))


@app.command()
def undo(
    version: Annotated[int, typer.Argument(min=1, help="The store version that holds the decision.")],
    why: WhyOption,
    by: ByOption = None,
    store: StoreOption = None,
) -> None:
    """Take a merge or a split back, or an undo: reports go where they were before that store version."""
    from events import merges  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    _decided(merges.undo(Store(store or default_store()), version, why=why, by=_who(by)))


@app.command()
def why(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The id of an event or of a report in it.")],
    store: StoreOption = None,
) -> None:
    """Tell why each report is in an event, and what was decided on it. One assignment a line, tab-separated.

    Columns: store version, report, event, who, reason. The last line of a report counts.
    """
    from events.queries import Queries  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    opened = Store(store or default_store())
    queries = Queries(opened)
    found = queries.event(event)
    if found is None:
        raise InputError(f"there is no event {event}", source=opened.location)
    for row in queries.memberships(found.event_id).itertuples():
        _line(row.commit, row.report_id, row.event_id, row.by, row.reason)


def _who(by: str | None) -> str:
    """Return who decides: as given, else the user's name on this computer."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        raise InputError("this computer does not know your name; add --by") from None


def _decided(decision: Decision) -> None:
    moved = ", ".join(f"{report} to {event}" for report, event in decision.moved.items())
    _tell(
        f"Store version {decision.version}: moved {_count(len(decision.moved), 'report')} ({moved}). "
        f"Take it back with: python -m events undo {decision.version} --why ..."
    )


@app.command()
def brief(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE", help="A recipe (TOML), or one that ships: dyad, country, issue, weekly."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="File to write: .pptx .docx .pdf .html .xlsx .csv .parquet .jsonl .geojson."
        ),
    ],
    dyad: Annotated[
        str | None, typer.Option(help="Two parties in place of the recipe's, e.g. GRC-TUR.")
    ] = None,
    party: Annotated[
        list[str] | None, typer.Option(help="A party in place of the recipe's; may be given more than once.")
    ] = None,
    issue: Annotated[
        list[str] | None, typer.Option(help="An issue in place of the recipe's; may be given more than once.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, ISO date.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day, ISO date.")] = None,
    dataset: Annotated[str | None, typer.Option(help='"articles" or "samples".')] = None,
    store: StoreOption = None,
) -> None:
    """Make a briefing from a recipe: slides, a document, pages, or the events behind it, by the file's ending.

    The same recipe at the same store version makes the same content. A recipe says `store = "latest"` or the number
    of a version. PDF, and the pictures of maps, need an installed Chrome or Chromium.

    Example:  `python -m events brief dyad --dyad GRC-TUR --out brief.pptx`
    """
    from events.briefing.recipe import load  # noqa: PLC0415
    from events.briefing.writer import needs_chrome, save  # noqa: PLC0415
    from events.queries import validate  # noqa: PLC0415

    asked = load(recipe)
    selection = asked.selection
    if dyad is not None:
        selection = replace(selection, dyad=_dyad(dyad), parties=())
    if party:
        selection = replace(selection, parties=tuple(map(party_code, party)), dyad=None)
    if issue:
        selection = replace(selection, issues=tuple(issue), domains=())
    if start or end:
        selection = replace(selection, start=_day(start), end=_day(end))
    if dataset:
        selection = replace(selection, dataset=dataset)
    if selection != asked.selection:
        asked = replace(asked, title="", days=None if start or end else asked.days)
    validate(selection)
    opened = _filled(store)
    if lacking := needs_chrome(out.suffix.lower().removeprefix(".")):
        _tell(lacking)
    if fontless := save(replace(asked, selection=selection), opened, out):
        _tell(fontless)
    _tell(f"Briefing written to {out}")
    if out.suffix.lower() in {".csv", ".jsonl"}:
        _tell_aside(out)


@app.command()
def opinion(
    dyad: DyadOption = None,
    party: PartyOption = None,
    start: StartOption = None,
    end: EndOption = None,
    dataset: DatasetOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Read so many articles at most: a random sample that stays.")
    ] = None,
    store: StoreOption = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell tokens, cost and time, and ask nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the run.")] = False,
    agreement: Annotated[
        bool, typer.Option("--agreement", help="Only tell how far rules and model agree so far.")
    ] = False,
) -> None:
    """Have a language model read stored articles too, and tell how far it agrees with the rules, field by field.

    Any server that speaks OpenAI's protocol will do: set ENTENTE_LLM_URL and ENTENTE_LLM_MODEL (and ENTENTE_LLM_KEY), or
    write data/llm.toml. Its reports are kept beside those of the rules and counted in no chart. Each value must quote the
    article, or it is dropped. Articles that it has read are skipped, so a run that was stopped is run again.

    Example:  `python -m events opinion --dyad GRC-TUR --limit 50 --dry-run`
    """
    from events import asking  # noqa: PLC0415
    from events.extract import llm  # noqa: PLC0415
    from events.queries import validate  # noqa: PLC0415

    configured = llm.settings()
    opened = _filled(store)
    if agreement:
        coder = llm.coder_of(configured.model) if configured else None
        _tell_agreement(opened, coder, _selection(dyad, party, start, end, None, dataset))
        return
    if configured is None:
        raise InputError(
            "no language model is configured; set ENTENTE_LLM_URL and ENTENTE_LLM_MODEL, or write "
            f"{llm.config_file()}, for example:\n\n{llm.EXAMPLE}"
        )
    selection = _selection(dyad, party, start, end, None, dataset)
    validate(selection)
    planned = asking.plan(opened, configured, selection, limit=limit)
    _tell(_estimated(planned, configured))
    if configured.doubt:
        _tell(configured.doubt)
    if dry_run or not planned.article_ids:
        return
    if not yes:
        if not sys.stdin.isatty():
            raise InputError(
                "nothing was asked: add --yes to run without a question, or --dry-run to see the cost"
            )
        typer.confirm(f"Send the articles to {configured.host}?", abort=True, err=True)
    with _progress() as bar:
        task = bar.add_task("Reading articles", total=len(planned.article_ids))

        def show(summary: asking.Summary) -> None:
            bar.update(
                task, completed=summary.done, description=f"Reading articles, {summary.reports} reports"
            )

        done = asking.ask(opened, configured, planned.article_ids, progress=show)
    for title, why in done.failed:
        _tell(f"{title}: not read: {why}")
    _tell(_asked(done))
    if done.reports:
        _tell_agreement(opened, llm.coder_of(configured.model), selection)
    if done.stopped:
        _tell(f"Stopped: {done.stopped}")
        raise typer.Exit(2)
    if done.failed:
        raise typer.Exit(EXIT_PARTLY)


def _estimated(planned: asking.Plan, configured: Settings) -> str:
    from events.charts.words import duration, money  # noqa: PLC0415

    e = planned.estimate
    before = f", {planned.read:,} read before" if planned.read else ""
    kept = f" ({e.kept:,} with answers that are kept)" if e.kept else ""
    cost = f", {money(e.cost, e.currency)}" if e.cost is not None else ", no price set"
    basis = f"as measured on {e.measured:,} articles" if e.measured else "as assumed before the first run"
    return (
        f"{configured.model} at {configured.host}: {_count(e.articles, 'article')} to read{kept}{before}; about "
        f"{_about(e.tokens_in):,} tokens in and {_about(e.tokens_out):,} out{cost}, {duration(e.seconds)} ({basis})."
    )


def _about(value: int) -> int:
    """Return an estimate with no more digits than it bears: two."""
    return round(value, 2 - len(str(value))) if value >= 100 else value


def _asked(done: asking.Summary) -> str:
    from events.charts.words import duration, money  # noqa: PLC0415

    cost = f", {money(done.cost, done.currency)}" if done.cost is not None else ""
    about = "" if done.counted else "about "
    kept = f", {done.kept:,} of them from answers that were kept" if done.kept else ""
    return (
        f"{_count(done.done, 'article')} read{kept}: {_count(done.reports, 'report')}, "
        f"{_count(done.refused, 'value')} refused, {_count(len(done.failed), 'article')} failed; "
        f"{about}{done.tokens_in:,} tokens in and {done.tokens_out:,} out{cost}, {duration(done.seconds)}."
    )


def _tell_agreement(opened: Store, coder: str | None, selection: Selection) -> None:
    """Write how far the coders agree, a field a line, tab-separated, to standard output."""
    from events import coders  # noqa: PLC0415
    from events.opinions import Opinions  # noqa: PLC0415

    known = list(Opinions(opened.location).coders()["coder"])
    if coder not in known:
        coder = known[0] if known else None
    if coder is None:
        raise InputError("no second opinion is stored yet; run `python -m events opinion --dry-run` first")
    found = coders.agreement(coders.compared(opened, coder, selection))
    _tell(
        f"Rules and {coder} over {_count(found.articles, 'article')} with an act: {found.both:,} acts by both, {found.only_first:,} by the "
        f"rules alone, {found.only_second:,} by the model alone."
    )
    typer.echo("field\tn\tshare\tlow\thigh\tkappa\tkappa_low\tkappa_high")
    for row in found.fields.to_dict("records"):
        values = (row[name] for name in ("share", "low", "high", "kappa", "kappa_low", "kappa_high"))
        shown = ("" if value is None or value != value else f"{value:.3f}" for value in values)  # noqa: PLR0124 NaN
        typer.echo("\t".join((row["field"], str(row["n"]), *shown)))


@app.command()
def info(store: StoreOption = None) -> None:
    """Tell what the store holds, and which versions made it."""
    from events.queries import Queries  # noqa: PLC0415
    from events.store import Store  # noqa: PLC0415

    opened = Store(store or default_store())
    typer.echo(f"Entente {__version__}")
    typer.echo(f"Store {store or default_store()}, version {opened.version()}")
    if opened.is_empty():
        typer.echo("Empty: add articles with `python -m events add FILES`.")
        return
    queries = Queries(opened)
    for name, articles in sorted(opened.datasets().items()):
        counts = queries.count(Selection(dataset=name, statuses=("occurred", "denied", "background")))
        undated = f" and {counts.undated} undated" if counts.undated else ""
        typer.echo(
            f"Data set {name}: {articles} articles, {counts.reports} reports, {counts.events} events{undated}, {counts.dyads} dyads, "
            f"{counts.first or 'no date'} to {counts.last or 'no date'}"
        )


@app.command()
def recode(
    dataset: Annotated[
        str, typer.Option(help='Data set of articles, e.g. "articles" or "samples".')
    ] = "articles",
    store: StoreOption = None,
) -> None:
    """Code the stored articles again with this version. What people judged stays, and counts over the new coding.

    Only where the coder now says neither what it said then nor what the person said is a judgement asked again; it
    is then in the queue "Coded anew" of the page Review. Older versions of the store show the earlier coding.
    """
    from events import review  # noqa: PLC0415
    from events.intake import Recoded  # noqa: PLC0415
    from events.intake import recode as code_again  # noqa: PLC0415

    opened = _filled(store)
    if dataset not in opened.datasets():
        raise InputError(f"there is no data set {dataset!r}; there is {', '.join(opened.datasets())}")
    with _progress() as bar:
        task = bar.add_task("Coding again", total=opened.datasets()[dataset])

        def show(done: Recoded) -> None:
            bar.update(task, completed=done.articles)

        done = code_again(opened, dataset=dataset, progress=show)
    asked = len(review.queue(opened, "reopened", limit=1_000_000))
    _tell(
        f"{_count(done.articles, 'article')} coded again: {_count(done.reports, 'report')}, {done.new} of them new. "
        f"{_count(len(review.standings(opened)), 'report')} judged, {asked} to be asked again. "
        f"Store version {done.version}."
    )


judgements = typer.Typer(help="What people judged on the page Review.", no_args_is_help=True)
app.add_typer(judgements, name="judgements")

JudgedOption = Annotated[str | None, typer.Option("--dataset", help="One data set only. Default: all.")]


@judgements.command(name="export")
def judgements_export(
    gold: Annotated[
        Path | None, typer.Option("--gold", help="Gold for the evaluation gate, JSON Lines.")
    ] = None,
    training: Annotated[
        Path | None, typer.Option("--training", help="Passages for the trainer, JSON Lines.")
    ] = None,
    dataset: JudgedOption = None,
    store: StoreOption = None,
    *,
    partly: Annotated[
        bool,
        typer.Option(
            "--partly", help="Gold of articles too in which some report was not judged; it is optional there."
        ),
    ] = False,
) -> None:
    """Write the judged articles: to measure the coder by, or to teach it. Take articles judged whole.

    Measure with `python tests/evaluation/gate.py --gold FILE`, teach with
    `python -m events.extract.train --held-out --also FILE`.
    """
    from events import judged  # noqa: PLC0415

    if gold is None and training is None:
        raise InputError("say what to write: --gold FILE, --training FILE, or both")
    opened = _filled(store)
    if gold is not None:
        _write_lines(gold, list(judged.gold(opened, dataset=dataset, partly=partly)), "article", "reports")
    if training is not None:
        _write_lines(training, list(judged.passages(opened, dataset=dataset)), "passage", "events")


def _write_lines(to: Path, rows: list[dict[str, Any]], noun: str, acts: str) -> None:
    from events.export import replacing  # noqa: PLC0415

    _writable(to)
    with replacing(to) as temporary:
        temporary.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
    _tell(
        f"{_count(len(rows), noun)} with {_count(sum(len(row[acts]) for row in rows), 'act')} written to {to}"
    )


@judgements.command(name="card")
def judgements_card(dataset: JudgedOption = None, store: StoreOption = None) -> None:
    """Tell how often the coder is right, on random samples that people judged; then how far reviewers agree.

    Tab-separated: what, share right, its 90 % interval (Wilson), n. Then field, alpha, its 90 % interval, kappa, n.
    """
    from events import review  # noqa: PLC0415

    opened = _filled(store)
    card = review.card(opened, dataset=dataset)
    typer.echo("type\tright\tlow\thigh\tn")
    rows = [("all types", card.overall), *card.types.items(), *card.fields.items()]
    for name, share in rows:
        value = "" if share.value is None else f"{share.value:.3f}"
        typer.echo(f"{name}\t{value}\t{share.low:.3f}\t{share.high:.3f}\t{share.n}")
    people, agreed = review.agreement(opened)
    if people:
        typer.echo(f"\nfield\talpha\tlow\thigh\tkappa\tn\t({', '.join(people)})")
    for row in agreed:
        values = ("" if v is None else f"{v:.3f}" for v in (row.alpha, row.low, row.high, row.kappa))
        typer.echo("\t".join([row.field, *values, str(row.reports)]))


@judgements.command(name="log")
def judgements_log(store: StoreOption = None) -> None:
    """Tell what was judged, the newest first: store version, time, who, what, report, values, why; tab-separated."""
    from events import review  # noqa: PLC0415

    for row in review.history(_filled(store)).itertuples():
        undone = "taken back" if row.undone else ""
        _line(row.commit, row.when, row.by, row.action, row.report_id, row.what, row.why, undone)


def run() -> None:
    """Run the command line; errors of ours go to standard error with exit code 2."""
    try:
        app()
    except EntenteError as error:
        _tell(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        _tell("stopped; what was committed to the store is kept")
        sys.exit(130)
