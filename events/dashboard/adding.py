"""The ways to add articles, each with a preview of the events before anything is saved."""

from __future__ import annotations

from html import escape

import streamlit as st

from events.charts import words
from events.dashboard import answers, coding, evidence, frame, lists, markup, signing
from events.schema import Article, CodedArticle

__all__ = ["addresses", "files", "paste", "watch"]

# Articles coded for the preview of an upload: a few seconds; the rest are coded while they are saved.
PREVIEWED = 20

_FIELDS = ("paste_title", "paste_date", "paste_outlet", "paste_url", "paste_text")


_SAVING = "_saving"
_FETCHED = "_fetched"
_READ = "_read_uploads"

# Addresses read at once: each may take half a minute.
_ADDRESSES = 10


def _clear() -> None:
    for key in _FIELDS:
        st.session_state[key] = None if key == "paste_date" else ""


def _refused(items: list[coding.Rejected]) -> None:
    """List what cannot be used, each with its file, its row and what to do."""
    if not items:
        return
    with st.container(key="card_refused"):
        st.html(markup.card_head(f"{words.plural(len(items), 'item')} cannot be used", "The others are kept"))
        rows = "".join(
            f"<tr><td>{escape(item.source)}{f', line {item.row}' if item.row else ''}</td>"
            f"<td>{escape(item.message)}</td></tr>"
            for item in items[:100]
        )
        st.html(markup.block(f'<table class="en-table"><tbody>{rows}</tbody></table>'))
        st.html(markup.caption([words.showing(min(len(items), 100), len(items), "item")]))


def _events_of(coded: CodedArticle, *, key: str) -> None:
    """Draw an article's events: a choice, the text with the words of the chosen one, and its fields."""
    theme = frame.theme()
    reports = list(coded.reports)
    if not reports:
        st.html(evidence.article_html(coded.article, [])[0])
        return
    names = [
        f"{i}. {words.dyad(r.source, r.target, symmetric=r.symmetric)}, "
        f"{words.act(r.event_type, r.mode).lower()}"
        for i, r in enumerate(reports, 1)
    ]
    picked = st.selectbox("Event", range(len(reports)), format_func=lambda i: names[i], key=f"event_{key}")
    report = reports[picked or 0]
    others = [other for other in reports if other.report_id != report.report_id]
    st.html(evidence.article_html(coded.article, evidence.marks(report, coded.article, others))[0])
    st.html(markup.report_head(report, theme))
    st.html(markup.block(evidence.fields_html(report)))


def _preview_head(coded: CodedArticle) -> None:
    """Say how many events an article has, or why it has none."""
    if coded.reports:
        st.html(
            markup.card_head(
                f"{words.plural(len(coded.reports), 'event')} found", lists.article_line(coded.article)
            )
        )
        return
    st.html(markup.card_head("No events", lists.no_events(coded)))


def _save(articles: list[Article], label: str, *, key: str) -> None:
    """Draw the button that saves; after it, what was added."""
    if signing.bars("save articles"):
        return
    if not st.button(label, type="primary", key=key, icon=":material/save:"):
        return
    st.session_state[_SAVING] = (coding.save(articles), key)
    watch()


def watch() -> None:
    """Show a save that is at work until it ends, wherever the page was when it began; then say what it did."""
    if _SAVING not in st.session_state:
        return
    saving, key = st.session_state[_SAVING]
    articles = saving.articles
    bar = st.progress(0.0, "Coding and saving")
    while not saving.wait(0.3):
        seen = saving.summary
        said = f"{seen.read:,} of {words.plural(len(articles), 'article')}, {words.plural(seen.reports, 'report')}"
        bar.progress(min(seen.read / len(articles), 1.0), said)
    bar.empty()
    del st.session_state[_SAVING]
    if saving.error is not None:
        raise saving.error
    done = saving.summary
    parts = [f"{words.plural(done.reports, 'report')} from {words.plural(done.coded, 'article')}"]
    if done.duplicates:
        parts.append(f"{words.plural(done.duplicates, 'article')} already stored")
    if done.uncoded:
        parts.append(f"{words.plural(len(done.uncoded), 'article')} kept uncoded: {done.uncoded[0][1]}")
    st.session_state["_saved"] = f"{'; '.join(parts)} · store version {done.version}"
    if len(articles) == 1:
        st.session_state["_saved_article"] = articles[0].article_id
    if key == "save_paste":
        st.session_state["_clear_paste"] = True
    elif key == "save_web":
        del st.session_state[_FETCHED]
    else:
        st.session_state["_uploads"] = st.session_state.get("_uploads", 0) + 1
    st.rerun()


def _said() -> None:
    """Say once what the last save did."""
    message = st.session_state.pop("_saved", None)
    article_id = st.session_state.pop("_saved_article", None)
    if not message:
        return
    with st.container(key="card_saved"):
        st.html(markup.card_head("Saved", message))
        links = st.container(horizontal=True)
    with links:
        st.page_link("app_pages/overview.py", label="To the overview", icon=":material/dashboard:")
        if article_id:
            st.page_link(
                "app_pages/article.py",
                label="Read the article",
                icon=":material/article:",
                query_params={"id": article_id},
            )


def paste() -> None:
    """Draw the form for one article beside its preview."""
    if st.session_state.pop("_clear_paste", False):
        _clear()
    _said()
    form, shown = st.columns([1, 1.15], gap="small")
    with form, st.container(key="card_paste"):
        st.html(
            markup.card_head(
                "Article", "Title, date and outlet are read from the text where you leave them out"
            )
        )
        text = st.text_area(
            "Text",
            key="paste_text",
            height=300,
            placeholder="Paste the article here, with its title and date line",
        )
        title = st.text_input("Title (optional)", key="paste_title", max_chars=500)
        left, right = st.columns(2)
        published = left.date_input(
            "Published (optional)", value=None, key="paste_date", format="YYYY-MM-DD", max_value="today"
        )
        outlet = right.text_input("Outlet (optional)", key="paste_outlet", max_chars=200)
        url = st.text_input("Link (optional)", key="paste_url", max_chars=2000)
        st.button("Read and preview", key="read_paste")
    if not text.strip():
        with shown, st.container(key="card_preview"):
            st.html(markup.empty("The events appear here.", "Nothing is stored until you save."))
        return
    item = coding.from_paste(text, title=title, published=published, outlet=outlet, url=url)
    if isinstance(item, coding.Rejected):
        with shown:
            _refused([item])
        return
    with shown, st.container(key="card_preview"):
        with st.spinner("Reading"):
            coded = coding.preview(item)
        _preview_head(coded)
        if answers.store().has_articles([item.article_id]):
            st.html(markup.caption(["This article is already stored"]))
            st.page_link("app_pages/article.py", label="Read it", query_params={"id": item.article_id})
        else:
            count = len(coded.reports)
            _save(
                [item],
                f"Save {words.plural(count, 'event')}" if count else "Save the article",
                key="save_paste",
            )
        _events_of(coded, key=item.article_id)


def files() -> None:
    """Draw the uploader, what each file holds, and a preview."""
    _said()
    uploads = st.file_uploader(
        "Files: pdf, docx, html, txt, eml, mbox, rss, exports of press databases, jsonl, csv, or zip of these",
        accept_multiple_files=True,
        key=f"files_{st.session_state.get('_uploads', 0)}",
        help="A jsonl line or csv row is one article; columns text, title, published, outlet, url.",
    )
    if not uploads:
        st.session_state.pop(_READ, None)
        st.html(
            markup.caption(
                [
                    (
                        "One article a file (pdf, docx, html, txt, eml), many in mbox, rss, jsonl, csv and exports of press "
                        "databases"
                    ),
                    "A scanned PDF needs text recognition first",
                    (
                        f"Up to {st.config.get_option('server.maxUploadSize')} MB a file; longer ones, or a whole folder, on the "
                        "computer itself: python -m events add FOLDER"
                    ),
                    "Nothing is stored until you save",
                ]
            )
        )
        return
    given = tuple(upload.file_id for upload in uploads)
    if st.session_state.get(_READ, (None,))[0] != given:  # a click on a row of the list reads no file again
        with st.spinner(f"Reading {words.plural(len(uploads), 'file')}"):
            items = coding.from_uploads([(upload.name, upload.getvalue()) for upload in uploads])
        st.session_state[_READ] = (given, items)
    _offered(st.session_state[_READ][1], key="files")


def addresses() -> None:
    """Draw the box for web addresses, what is found there, and a preview."""
    _said()
    with st.container(key="card_web"):
        st.html(
            markup.card_head(
                "Web addresses",
                "Pages, PDF and Word documents, RSS and Atom feeds, sitemaps; public addresses only",
            )
        )
        told = st.text_area(
            "Addresses, one a line",
            key="web_urls",
            height=110,
            placeholder="https://...",
            max_chars=8000,
        )
        urls = list(dict.fromkeys(line.strip() for line in told.splitlines() if line.strip()))
        with st.container(horizontal=True, vertical_alignment="center"):
            asked = st.button(
                "Read", key="read_web", icon=":material/travel_explore:", disabled=not signing.may_write()
            )
            st.html(
                markup.caption(
                    [
                        f"Of a feed the newest {coding.LISTED}; to follow it: python -m events watch feeds.toml",
                        f"Only the first {_ADDRESSES} addresses are read" if len(urls) > _ADDRESSES else "",
                    ]
                )
            )
    if signing.bars("read web addresses"):
        return
    if asked and not urls:
        st.html(markup.caption_line("Name an address first, such as https://www.bbc.com/news"))
    elif asked:
        st.session_state[_FETCHED] = coding.fetch(urls[:_ADDRESSES])
    fetching: coding.Fetching | None = st.session_state.get(_FETCHED)
    if fetching is None:
        return
    place = st.empty()
    while not fetching.wait(0.3):
        place.progress(0.0, f"Reading, {words.plural(len(fetching.items), 'item')} so far")
    place.empty()
    if fetching.error is not None:
        del st.session_state[_FETCHED]
        raise fetching.error
    _offered(fetching.items, key="web")


def _offered(items: list[Article | coding.Rejected], *, key: str) -> None:
    """Draw what was read: what cannot be used, the articles with the events of the first, and the way to save them."""
    articles, refused = coding.articles_of(items), coding.rejected_of(items)
    _refused(refused)
    if not articles:
        return
    stored = answers.store().has_articles([article.article_id for article in articles])
    coded: list[CodedArticle] = []
    bar = st.progress(0.0, "Reading the first articles")
    for number, article in enumerate(articles[:PREVIEWED], 1):
        coded.append(coding.preview(article))
        bar.progress(
            number / min(len(articles), PREVIEWED),
            f"Read {number} of {words.plural(len(articles), 'article')}",
        )
    bar.empty()
    listed, shown = st.columns([1, 1.15], gap="small")
    with listed, st.container(key="card_files"):
        st.html(
            markup.card_head(
                words.plural(len(articles), "article")
                + (f", {len(stored)} already stored" if stored else ""),
                "Choose one to see its events before you save",
            )
        )
        state = st.dataframe(
            lists.upload_rows(coded, stored),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            row_height=37,
            key=f"rows_{key}",
            alt="Table of the articles that were read",
        )
        st.html(
            markup.caption(
                [
                    words.showing(len(coded), len(articles), "article"),
                    "The rest are read as you save" if len(coded) < len(articles) else "",
                ]
            )
        )
        fresh = [article for article in articles if article.article_id not in stored]
        if fresh:
            _save(fresh, f"Save {words.plural(len(fresh), 'article')}", key=f"save_{key}")
        else:
            st.html(markup.caption(["All of them are already stored"]))
    picked = state["selection"]["rows"]
    with shown, st.container(key="card_preview"):
        chosen = coded[picked[0] if picked and picked[0] < len(coded) else 0]
        _preview_head(chosen)
        _events_of(chosen, key=key)
