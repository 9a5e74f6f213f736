"""Who reads, who signs, and who may write: the one guard before all that the dashboard keeps.

A reader's name is that of the account that has logged in, else what a cookie of ours says, else the computer's user.
Streamlit's OIDC login is set up by a section `[auth]` in `.streamlit/secrets.toml` (see `st.login`). Without it
everybody may write, and the name signs; with it only those who are logged in may, by the claim that names them: judgements,
merges, notes, views and watches, articles and imports, and what a second opinion costs. Whatever writes calls `guard`
first, in the callback or the run that writes, as a barred button alone stops no hand-made message.
"""

from __future__ import annotations

import getpass
import time
from html import escape
from urllib.parse import quote, unquote

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from events.dashboard import markup
from events.errors import InputError

__all__ = ["bars", "guard", "is_login", "may_write", "name_reader", "profile", "show", "who", "write_cookie"]

COOKIE = "entente_reader"
_PROFILE = "_profile"
_CLAIMS = ("email", "name", "preferred_username", "sub")
_MOST = 80

_WRITE_COOKIE = f"""
export default function({{ data }}) {{
  document.cookie = "{COOKIE}=" + data.name + "; max-age=31536000; path=/; SameSite=Lax";
}}
"""


def _auth() -> dict[str, object]:
    """Return the section `[auth]` of the secrets, empty where there is none."""
    try:
        return dict(st.secrets.get("auth", {}))
    except (StreamlitSecretNotFoundError, FileNotFoundError):
        return {}


def is_login() -> bool:
    """Say whether a login is set up, so that only those who are logged in may write."""
    return bool(_auth())


def _account() -> str | None:
    """Return the name of the account that has logged in, None where none has, or its token has run out."""
    user = getattr(st, "user", None)
    if user is None or not getattr(user, "is_logged_in", False):
        return None
    expires = user.get("exp")  # streamlit keeps a session on after the token has run out
    if isinstance(expires, int | float) and expires < time.time():
        return None
    named = next((str(user.get(claim)) for claim in _CLAIMS if user.get(claim)), "")
    return named[:_MOST] or None


def who() -> str | None:
    """Return the name that signs, None for a reader who may not write: not logged in, or no longer."""
    return _account() if is_login() else profile()


def may_write() -> bool:
    """Say whether the reader may write."""
    return who() is not None


def guard() -> str:
    """Return the name that signs what is about to be written; raises InputError for a reader who may not write."""
    name = who()
    if name is None:
        raise InputError("only those who are logged in may write here; log in, then do it again")
    return name


def bars(deed: str) -> bool:
    """Say whether the reader may not write, and then tell so: "Log in to `deed`"."""
    if may_write():
        return False
    st.html(markup.caption_line(f"Log in to {deed}: what is kept here is signed"))
    return True


# The name


def profile() -> str:
    """Return the reader's name, also that of one who may not write."""
    if (name := _account()) is not None:
        return name
    if is_login():
        return "guest"
    if _PROFILE not in st.session_state:
        st.session_state[_PROFILE] = _told() or _user()
    return str(st.session_state[_PROFILE])


def _told() -> str:
    """Return the name that the browser's cookie says, "" where there is none."""
    told = st.context.cookies.get(COOKIE)
    return unquote(told).strip()[:_MOST] if isinstance(told, str) else ""


def _user() -> str:
    try:
        return getpass.getuser()[:_MOST]
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return "reader"


def name_reader(name: str) -> None:
    """Give the reader this name; another reader has another last visit."""
    kept = name.strip()[:_MOST]
    if kept:
        st.session_state[_PROFILE] = kept
        st.session_state["_write_cookie"] = kept


def write_cookie() -> None:
    """Write the reader's name into the browser where it was just given.

    The cookie holds nothing else; a browser that takes none keeps the name for as long as its page is open.
    """
    name = st.session_state.pop("_write_cookie", None)
    if name:
        mount = st.components.v2.component("entente_reader", js=_WRITE_COOKIE)
        mount(data={"name": quote(name, safe="")}, key="reader_cookie", height=0)


def show() -> None:
    """Draw who signs, and the way to another name, to the login or out of it."""
    name = who()
    if not is_login():
        with st.popover(f"Signed by {markup.plain(name or '')}", icon=":material/signature:", key="signer"):
            st.text_input(
                "Your name", key="signer_name", value=name or "", max_chars=_MOST, on_change=_rename
            )
            st.html(
                markup.caption_line("It stands beside each of your judgements, and is kept in this browser.")
            )
        return
    if name:
        st.html(markup.block(f"Signed by <b>{escape(name)}</b>"))
        st.button("Log out", key="log_out", type="tertiary", on_click=st.logout)
        return
    several: list[str | None] = [key for key, value in _auth().items() if hasattr(value, "keys")]
    for provider in several or [None]:
        label = f"Log in with {provider}" if provider else "Log in"
        st.button(
            label,
            key=f"log_in_{provider or ''}",
            icon=":material/login:",
            on_click=st.login,
            args=(provider,),
        )


def _rename() -> None:
    name_reader(st.session_state["signer_name"] or "")
