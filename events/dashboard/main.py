"""The dashboard's frame: page settings, navigation, the sidebar's Selection; then the page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from events.dashboard import answers, controls, desk, frame, markup
from events.errors import EntenteError

STATIC = Path(__file__).parent / "static"

st.set_page_config(
    page_title="Entente",
    page_icon=str(STATIC / "icon.png"),
    layout="wide",
    initial_sidebar_state="auto",
)
theme = frame.theme()
st.html(markup.style(theme))
st.logo(
    str(STATIC / f"logo_{theme.name}.svg"),
    size="large",
    icon_image=str(STATIC / "icon.svg"),
)

PAGES = {
    "Explore": {
        "overview": st.Page(
            "app_pages/overview.py", title="Overview", icon=":material/dashboard:", default=True
        ),
        "map": st.Page("app_pages/map.py", title="Map", icon=":material/public:"),
        "timeline": st.Page("app_pages/timeline.py", title="Timeline", icon=":material/timeline:"),
        "dyad": st.Page("app_pages/dyad.py", title="Dyad", icon=":material/swap_horiz:"),
        "network": st.Page("app_pages/network.py", title="Matrix and network", icon=":material/grid_on:"),
        "issues": st.Page("app_pages/issues.py", title="Issues", icon=":material/sell:"),
        "actors": st.Page("app_pages/actors.py", title="Actors", icon=":material/groups:"),
        "reporters": st.Page("app_pages/reporters.py", title="Who reports it", icon=":material/newspaper:"),
    },
    "Evidence": {
        "events": st.Page("app_pages/events.py", title="Events", icon=":material/table_rows:"),
        "review": st.Page("app_pages/review.py", title="Review", icon=":material/rule:", url_path="review"),
        "articles": st.Page("app_pages/articles.py", title="Articles", icon=":material/article:"),
        "datasets": st.Page(
            "app_pages/datasets.py", title="Compare data sets", icon=":material/compare:", url_path="datasets"
        ),
        "opinion": st.Page(
            "app_pages/opinion.py",
            title="Second opinion",
            icon=":material/psychology_alt:",
            url_path="opinion",
        ),
        "add": st.Page("app_pages/add.py", title="Add articles", icon=":material/add_notes:", url_path="add"),
        "about": st.Page("app_pages/about.py", title="About the data", icon=":material/info:"),
        "article": st.Page(
            "app_pages/article.py", title="Article", icon=":material/article:", visibility="hidden"
        ),
    },
    "Output": {
        "briefing": st.Page("app_pages/briefing.py", title="Briefing", icon=":material/slideshow:"),
    },
    "Desk": {
        "saved": st.Page("app_pages/saved.py", title="Views and notes", icon=":material/bookmarks:"),
    },
}
page = st.navigation({group: list(found.values()) for group, found in PAGES.items()}, expanded=True)
desk.pages({name: found for group in PAGES.values() for name, found in group.items()}, page)

answers.reading()
try:
    answers.refresh()
    controls.show()
except EntenteError as error:
    st.html(markup.head("The store could not be read", str(error)))
    with st.container(horizontal=True):
        st.button("Try again", type="primary")
        if st.session_state.get("version"):
            st.button("Show the newest version", on_click=controls.reset, args=("store_version",))
    st.stop()

try:
    desk.go()
    page.run()
except EntenteError as error:
    st.html(markup.head("This page could not be shown", str(error)))
    st.button("Try again", type="primary", key="again")
