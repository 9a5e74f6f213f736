"""Keys that no widget offers: / puts the cursor into the search box."""

from __future__ import annotations

import streamlit as st

__all__ = ["focus_by_slash"]

_SCRIPT = """
export default function (component) {
  const { data } = component
  const listen = (event) => {
    const at = document.activeElement
    const writing = at && (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable)
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing) return
    const box = document.querySelector(`.st-key-${data} input`)
    if (!box) return
    event.preventDefault()
    box.focus()
    box.select()
  }
  document.addEventListener("keydown", listen)
  return () => document.removeEventListener("keydown", listen)
}
"""


_slash = st.components.v2.component("entente_slash", js=_SCRIPT)


def focus_by_slash(key: str) -> None:
    """Let the key / put the cursor into the text box of this key."""
    with st.container(key="keys"):
        _slash(data=key, key=f"slash_{key}", height=0)
