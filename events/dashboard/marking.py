"""Marking words in a text: a click on the first and on the last word, or a selection with the mouse."""

from __future__ import annotations

from typing import Any

import streamlit as st

from events.schema import Article, Span

__all__ = ["words_of"]

# Offsets count characters, as Python does; a browser counts an emoji as two.
_SCRIPT = """
export default function (component) {
  const { data, parentElement, setStateValue } = component
  const box = parentElement.querySelector(".text")
  const key = data.key + data.text.length
  if (box.dataset.key === key) return
  box.dataset.key = key
  box.replaceChildren()
  let first = null
  let at = 0
  for (const part of data.text.split(/(\\s+)/)) {
    const length = Array.from(part).length
    if (/\\S/.test(part)) {
      const word = document.createElement("span")
      word.className = "word"
      word.textContent = part
      word.dataset.start = data.offset + at
      word.dataset.end = data.offset + at + length
      box.appendChild(word)
    } else {
      for (const piece of part.split(/(\\n)/)) {
        box.appendChild(piece === "\\n" ? document.createElement("br") : document.createTextNode(piece))
      }
    }
    at += length
  }
  const words = Array.from(box.querySelectorAll(".word"))
  const show = (from, to) => {
    words.forEach((word, i) => word.classList.toggle("on", i >= from && i <= to))
  }
  const tell = (from, to) => {
    show(from, to)
    setStateValue("span", { start: Number(words[from].dataset.start), end: Number(words[to].dataset.end) })
  }
  box.onclick = (event) => {
    const word = event.target.closest(".word")
    if (!word) return
    const i = words.indexOf(word)
    if (first === null || i < first) {
      first = i
      tell(i, i)
    } else {
      tell(first, i)
      first = null
    }
  }
}
"""

_STYLE = """
.text { font-family: var(--st-heading-font), serif; font-weight: 400; line-height: 1.7; font-size: 16px; color: var(--st-text-color); overflow-wrap: anywhere; }
.word { cursor: pointer; border-radius: 3px; padding: 1px 0; }
.word:hover { outline: 1px solid var(--st-primary-color); }
.word.on { background: color-mix(in srgb, var(--st-primary-color) 22%, transparent); }
"""

_picker = st.components.v2.component(
    "entente_words", html='<div class="text" dir="auto"></div>', css=_STYLE, js=_SCRIPT
)


def words_of(article: Article, *, key: str, start: int = 0, end: int | None = None) -> Span | None:
    """Draw this part of an article to mark words in; return the words that are marked, None while there are none."""
    stop = len(article.text) if end is None else min(end, len(article.text))
    text = article.text[start:stop]
    state: Any = _picker(
        data={"text": text, "offset": start, "key": key}, key=key, on_span_change=lambda: None
    )
    told = getattr(state, "span", None)
    if not told:
        return None
    first, last = int(told["start"]), int(told["end"])
    if not 0 <= first < last <= len(article.text):
        return None
    words = article.text[first:last]
    bare = words.strip(".,;:!?\"'“”‘’()[]")
    first += words.find(bare) if bare else 0
    return article.span(first, first + len(bare or words))
