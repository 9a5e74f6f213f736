"""Who signs what is written: the reader's name, or, where a login is set up, the account that has logged in.

Streamlit's OIDC login is set up by a section `[auth]` in `.streamlit/secrets.toml` (see `st.login`). Without it a
typed name signs; with it only those who are logged in may write, by the claim that names them.
"""

from __future__ import annotations

import time
from html import escape

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from events.dashboard import desk, markup

__all__ = ["is_login", "show", "who"]

_CLAIMS = ("email", "name", "preferred_username", "sub")
_MOST = 80


def _auth() -> dict[str, object]:
    """Return the section `[auth]` of the secrets, empty where there is none."""
    try:
        return dict(st.secrets.get("auth", {}))
    except (StreamlitSecretNotFoundError, FileNotFoundError):
        return {}


def is_login() -> bool:
    """Say whether a login is set up, so that only those who are logged in may write."""
    return bool(_auth())


def who() -> str | None:
    """Return the name that signs, None for a reader who may not write: not logged in, or no longer."""
    if not is_login():
        return desk.profile()
    user = getattr(st, "user", None)
    if user is None or not getattr(user, "is_logged_in", False):
        return None
    expires = user.get("exp")  # streamlit keeps a session on after the token has run out
    if isinstance(expires, int | float) and expires < time.time():
        return None
    named = next((str(user.get(claim)) for claim in _CLAIMS if user.get(claim)), "")
    return named[:_MOST] or None


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
    desk.name_reader(st.session_state["signer_name"] or "")
