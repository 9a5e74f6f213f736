"""The page's way to bring in files of other data sets: what was recognised, the import at work, its summary."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Sequence
from html import escape
from pathlib import Path, PurePath
from typing import Any

import streamlit as st

from events import codebook
from events.charts import words
from events.dashboard import answers, markup, signing
from events.errors import EntenteError, InputError
from events.importers import FORMATS, Paper, Rejected, paper, recognised
from events.imports import Imported, bring
from events.reference import SIDECAR
from events.sidecar import beside
from events.store import Store

__all__ = ["files", "losses_html", "papers_html"]

_AT_WORK = "_bringing"
_DONE = "_brought"

# Bad rows and unknown codes that are told one by one.
_EXAMPLES = 8


class _Bringing:
    """An import at work in a thread of its own: a click elsewhere stops the page's script, but not the import."""

    def __init__(self, folder: Path, paths: Sequence[Path], dataset: str | None, store: Store) -> None:
        self.folder = folder
        self.done: list[Imported] = []
        self.now: Imported | None = None
        self.error: Exception | None = None
        self.rejected = ""
        self._given = (list(paths), dataset, store)
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        paths, dataset, store = self._given
        rejects = self.folder / "rejected.csv"
        try:
            self.done = bring(paths, store, dataset=dataset, rejected_to=rejects, progress=self._hear)
            self.rejected = rejects.read_text(encoding="utf-8") if rejects.exists() else ""
        except Exception as error:  # noqa: BLE001 raised again by the page, which has a reader
            self.error = error
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _hear(self, summary: Imported) -> None:
        self.now = summary

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds; say whether the import has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


def files() -> None:
    """Draw the uploader of other data sets, what each file is, and the import."""
    _watch()
    _summary()
    uploads = st.file_uploader(
        "Files of GDELT, ICEWS, POLECAT, ACLED, UCDP, or exports of Entente; gzip and zip are read too",
        accept_multiple_files=True,
        key=f"bring_{st.session_state.get('_bring_uploads', 0)}",
    )
    if not uploads:
        st.html(
            markup.caption(
                [
                    "Each becomes a data set of its own, beside your articles",
                    "The format is told by the content, not by the name",
                    (
                        f"Up to {st.config.get_option('server.maxUploadSize')} MB a file; longer ones on the computer itself: "
                        "python -m events import auto FILES"
                    ),
                ]
            )
        )
        st.html(losses_html())
        return
    folder = Path(tempfile.mkdtemp(prefix="entente-import-"))
    begun = False
    try:
        begun = _offered(uploads, folder)
    finally:  # also where a click elsewhere ends this run
        if not begun:
            shutil.rmtree(folder, ignore_errors=True)
    if begun:
        _watch()


def _offered(uploads: Sequence[Any], folder: Path) -> bool:
    """Keep the uploads in a folder and draw what they are and the way to import them; return whether that began."""
    kept: list[tuple[Path, Paper]] = []
    refused: list[tuple[str, str]] = []
    described = {upload.name: upload for upload in uploads if upload.name.endswith(SIDECAR)}
    for number, upload in enumerate(uploads):
        if upload.name in described:
            continue
        path = folder / f"{number}" / (PurePath(upload.name).name or "file")
        path.parent.mkdir()
        path.write_bytes(upload.getvalue())
        if description := described.get(upload.name + SIDECAR):
            beside(path).write_bytes(description.getvalue())
        try:
            kept.append((path, recognised(path)))
        except InputError as error:
            refused.append((upload.name, error.message))
    _recognised(kept, refused)
    if not kept:
        return False
    names = dict.fromkeys(told.dataset for _, told in kept)
    dataset = None
    if len(names) == 1:
        dataset = st.text_input(
            "Data set",
            value=next(iter(names)),
            max_chars=60,
            key=f"bring_name_{st.session_state.get('_bring_uploads', 0)}",
            help="Rows that this data set holds already are left out.",
        ).strip()
    begun = not signing.bars("import data sets") and st.button(
        f"Import {words.plural(len(kept), 'file')}", type="primary", key="bring", icon=":material/input:"
    )
    if begun:
        signing.guard()
        paths = [path for path, _ in kept]
        st.session_state[_AT_WORK] = _Bringing(folder, paths, dataset or None, answers.store())
    return begun


def _recognised(kept: Sequence[tuple[Path, Paper]], refused: Sequence[tuple[str, str]]) -> None:
    """Say what each file is, and which cannot be used."""
    with st.container(key="card_recognised"):
        st.html(
            markup.card_head(
                f"{words.plural(len(kept), 'file')} recognised" if kept else "None of these can be imported",
                "Nothing is stored until you import",
            )
        )
        body = "".join(
            f"<tr><td>{escape(path.name)}</td><td><b>{escape(told.name)}</b>"
            f'<div class="en-foot">{escape(told.licence)}</div></td></tr>'
            for path, told in kept
        ) + "".join(
            f"<tr><td>{escape(name)}</td><td>cannot be used: {escape(message)}</td></tr>"
            for name, message in refused
        )
        st.html(markup.block(f'<table class="en-table"><tbody>{body}</tbody></table>'))


def _watch() -> None:
    """Show an import that is at work until it ends, wherever the page was when it began."""
    work: _Bringing | None = st.session_state.get(_AT_WORK)
    if work is None:
        return
    place = st.empty()
    while not work.wait(0.3):
        if work.now is None:
            place.progress(0.0, "Importing")
            continue
        seen = work.now
        rate = seen.rows / seen.seconds if seen.seconds else 0
        place.progress(
            0.5,
            f"{seen.dataset}: {words.plural(seen.rows, 'row')} read, {words.plural(seen.reports, 'report')} stored, "
            f"{rate:,.0f} rows a second",
        )
    place.empty()
    del st.session_state[_AT_WORK]
    if work.error is not None:
        if isinstance(work.error, EntenteError):
            stored = [work.now] if work.now and work.now.reports else []  # batches committed before stand
            st.session_state[_DONE] = (str(work.error), stored, "")
        else:
            raise work.error
    else:
        st.session_state[_DONE] = ("", work.done, work.rejected)
    st.session_state["_bring_uploads"] = st.session_state.get("_bring_uploads", 0) + 1
    st.rerun()


def _summary() -> None:
    """Say what the last import came to, until the next one."""
    told: tuple[str, list[Imported], str] | None = st.session_state.get(_DONE)
    if told is None:
        return
    error, done, rejected = told
    if error:
        with st.container(key="card_brought"):
            st.html(markup.card_head("The import broke off" if done else "Nothing was imported", error))
    for number, summary in enumerate(done):
        with st.container(key=f"card_brought_{number}"):
            st.html(
                markup.card_head(
                    f"{words.plural(summary.events, 'event')} of {summary.dataset} imported",
                    f"{summary.paper.name}, from {words.plural(summary.rows, 'row')} of "
                    f"{words.listing(summary.files, keep=2)} · store version {summary.version}",
                )
            )
            st.html(_counted_html(summary))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(
                    "app_pages/overview.py",
                    label=f"Look at {summary.dataset}",
                    icon=":material/dashboard:",
                    query_params={"data": summary.dataset},
                )
                st.page_link("app_pages/datasets.py", label="Compare data sets", icon=":material/compare:")
                if rejected and number == 0:
                    st.download_button(
                        f"Bad rows ({sum(s.rejected for s in done):,})",
                        data=rejected.encode("utf-8-sig"),
                        file_name="rejected.csv",
                        mime="text/csv",
                        key="rejected",
                        on_click="ignore",
                        icon=":material/download:",
                        type="tertiary",
                    )


def _counted_html(summary: Imported) -> str:
    flags = codebook.flags()
    parts: list[tuple[str, str, int]] = [
        ("kept", "reports, folded into events", summary.reports),
        *([("there", "rows that are stored already", summary.stored)] if summary.stored else []),
        *(("left out", reason, number) for reason, number in summary.left.most_common()),
        *(
            [("bad", "row set aside" if summary.rejected == 1 else "rows set aside", summary.rejected)]
            if summary.rejected
            else []
        ),
        *(
            ("flagged", f"{flags[code].name}. {flags[code].definition}", number)
            for code, number in summary.flags.most_common()
        ),
        *(
            [("unknown", "codes in rows that were kept", summary.unknown_codes)]
            if summary.unknown_codes
            else []
        ),
    ]
    body = "".join(
        f'<tr><td>{escape(kind)}</td><td class="en-r"><b>{number:,}</b></td><td>{escape(text)}</td></tr>'
        for kind, text, number in parts
    )
    told = [
        *(("from", origin) for origin in summary.origins),
        *(("alarm", alarm) for alarm in summary.alarms),
        *(("refused", str(error)) for error in summary.refused),
        *(("bad", _where(at)) for at in summary.examples[:_EXAMPLES]),
        *(("unknown", _where(at)) for at in summary.unknown[:_EXAMPLES]),
    ]
    body += "".join(f"<tr><td>{kind}</td><td></td><td>{escape(text)}</td></tr>" for kind, text in told)
    columns = '<colgroup><col style="width:7em"><col style="width:6em"><col></colgroup>'
    return markup.block(f'<table class="en-table">{columns}<tbody>{body}</tbody></table>')


def _where(at: Rejected) -> str:
    return f"{at.file}{f', line {at.line:,}' if at.line else ''}: {at.reason}"


def _loss_rows(told: Paper) -> str:
    return "".join(f"<dt>{escape(loss.field)}</dt><dd>{escape(loss.note)}</dd>" for loss in told.losses)


def losses_html() -> str:
    """Return the papers of all formats, each folded: what the mapping loses, licence, citation, what it was tried on."""
    items = "".join(_paper_html(paper(name)) for name in FORMATS)
    return f'<div class="en">{items}</div>'


def _paper_html(told: Paper) -> str:
    more: list[tuple[str, Any]] = [
        ("Mapped to", f"{told.to}; mapping {told.version}"),
        ("Tried on", told.tried),
        ("Licence", told.licence),
        ("Cite", told.citation),
        ("Columns read", ", ".join(told.read)),
        ("Columns ignored", ", ".join(name for name in told.ignored if name)),
    ]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in more)
    return (
        f'<details class="en-more"><summary>{escape(told.name)}: what is kept and what is lost</summary>'
        f'<dl class="en-method">{_loss_rows(told)}{rows}</dl></details>'
    )


def papers_html() -> str:
    """Return the formats as a table: name and producer, licence, what the importer was tried on; then the papers."""
    body = "".join(
        f"<tr><td><b>{escape(told.name)}</b><div class='en-foot'>{escape(told.producer)}</div></td>"
        f"<td>{escape(told.licence)}</td><td>{escape(told.tried)}</td></tr>"
        for told in map(paper, FORMATS)
    )
    flags = "".join(
        f"<dt>{escape(flag.name)}</dt><dd>{escape(flag.definition)}</dd>"
        for flag in codebook.flags().values()
    )
    return (
        '<div class="en"><table class="en-table"><thead><tr><th>Format</th><th>Licence</th><th>Tried on</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>{losses_html()}"
        f'<div class="en"><details class="en-more"><summary>Flags on doubtful rows</summary><dl class="en-method">{flags}</dl>'
        "</details></div>"
    )
