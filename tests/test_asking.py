"""A second opinion end to end: from the stored articles through a local server to the log, by module and by CLI."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from events import asking
from events.cli import app
from events.coders import disagreements
from events.errors import InputError
from events.extract.llm import Price, Settings
from events.opinions import Opinions
from events.queries import Queries
from events.schema import CodedArticle, Selection
from events.store import Store
from tests.llm_server import Said, Server
from tests.store_helpers import make_article, make_report, own

KEY = "sk-very-secret-0123456789"


def visit(number: int) -> CodedArticle:
    """Article `number`: Greece's minister visits Türkiye, as the first coder has it; every third has no event of it."""
    article = make_article(
        f"Greek minister {number} visited Turkey on Monday.", f"2024-03-{number:02}", title=f"Visit {number}"
    )
    start = article.body_start
    reports = (
        make_report(article, "GRC", "TUR", "CONSULT", sentence=article.span(start, len(article.text))),
    )
    return CodedArticle(article, reports if number % 3 else ())


def reading(text: str) -> list[dict]:
    found = re.search(r"Greek minister (\d+) visited Turkey", text)
    return [
        {
            "sentence": f"{found.group()} on Monday.", "source": "GRC", "source_words": f"Greek minister {found[1]}",
            "target": "TUR", "target_words": "Turkey", "symmetric": False, "event_type": "CONSULT", "mode": "visit",
            "event_type_words": "visited", "status": "occurred", "status_words": None, "date_words": "on Monday",
            "planned_for_words": None, "place_words": "Vienna", "actors": [], "issues": [], "quantities": [],
            "attributed_to": None, "attributed_to_words": None,
        }
    ] if found else []  # fmt: skip


@pytest.fixture
def store(tmp_path):
    coded = [visit(n) for n in range(1, 13)]
    german = CodedArticle(
        make_article("Ein Text.", "2024-03-20"), (), "written in German; only English is coded"
    )
    opened = Store(tmp_path / "store")
    opened.add([*coded, german], own(*coded))
    return opened


@pytest.fixture
def server():
    with Server(reading) as running:
        yield running


def given(server, **values) -> Settings:
    return Settings(server.url, "small-model", KEY, **({"timeout": 5.0, "tries": 1} | values))


def run(store, settings, **values):
    return asking.ask(store, settings, asking.plan(store, settings, **values).article_ids)


def test_the_plan_asks_nothing_and_tells_what_a_run_takes(store, server):
    planned = asking.plan(store, given(server, prices={"small-model": Price(1.0, 2.0)}))
    e = planned.estimate
    assert (len(planned.article_ids), planned.read, e.articles, e.kept, e.measured) == (12, 0, 12, 0, 0)
    assert 12 * 3_500 < e.tokens_in < 12 * 6_000
    assert e.tokens_out == 12 * 10 + 8 * 165
    assert e.cost == pytest.approx((e.tokens_in + 2 * e.tokens_out) / 1e6, rel=1e-3)
    assert e.seconds > 0
    assert server.requests == []
    assert asking.plan(store, given(server)).estimate.cost is None


def test_a_run_reads_every_article_of_the_language_and_logs_it(store, server):
    done = run(store, given(server))
    assert (done.total, done.done, done.reports, done.failed, done.stopped) == (12, 12, 12, [], None)
    assert done.refused == 12  # Vienna is in no article
    assert done.tokens_in > 12 * 3_000
    log = Opinions(store.location).coders().iloc[0]
    assert (log["coder"], log["articles"], log["reports"]) == ("llm small-model", 12, 12)
    alone = disagreements(store)
    assert (alone["which"] == "second").sum() == 4  # the articles in which the first coder has nothing
    assert KEY not in "".join(
        path.read_bytes().decode("latin-1") for path in (store_folder(store)).rglob("*") if path.is_file()
    )


def store_folder(store):
    return Opinions(store.location).folder


def test_a_run_is_not_paid_for_twice_and_its_pace_is_measured(store, server):
    run(store, given(server), limit=6)
    planned = asking.plan(store, given(server))
    assert (planned.read, planned.estimate.articles, planned.estimate.measured) == (6, 6, 6)
    again = run(store, given(server))
    assert again.done == 6
    assert len(server.requests) == 12
    assert asking.plan(store, given(server)).article_ids == ()


def test_answers_that_are_kept_cost_nothing(store, server):
    run(store, given(server))
    Opinions(store.location).path.unlink()  # the log is lost, the answers are not
    planned = asking.plan(store, given(server))
    assert (planned.estimate.kept, planned.estimate.tokens_in) == (12, 0)
    done = asking.ask(store, given(server), planned.article_ids)
    assert (done.kept, done.reports, done.tokens_in) == (12, 12, 0)
    assert len(server.requests) == 12


def test_a_sample_stays_and_grows(store, server):
    few, more = (asking.plan(store, given(server), limit=n).article_ids for n in (3, 7))
    assert more[:3] == few


def test_a_selection_takes_the_articles_that_tell_it(store, server):
    dyad = asking.plan(store, given(server), Selection(dyad=("GRC", "TUR")))
    assert len(dyad.article_ids) == 8
    days = asking.plan(store, given(server), Selection(start=date(2024, 3, 2), end=date(2024, 3, 4)))
    assert len(days.article_ids) == 3  # also the one without an event
    assert not asking.plan(store, given(server), Selection(dyad=("FRA", "TUR"))).article_ids


def test_imported_events_have_no_text_to_read(store, server):
    imported = CodedArticle(replace(visit(1).article, article_id="f" * 20, text=""), ())
    store.add([imported], [], dataset="GDELT")
    assert not asking.plan(store, given(server), Selection(dataset="GDELT")).article_ids


def test_an_article_that_fails_is_listed_and_asked_again_next_time(store, server):
    server.answers += [Said("no"), Said("no")]
    done = run(store, given(server, parallel=1))
    assert (done.done, done.reports, len(done.failed), done.stopped) == (12, 11, 1, None)
    assert "cannot be used" in done.failed[0][1]
    assert len(Opinions(store.location).failures("llm small-model")) == 1
    again = run(store, given(server))
    assert (again.done, again.reports) == (1, 1)


def test_a_server_that_fails_at_everything_ends_the_run(store, server):
    server.answers += [Said(status=500, error="out of memory")] * 99
    done = run(store, given(server, parallel=1))
    assert done.done == asking.GIVE_UP
    assert "5 articles in a row could not be read" in done.stopped
    assert "out of memory" in done.stopped


def test_a_refused_key_ends_the_run_at_once_and_keeps_what_was_read(store, server):
    server.answers += [Said(json.dumps({"events": []})), Said(status=401, error=f"bad key {KEY}")]
    done = run(store, given(server, parallel=1))
    assert done.done == 1
    assert "refuses the key" in done.stopped
    assert KEY not in done.stopped
    assert len(Opinions(store.location).read("llm small-model")) == 1


def test_a_run_that_is_stopped_goes_on_where_it_was(store, server):
    settings, stop = given(server, parallel=1), threading.Event()
    ids = asking.plan(store, settings).article_ids
    first = asking.ask(
        store, settings, ids, stop=stop, progress=lambda s: stop.set() if s.done == 4 else None
    )
    assert 4 <= first.done < 12
    assert "stopped" in first.stopped
    second = run(store, settings)
    assert first.done + second.done == 12
    assert len(server.requests) == 12


def test_several_at_a_time_read_the_same(store, server):
    done = run(store, given(server, parallel=4))
    assert (done.done, done.reports) == (12, 12)


@pytest.mark.slow
def test_a_killed_run_pays_for_no_article_twice(store, configured):
    """Killed in the middle, run again: each article is asked for once, but for those under way at the kill."""
    configured.answers += [Said(json.dumps({"events": []}), wait=0.5)] * 30
    command = [sys.executable, "-m", "events", "opinion", "--yes", "--store", store.location]
    first = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if Opinions(store.location).version >= 3:
                break
            time.sleep(0.1)
    finally:
        first.kill()
        first.wait()
    read = Opinions(store.location).version
    assert 3 <= read < 12
    configured.answers.clear()
    again = call(store, "--yes")
    assert again.exit_code == 0, again.stderr
    assert f"{12 - read} articles read" in again.stderr
    assert len(Opinions(store.location).read("llm small-model")) == 12
    assert 12 <= len(configured.requests) <= 14  # two were under way


# The command


@pytest.fixture
def configured(server, monkeypatch, tmp_path):
    monkeypatch.setenv("ENTENTE_LLM_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("ENTENTE_LLM_URL", server.url)
    monkeypatch.setenv("ENTENTE_LLM_MODEL", "small-model")
    monkeypatch.setenv("ENTENTE_LLM_KEY", KEY)
    return server


def call(store, *words):
    return CliRunner().invoke(app, ["opinion", "--store", store.location, *words])


def test_the_command_estimates_runs_and_tells_the_agreement(store, configured):
    dry = call(store, "--dry-run", "--limit", "10")
    assert (dry.exit_code, configured.requests) == (0, [])
    assert "small-model at 127.0.0.1" in dry.stderr
    assert "10 articles to read; about" in dry.stderr
    unsure = call(store)
    assert isinstance(unsure.exception, InputError)
    assert "--yes" in str(unsure.exception)
    assert configured.requests == []
    done = call(store, "--yes")
    assert done.exit_code == 0, done.stderr
    assert "12 articles read: 12 reports, 12 values refused, 0 articles failed" in done.stderr
    assert "8 acts by both, 0 by the rules alone, 4 by the model alone" in done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0][:3] == ["field", "n", "share"]
    assert ["event_type", "8", "1.000"] in [row[:3] for row in rows]
    assert call(store, "--agreement").stdout == done.stdout
    assert KEY not in dry.output + done.output


def test_the_command_says_what_is_missing(store, monkeypatch, tmp_path):
    monkeypatch.setenv("ENTENTE_LLM_CONFIG", str(tmp_path / "none.toml"))
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"ENTENTE_LLM_{name}", raising=False)
    assert "ENTENTE_LLM_URL" in str(call(store, "--dry-run").exception)
    assert "no second opinion is stored yet" in str(call(store, "--agreement").exception)


def test_the_command_tells_failures_and_stops(store, configured):
    configured.answers += [Said("no")] * 4  # the first two articles, and what is asked again
    partly = call(store, "--yes", "--limit", "6")
    assert partly.exit_code == 3
    assert "not read: the answer cannot be used" in partly.stderr
    configured.answers += [Said(status=401, error="no")] * 4
    stopped = call(store, "--yes")
    assert stopped.exit_code == 2
    assert "Stopped: 127.0.0.1" in stopped.stderr


@pytest.mark.usefixtures("configured")
def test_charts_do_not_count_what_the_model_read(store):
    before = Queries(store).count()
    call(store, "--yes")
    assert Queries(Store(store.location)).count() == before
