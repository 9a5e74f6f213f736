"""The registry of outlets: its codes exist, its domains are unique, and an article finds its outlet."""

from __future__ import annotations

import re

import pytest

from events.outlets import KINDS, outlet_of, outlets
from events.read.fetch import normal_address
from events.reference import table

ROWS = table("outlets/outlets.csv")


def test_it_lists_many_outlets_of_many_countries():
    assert len(ROWS) >= 250
    assert len({row["country"] for row in ROWS}) >= 100
    assert {row["kind"] for row in ROWS} == set(KINDS)


def test_domains_are_unique_and_what_an_address_bears():
    domains = [row["domain"] for row in ROWS]
    assert sorted(set(domains)) == sorted(domains)
    for domain in domains:
        assert normal_address(f"https://{domain}") == f"https://{domain}/"
        assert re.fullmatch(r"(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+", domain)


def test_countries_are_states_of_today():
    states = {row["code"]: row for row in table("gazetteer/states.csv")}
    for row in ROWS:
        assert row["country"] in states, row
        assert not states[row["country"]]["valid_to"], row


def test_one_name_is_one_outlet():
    """Domains may share a name where they are one outlet; then country and kind are the same."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in ROWS:
        found.setdefault(row["name"].casefold(), set()).add((row["country"], row["kind"]))
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {}


def test_every_name_and_alias_finds_its_outlet():
    for outlet in outlets().values():
        for name in (outlet.name, *outlet.aliases):
            found = outlet_of(name=name)
            assert found is not None, name
            assert found.name == outlet.name, name


@pytest.mark.parametrize(
    ("url", "name", "country", "kind"),
    [
        ("https://www.reuters.com/world/x", "Reuters", "GBR", "agency"),
        ("https://english.news.cn/20240514/a/c.html", "Xinhua", "CHN", "state"),
        ("http://edition.cnn.com/2024/05/14/a", "CNN", "USA", "private"),
        ("https://www.bbc.co.uk/news/1", "BBC", "GBR", "public"),
        ("https://timesofindia.indiatimes.com/a", "The Times of India", "IND", "private"),
        ("https://interfax.com.ua/news", "Interfax-Ukraine", "UKR", "agency"),
        ("https://english.radio.cz/a", "Radio Prague International", "CZE", "public"),
        ("https://www.aa.com.tr/en/a", "Anadolu Agency", "TUR", "state"),
    ],
)
def test_an_address_finds_its_outlet(url, name, country, kind):
    found = outlet_of(url)
    assert found is not None
    assert (found.name, found.country, found.kind) == (name, country, kind)


@pytest.mark.parametrize(
    "url", ["https://notreuters.com/a", "https://reuters.com.evil.example/", "https://com/", "", "http://[", "https://indiatimes.com/"]
)  # fmt: skip
def test_a_likeness_is_nobody(url):
    assert outlet_of(url) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AFP", "Agence France-Presse"),
        ("the guardian", "The Guardian"),
        ("Reuters", "Reuters"),
        ("TASS", "TASS"),
        ("www.haaretz.com", "Haaretz"),
        ("New York Times", "The New York Times"),
        ("Harbour Times", None),
        ("", None),
    ],
)
def test_a_name_finds_its_outlet(name, found):
    outlet = outlet_of(None, name)
    assert (outlet.name if outlet else None) == found


def test_an_address_counts_before_a_name():
    outlet = outlet_of("https://www.dawn.com/news/1", "Reuters")
    assert outlet is not None
    assert outlet.name == "Dawn"
