"""Letters that no font here has are told before boxes are drawn."""

from __future__ import annotations

import os

import pytest

from events.briefing import fonts
from events.briefing.frames import Framed
from events.charts.theme import LIGHT, base_figure


@pytest.fixture
def fontconfig(tmp_path, monkeypatch):
    """Stand in for fc-list: it knows fonts for these languages alone."""

    def known(*languages: str) -> None:
        cases = "|".join(f":lang={language}" for language in languages) or "nothing"
        tool = tmp_path / "fc-list"
        tool.write_text(f'#!/bin/sh\ncase "$1" in {cases}) echo /usr/share/fonts/some.ttf;; esac\n')
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        fonts._has.cache_clear()

    yield known
    fonts._has.cache_clear()


@pytest.mark.parametrize(
    ("text", "name", "package"),
    [
        ("选举", "Chinese", "fonts-noto-cjk"),
        ("انتخابات", "Arabic", "fonts-noto-core"),
        ("서울", "Korean", "fonts-noto-cjk"),
        ("विदेश", "Devanagari", "fonts-noto-core"),
    ],
)
def test_a_script_without_a_font_is_named_with_what_to_install(fontconfig, text, name, package):
    fontconfig()
    said = fonts.lacking(f"Talks: {text}")
    assert f"has {name} letters" in said
    assert said.endswith(f"Install {package}.")


def test_scripts_that_can_be_written_are_not_named(fontconfig):
    fontconfig("ar")
    assert fonts.lacking("Türkiye, Россия, Łódź, → −1") == ""
    assert fonts.lacking("انتخابات") == ""
    assert "Arabic" not in fonts.lacking("انتخابات 选举")
    assert fonts.lacking("选举 서울 ひ").startswith(
        "No font on this computer has Chinese, Japanese and Korean letters"
    )


def test_where_fontconfig_is_missing_nothing_is_said(monkeypatch):
    monkeypatch.setattr(fonts.shutil, "which", lambda _: None)
    fonts._has.cache_clear()
    assert fonts.lacking("选举") == ""
    fonts._has.cache_clear()


def test_a_chart_names_the_scripts_of_its_words(fontconfig):
    fontconfig()
    assert "Chinese" in Framed(lambda _: base_figure(LIGHT, height=100), "选举").lacking
    assert Framed(lambda _: base_figure(LIGHT, height=100), "Выборы").lacking == ""
