"""Watching feeds of a local server with faults: nothing twice, nothing lost, nobody pestered, every failure told."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from events import cli, watch
from events.errors import FetchError, InputError, StoreError
from events.read.fetch import Fetcher, Limits
from events.read.web import Visitor, address_key, from_address, retry_seconds
from events.schema import Article
from events.store import Store
from events.watch import Pass
from tests.hostile import hostile, reply
from tests.made_documents import BODY, TITLE, page, pdf, rss, wrapped

ROOT = Path(__file__).resolve().parents[1]
DAY = "Tue, 14 May 2024 09:00:00 GMT"
KENYA = (
    "NAIROBI, June 3, 2024 - Kenya summoned the Ugandan ambassador on Monday over the arrest of fishermen on Lake Victoria.",
    "The foreign ministry said that it had asked Uganda to release the men, who were held for a week in Entebbe.",
)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


class NoReports:
    """An extractor for tests that look at articles alone."""

    name, version = "none", "1"

    def stream(self, articles):
        for _ in articles:
            yield []


@pytest.fixture
def server():
    with hostile() as made:
        yield made


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def guest(server, clock) -> Visitor:
    made = Fetcher(limits=Limits(seconds=3, silence=1, size=2_000_000), allowed=server.allowed)
    return Visitor(made, sleep=clock.sleep, clock=clock)


@pytest.fixture
def watched(server, guest, clock, tmp_path):
    def make(*feeds: watch.Feed, **kwargs) -> watch.Watcher:
        asked = watch.Feeds(feeds or (watch.Feed(server.url("/feed")),))
        return watch.Watcher(
            asked, Store(tmp_path / "store"), visitor=guest, clock=clock, extractor=NoReports(), **kwargs
        )

    return make


def serve(server, *names: str, etag: str = "", status: str = "") -> None:
    """Let the feed list these pages, and each page be there; the head of a feed may carry an ETag."""
    entries = [(server.url(f"/{n}?utm_source=rss"), f"Page {n}", DAY, "") for n in names]
    feed = rss(*entries)

    def answer(connection: socket.socket, head: str) -> None:
        if etag and f"If-None-Match: {etag}" in head:
            connection.sendall(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
        else:
            connection.sendall(
                reply(feed, Content_Type="application/rss+xml", **({"ETag": etag} if etag else {}))
            )

    server.answers["/feed"] = reply(b"", status=status) if status else answer
    for n in names:
        told = page(f"Ministers meet for round {n} of their talks", f"{BODY[0]} This was round {n}.", BODY[1])
        server.answers[f"/{n}?utm_source=rss"] = reply(told, Content_Type="text/html")


def outlets_of(store: Store) -> list[str | None]:
    cursor = store.connect()
    return [outlet for (outlet,) in cursor.execute("SELECT outlet FROM articles ORDER BY url").fetchall()]


def stored(store: Store) -> list[str]:
    if store.is_empty():
        return []
    rows = store.connect().execute("SELECT url FROM articles ORDER BY url").fetchall()
    return [re.sub(r"^http://127.0.0.1:\d+", "", url) for (url,) in rows]


def test_a_pass_takes_what_is_new_and_the_next_one_nothing(server, watched):
    serve(server, "a", "b", etag='"v1"')
    made = watched()
    first = made.once()
    assert (first.feeds, first.listed, first.taken.read, first.failed) == (1, 2, 2, [])
    assert stored(made.store) == ["/a?utm_source=rss", "/b?utm_source=rss"]
    assert outlets_of(made.store) == ["Harbour Times"] * 2
    before = len(server.seen)
    second = made.once()
    assert (second.unchanged, second.listed, second.taken.read) == (1, 0, 0)
    assert len(server.seen) == before + 1
    assert 'If-None-Match: "v1"' in server.seen[-1]


def test_a_changed_feed_costs_only_what_is_new(server, watched):
    serve(server, "a", "b", etag='"v1"')
    made = watched()
    made.once()
    serve(server, "c", "b", "a", etag='"v2"')
    done = made.once()
    assert (done.listed, done.known, done.taken.read) == (3, 2, 1)
    assert sum("/c" in path for path in server.paths()) == 1
    assert sum("/a" in path for path in server.paths()) == 1


def test_last_modified_is_sent_back(server, watched):
    serve(server, "a")
    entry = rss((server.url("/a?utm_source=rss"), "Page", DAY, ""))
    server.answers["/feed"] = reply(entry, Last_Modified="Tue, 14 May 2024 10:00:00 GMT")
    made = watched()
    made.once()
    made.once()
    assert "If-Modified-Since: Tue, 14 May 2024 10:00:00 GMT" in server.seen[-1]


def test_one_article_at_two_addresses_is_taken_once(server, watched):
    canonical = server.url("/story")
    told = page(TITLE, *BODY, canonical=canonical)
    server.answers["/x"] = server.answers["/y"] = reply(told)
    server.answers["/feed"] = reply(rss(*((server.url(p), TITLE, DAY, "") for p in ("/x", "/y", "/x"))))
    made = watched()
    done = made.once()
    assert (done.listed, done.known, done.taken.read) == (3, 2, 1)
    assert stored(made.store) == ["/story"]
    server.answers["/feed"] = reply(rss((server.url("/story?utm_campaign=x"), TITLE, DAY, "")))
    assert made.once().known == 1


def test_one_text_at_two_addresses_is_taken_once(server, watched):
    server.answers["/x"] = reply(page(TITLE, *BODY))
    server.answers["/y"] = reply(page(TITLE, *BODY, day="2024-05-15"))
    server.answers["/feed"] = reply(rss(*((server.url(p), TITLE, DAY, "") for p in ("/x", "/y"))))
    done = watched().once()
    assert (done.taken.read, done.taken.coded, done.taken.duplicates) == (2, 1, 1)


def test_faults_are_told_one_by_one_and_the_rest_is_taken(server, watched, clock):
    serve(server, "good")
    server.answers["/gone"] = reply(b"", status="404 Not Found")
    server.answers["/busy"] = reply(b"", status="503 Service Unavailable")
    server.answers["/picture"] = reply(b"\x89PNG\r\n\x1a\n" + b"x" * 100, Content_Type="text/html")
    server.answers["/house"] = reply(status="302 Found", Location="http://10.0.0.1/")
    server.answers["/empty"] = reply(b"<html><body><nav>Home</nav></body></html>")
    server.answers["/words"] = reply(b"", status="403 Forbidden")
    entries = [(server.url(f"/{p}"), p, DAY, "") for p in ("gone", "busy", "picture", "house", "empty")]
    entries += [(server.url("/words"), TITLE, DAY, f"<p>{BODY[0]}</p>"), ("", "nowhere", DAY, "")]
    entries.insert(3, (server.url("/good?utm_source=rss"), "good", DAY, ""))
    server.answers["/feed"] = reply(rss(*entries), ETag='"v1"')
    server.answers["/broken"] = reply(
        b"<html><p>no feed at all, only words in a page that is no feed</p></html>"
    )
    made = watched(*(watch.Feed(server.url(path)) for path in ("/feed", "/broken", "/nothing")))
    done = made.once()
    told = {re.sub(r"^http://127.0.0.1:\d+", "", item.source): item.message for item in done.failed}
    assert {path: words for path, words in told.items() if path != "/feed"} == {
        "/gone": "there is no such page; check the address (HTTP 404)",
        "/busy": "the server has an error (HTTP 503)",
        "/picture": "this is a picture; text in pictures is not read",
        "/house": told["/house"],
        "/empty": "no article was found in it, only a title or page furniture; paste its words as text",
        "/broken": "it is no RSS or Atom feed and no sitemap; check the address in a browser",
        "/nothing": "there is no such page; check the address (HTTP 404)",
    }
    assert "private or reserved network" in told["/house"]
    assert "an entry names no page (nowhere)" in told["/feed"]
    assert (done.given_up, done.taken.read) == (4, 2)  # busy may come back
    assert stored(made.store) == ["/good?utm_source=rss", "/words"]
    assert f"{len(done.failed)} failures, 4 of them given up" in "\n".join(done.told())
    assert sum(path == "/busy" for path in server.paths()) == 3
    assert {2.0, 8.0} <= set(clock.slept)  # the back-off; the rest is politeness

    # what may come back is asked again, the feed not being taken for read; what is gone is not
    server.answers["/busy"] = reply(page(TITLE, *KENYA))
    again = made.once()
    assert "If-None-Match" not in server.seen[-4]
    assert again.taken.read == 1
    assert sum(path == "/gone" for path in server.paths()) == 1


def test_a_page_that_never_comes_is_given_up_after_some_passes(server, watched):
    server.answers["/busy"] = reply(b"", status="503 Service Unavailable")
    server.answers["/feed"] = reply(rss((server.url("/busy"), "x", DAY, "")), ETag='"v1"')
    made = watched()
    passes = [made.once() for _ in range(watch.GIVEN_UP + 2)]
    assert [len(done.failed) for done in passes] == [1] * watch.GIVEN_UP + [0, 0]
    assert passes[watch.GIVEN_UP - 1].given_up == 1


def test_robots_txt_is_heeded(server, watched, clock):
    serve(server, "a", "secret")
    server.answers["/robots.txt"] = reply(b"User-agent: *\nDisallow: /secret\nCrawl-delay: 7\n")
    made = watched()
    done = made.once()
    assert stored(made.store) == ["/a?utm_source=rss"]
    assert "robots.txt asks programs to leave this page alone" in done.failed[0].message
    assert not any("/secret" in path for path in server.paths())
    assert server.paths().count("/robots.txt") == 1
    assert 7.0 in clock.slept


def test_a_robots_txt_for_us_counts_before_that_for_all(server, watched):
    serve(server, "a")
    server.answers["/robots.txt"] = reply(b"User-agent: *\nDisallow:\n\nUser-agent: Entente\nDisallow: /\n")
    done = watched().once()
    assert "robots.txt" in done.failed[0].message
    assert server.paths() == ["/robots.txt"]


def test_a_robots_txt_that_cannot_be_had_keeps_us_away(server, watched):
    serve(server, "a")
    server.answers["/robots.txt"] = reply(b"", status="503 Service Unavailable")
    done = watched().once()
    assert "robots.txt could not be read" in done.failed[0].message
    assert set(server.paths()) == {"/robots.txt"}


def test_a_host_is_asked_no_faster_than_the_pause(server, watched, clock):
    serve(server, "a", "b", "c")
    began = clock.now
    watched().once()
    assert len(server.seen) == 5
    assert clock.now - began == pytest.approx(2.0 * 4, abs=0.1)


def test_a_short_pause_that_the_server_asks_for_is_kept(server, guest, clock):
    answers = iter([reply(b"", status="429 Too Many Requests", Retry_After="5"), reply(page(TITLE, *BODY))])
    server.answers["/a"] = lambda connection, _: connection.sendall(next(answers))
    assert guest.get(server.url("/a"), robots=False).status == 200
    assert 5.0 in clock.slept


def test_a_long_pause_is_kept_over_passes(server, watched, clock):
    server.answers["/feed"] = reply(b"", status="429 Too Many Requests", Retry_After="3600")
    made = watched()
    assert "asks for a pause" in made.once().failed[0].message
    assert server.paths().count("/feed") == 1
    assert "asked to be left alone until" in made.once().failed[0].message
    assert server.paths().count("/feed") == 1
    clock.now += 3601
    serve(server, "a")
    assert made.once().taken.read == 1


def test_the_limit_of_a_pass_leaves_the_rest_for_the_next(server, watched):
    serve(server, "a", "b", "c", etag='"v1"')
    made = watched(watch.Feed(server.url("/feed"), limit=2))
    first, second, third = made.once(), made.once(), made.once()
    assert [(done.taken.read, done.left, done.unchanged) for done in (first, second, third)] == [
        (2, 1, 0),
        (1, 0, 0),
        (0, 0, 1),
    ]


def test_since_match_and_outlet(server, watched):
    day = "Wed, 01 May 2024 09:00:00 GMT"
    entries = [("/old", "Talks", day), ("/sport", "Football", DAY), ("/a", "Talks go on", DAY)]
    server.answers["/feed"] = reply(rss(*((server.url(p), t, d, "") for p, t, d in entries)))
    server.answers["/a"] = reply(page(TITLE, *BODY, site="Other name"))
    made = watched(watch.Feed(server.url("/feed"), since=date(2024, 5, 10), match="[Tt]alks", outlet="Ours"))
    assert made.once().listed == 1
    assert (stored(made.store), outlets_of(made.store)) == (["/a"], ["Ours"])


def test_sitemaps_are_opened_and_read_packed(server, watched):
    news = (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{}</loc><news:news><news:publication>'
        "<news:name>Harbour Times</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2024-05-14</news:publication_date><news:title>T</news:title></news:news></url></urlset>"
    )
    index = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'.format(
        "".join(
            f"<sitemap><loc>{server.url(p)}</loc></sitemap>" for p in ("/1.xml.gz", "/2.xml", "/lost.xml")
        )
    )
    server.answers["/sitemap.xml"] = reply(index.encode(), Content_Type="application/xml")
    server.answers["/1.xml.gz"] = reply(
        gzip.compress(news.format(server.url("/a")).encode()), Content_Type="application/gzip"
    )
    server.answers["/2.xml"] = reply(news.format(server.url("/b")).encode())
    server.answers["/a"] = reply(page(TITLE, *BODY))
    server.answers["/b"] = reply(page("Kenya summons envoy", *KENYA))
    made = watched(watch.Feed(server.url("/sitemap.xml")))
    assert made.once().taken.read == 2
    assert (stored(made.store), outlets_of(made.store)) == (["/a", "/b"], ["Harbour Times"] * 2)


def test_documents_that_a_feed_lists_are_read(server, watched):
    server.answers["/a.pdf"] = reply(pdf([[TITLE, "", *wrapped(BODY[0])]]), Content_Type="text/html")  # a lie
    server.answers["/feed"] = reply(rss((server.url("/a.pdf"), TITLE, DAY, "")))
    made = watched()
    assert (made.once().failed, stored(made.store)) == ([], ["/a.pdf"])


def test_an_article_is_known_by_its_address_in_the_store_too(server, watched):
    serve(server, "a")
    made = watched()
    made.once()
    made.path.unlink()
    again = made.once()
    assert (again.known, again.taken.read) == (1, 0)


def test_two_watches_of_one_store_take_turns(server, watched):
    def inner(connection: socket.socket, _: str) -> None:
        with pytest.raises(InputError, match="another watch of this store is at work"):
            other.once()
        connection.sendall(reply(rss()))
        asked.append(True)

    asked: list[bool] = []
    server.answers["/feed"] = inner
    made, other = watched(), watched()
    made.once()
    assert asked == [True]


def test_what_is_fetched_but_not_committed_comes_again(server, watched, monkeypatch):
    serve(server, "a")
    made = watched()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(watch, "take_in", killed)
        with pytest.raises(KeyboardInterrupt):
            made.once()
    assert made.once().taken.read == 1


# -- by address


def read_at(url: str, guest: Visitor, **kwargs) -> list:
    return [
        item if not isinstance(item, tuple) else item[0]
        for item in from_address(url, visitor=guest, **kwargs)
    ]


def test_a_page_gives_canonical_address_outlet_day_and_title(server, guest):
    told = page(TITLE, *BODY, canonical=server.url("/story"), site="Harbour Times")
    server.answers["/a?utm_source=x"] = reply(told, Content_Type="text/html")
    (article,) = read_at(server.url("/a?utm_source=x"), guest)
    assert (article.title, article.outlet, article.language) == (TITLE, "Harbour Times", "en")
    assert (article.url, article.published) == (server.url("/story"), "2024-05-14T09:00:00+00:00")
    assert article.text.endswith("\n\n".join(BODY)) or BODY[1] in article.text
    assert "Home" not in article.text
    assert "Privacy" not in article.text


def test_a_page_may_not_speak_for_another_site(server, guest):
    server.answers["/a"] = reply(page(TITLE, *BODY, canonical="https://www.reuters.com/world/story"))
    (article,) = read_at(server.url("/a"), guest)
    assert article.url == server.url("/a")
    assert article.outlet != "Reuters"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("text/html; charset=utf-8", "windows-1252"),
        ("text/html; charset=x-nonsense", "utf-8"),
        ("application/octet-stream", "utf-8"),
        ("image/png", "utf-8"),
        ("text/html; charset=iso-8859-9", "iso-8859-9"),
    ],
)
def test_a_wrong_charset_or_type_is_seen_through(server, guest, head, body):
    words = (
        "Türkiye’s minister said: “Ça suffit”, and Greece’s envoys left."
        if body != "iso-8859-9"
        else "Türkiye expelled Şahin."
    )
    told = page(TITLE, words, *BODY).replace(b'<meta charset="utf-8">', b"").decode().encode(body)
    server.answers["/a"] = reply(told, Content_Type=head)
    (article,) = read_at(server.url("/a"), guest)
    assert words in article.text


def test_a_feed_by_address_gives_its_newest_and_says_what_is_left(server, guest):
    serve(server, "a", "b", "c")
    found = read_at(server.url("/feed"), guest, limit=2)
    assert [isinstance(item, Article) for item in found] == [True, True, False]
    assert "it lists 3 articles, of which the first 2 were read" in found[2].message


def test_what_a_person_names_is_fetched_though_robots_may_not(server, guest):
    server.answers["/robots.txt"] = reply(b"User-agent: *\nDisallow: /\n")
    server.answers["/a"] = reply(page(TITLE, *BODY))
    assert [item.title for item in read_at(server.url("/a"), guest)] == [TITLE]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.a.example/x/?utm_source=rss&b=2&a=1#top", "https://a.example/x?a=1&b=2"),
        ("https://m.a.example/x?fbclid=1", "https://amp.a.example/x"),
        ("https://A.example:443/x", "http://a.example/x"),
    ],
)
def test_addresses_of_one_article_have_one_key(one, other):
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(("one", "other"), [("https://a.example/x?id=1", "https://a.example/x?id=2"), ("https://a.example/x", "https://b.example/x"), ("https://m.example/x", "https://example/x")])  # fmt: skip
def test_addresses_of_two_articles_have_two(one, other):
    assert address_key(one) != address_key(other)


def test_pauses_are_read_in_seconds_and_as_a_day():
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_seconds("7") == 7
    assert retry_seconds(format_datetime(soon)) == pytest.approx(90, abs=3)
    assert retry_seconds("Tue, 14 May 2024 09:00:00 GMT") == 0
    assert (retry_seconds("soon"), retry_seconds(None), retry_seconds("")) == (None, None, None)


# -- feeds.toml


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "it names no feed"),
        ("feed = 1", "it names no feed"),
        ("[[feed]]\n", "feed 1 needs url"),
        ('[[feed]]\nurl = "file:///etc/passwd"', "feed 1 needs url"),
        ('[[feed]]\nurl = "https://a.example/f"\nlimits = 3', "unknown keys limits"),
        ('paus = 1\n[[feed]]\nurl = "https://a.example/f"', "unknown keys paus"),
        ('pause = -1\n[[feed]]\nurl = "https://a.example/f"', "pause is a number"),
        ('[[feed]]\nurl = "https://a.example/f"\nlimit = 0', "limit of feed 1"),
        ('[[feed]]\nurl = "https://a.example/f"\nsince = "May"', "since of feed 1"),
        ('[[feed]]\nurl = "https://a.example/f"\nmatch = "("', "no regular expression"),
        (
            '[[feed]]\nurl = "https://a.example/f"\n[[feed]]\nurl = "http://www.a.example/f/"',
            "names a feed twice",
        ),
        ('allow = ["localhost:80"]\n[[feed]]\nurl = "https://a.example/f"', "numeric addresses"),
        ("feed = [", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_of_feeds_is_refused_with_the_reason(tmp_path, words, message):
    (tmp_path / "feeds.toml").write_text(words, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        watch.load(tmp_path / "feeds.toml")


def test_a_file_of_feeds_says_all(tmp_path):
    (tmp_path / "feeds.toml").write_text(
        'pause = 5\ndataset = "gulf"\nallow = ["10.0.0.5:8080", "[fd00::5]:80"]\n[[feed]]\nurl = "https://a.example/f"\n'
        'outlet = "A"\nlimit = 9\nsince = 2024-05-01\nmatch = "Iran"\n',
        encoding="utf-8",
    )
    found = watch.load(tmp_path / "feeds.toml")
    assert (found.pause, found.dataset, found.allow) == (5.0, "gulf", (("10.0.0.5", 8080), ("fd00::5", 80)))
    assert found.feeds == (watch.Feed("https://a.example/f", "A", 9, date(2024, 5, 1), "Iran"),)


@pytest.mark.parametrize(("words", "seconds"), [("15m", 900), ("90s", 90), ("2h", 7200), ("1d", 86_400)])
def test_spans(words, seconds):
    assert watch.every(words) == seconds


@pytest.mark.parametrize("words", ["", "15", "m", "0m", "30s", "-5m", "1.5h", "15 minutes"])
def test_spans_that_are_none(words):
    with pytest.raises(InputError):
        watch.every(words)


# -- the command


@pytest.fixture
def command(server, tmp_path):
    (tmp_path / "feeds.toml").write_text(
        f'pause = 0\nallow = ["127.0.0.1:{server.port}"]\n[[feed]]\nurl = "{server.url("/feed")}"\n',
        encoding="utf-8",
    )
    # a run in the background ignores Ctrl-C and hands that down; the command of a person at a terminal does not
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from events.cli import run; run()"
    base = [
        sys.executable,
        "-c",
        program,
        "watch",
        str(tmp_path / "feeds.toml"),
        "--store",
        str(tmp_path / "store"),
    ]

    def start(*args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*base, *args],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ),
        )

    return start


@pytest.mark.slow
def test_one_pass_of_the_command_codes_stores_and_tells(server, command, tmp_path):
    serve(server, "a")
    server.answers["/gone"] = reply(b"", status="410 Gone")
    feed = rss((server.url("/a?utm_source=rss"), "a", DAY, ""), (server.url("/gone"), "gone", DAY, ""))
    server.answers["/feed"] = reply(feed)
    process = command("--once")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    assert "1 articles fetched: 1 coded with 2 reports" in err or "1 coded with" in err
    assert f"failed: {server.url('/gone')}: the page has been taken away (HTTP 410)" in err
    held = Store(tmp_path / "store")
    rows = held.connect().execute("SELECT source, target FROM reports").fetchall()
    assert ("TUR", "GRC") in rows
    assert json.dumps(stored(held)) == '["/a?utm_source=rss"]'


@pytest.mark.slow
def test_ctrl_c_ends_the_command_cleanly(server, command):
    server.answers["/feed"] = reply(rss())
    process = command("--every", "1m")
    end = time.monotonic() + 60
    while not server.seen and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=180)
    assert process.returncode == 130
    assert "1 feeds: 0 unchanged" in err
    assert "stopped; what was committed to the store is kept" in err
    assert "Traceback" not in err


def test_a_pass_that_breaks_off_does_not_end_the_watch(tmp_path, monkeypatch, capsys):
    (tmp_path / "feeds.toml").write_text('[[feed]]\nurl = "https://a.example/feed"\n', encoding="utf-8")
    passes = iter([StoreError("the store is locked"), Pass(feeds=1), KeyboardInterrupt()])

    def once(*_, **__):
        done = next(passes)
        if isinstance(done, BaseException):
            raise done
        return done

    monkeypatch.setattr("events.watch.Watcher.once", once)
    monkeypatch.setattr("time.sleep", lambda _: None)
    asked = ["events", "watch", str(tmp_path / "feeds.toml"), "--store", str(tmp_path / "store")]
    monkeypatch.setattr(sys, "argv", asked)
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 130
    told = capsys.readouterr().err
    assert told.index("this pass broke off: the store is locked") < told.index("1 feeds:")
    passes = iter([StoreError("the store is locked")])
    monkeypatch.setattr(sys, "argv", [*asked, "--once"])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 2


def test_a_missing_page_of_an_address_is_told_by_code(server, guest):
    with pytest.raises(FetchError):
        guest.get(server.url("/none"), robots=False)
