"""The ⋯ menu in a real browser: its files are what they say, and nothing is asked of other hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.briefing import pictures

pytestmark = pytest.mark.browser


def test_a_card_gives_picture_page_and_table(visit, tmp_path):
    made = visit()
    page = made.open()
    page.locator(".st-key-more_periods button").first.click()
    endings = ["html", "csv", *(["png", "svg"] if pictures.chrome() else [])]
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "html": b"<!doctype html>", "csv": "\ufeffperiod".encode()}
    for ending in endings:
        with page.expect_download() as download:
            page.locator(f".st-key-{ending}_periods button").click()
        assert download.value.suggested_filename.endswith(f".{ending}")
        download.value.save_as(tmp_path / f"a.{ending}")
        assert (tmp_path / f"a.{ending}").read_bytes().startswith(starts[ending])
    assert page.locator(".st-key-menubody_periods code").inner_text().startswith(made.address)
    opens_without_network(made, tmp_path / "a.html")


def opens_without_network(made, file: Path) -> None:
    context = made.context.browser.new_context(offline=True)
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.locator("#view .js-plotly-plot .bars path").first.wait_for()
    assert page.title() in page.locator("#view > svg").text_content()
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        with page.expect_download() as download:
            page.locator(f"button[data-kind={kind}]").click()
        download.value.save_as(file.with_name(f"saved.{kind}"))
        assert file.with_name(f"saved.{kind}").read_bytes().startswith(start)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()
