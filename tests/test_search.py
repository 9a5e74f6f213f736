"""The index of words: what is found, and that it survives kills, other processes and damage."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from events import search
from events.errors import StoreError
from events.queries import Queries
from events.schema import CodedArticle, Selection
from events.search import Index, fold, parse, problem
from events.store import Store
from tests.store_helpers import make_article, make_report, own, simple

ROOT = Path(__file__).resolve().parents[1]

TEXTS = {
    "grain": ("Türkiye and Russia renew the grain deal", "Ankara said wheat would be shipped from Odesa."),
    "lodz": ("Łódź hosts ministers", "Straße, œuvre and naïveté were discussed; the U.S.-China talks were not."),
    "beijing": ("外交部发言人表示", "中国外交部发言人周一表示欢迎。"),
    "kyiv": ("Київ: міністри", "Зустріч відбулася в Києві. Ёлка."),
    "cairo": ("القاهرة", "اجتمع الوزراء في القَاهِرَة يوم الاثنين."),
    "deal": ("A trade deal", "Grain was not mentioned here at all, deals were. It con\u00adtinues."),
}  # fmt: skip


def coded(name: str) -> CodedArticle:
    title, body = TEXTS[name]
    article = make_article(body, "2024-01-02", "Daily", title)
    sentence = article.span(article.body_start, len(article.text))
    return CodedArticle(article, (make_report(article, "TUR", "RUS", sentence=sentence),))


ITEMS = {name: coded(name) for name in TEXTS}
NAMES = {item.article.article_id: name for name, item in ITEMS.items()}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    made = Store(tmp_path_factory.mktemp("search") / "store")
    made.add(list(ITEMS.values()), own(*ITEMS.values()))
    return made


def found(store: Store, words: str) -> set[str]:
    events = Queries(store).events(Selection(search=words))
    return {NAMES[key] for key in events["article_id"]}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("grain", "grain deal"),
        ("GRAIN DEAL", "grain deal"),
        ('"grain deal"', "grain"),
        ("“grain deal”", "grain"),
        ('"grain deal', "grain"),
        ("grain -wheat", "deal"),
        ('deal -"trade deal"', "grain"),
        ("wheat OR naivete", "grain lodz"),
        ("deal* -grain*", ""),
        ("turk*", "grain"),
        ('"grain de*"', "grain"),
        ('"grain de"*', "grain"),
        ("turkiye", "grain"),
        ("TÜRKİYE", "grain"),
        ("lodz", "lodz"),
        ("łódź", "lodz"),
        ("strasse oeuvre", "lodz"),
        ("us-china", ""),
        ("U.S.-China", "lodz"),
        ("外交部", "beijing"),
        ("部外", ""),
        ("київ", "kyiv"),
        ("КИЇВ", "kyiv"),
        ("елка", "kyiv"),
        ("القاهره OR القاهرة", "cairo"),
        ("continues", "deal"),
        ("title:deal", "grain deal"),
        ("title: wheat", ""),
        ("sentence:deal", ""),
        ("Sentence: grain", "deal"),
        ("sentence:wheat OR grain", "grain deal"),
        ("grain wheat mentioned", ""),
        ("rain", ""),
        ("OR", ""),
        ("wheat OR", "grain"),
        ("text AND NOT (grain)", ""),
        ("NEAR(grain deal)", ""),
        ('grain" OR "1"="1', ""),
        ("{title}: grain", ""),
        ("grain*deal", "grain"),
        ("^grain", "grain deal"),
        ("grain + deal", "grain deal"),
        ("'; DROP TABLE articles; --", ""),
    ],
)
def test_what_is_found(store, words, expected):
    assert found(store, words) == set(expected.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("%", "“%” holds no word to look for."),
        ('"', '“"” holds no word to look for.'),
        ("🙂🙂", "“🙂🙂” holds no word to look for."),
        ("title:", "“title:” holds no word to look for."),
        ("*", "“*” holds no word to look for."),
        ("-grain", "A word to leave out needs one to look for beside it."),
        ("grain OR -deal", "A word to leave out needs one to look for beside it."),
        ("a " * 31, "A search takes 30 words at most; leave some out."),
        ("\x00", "“\x00” holds no word to look for."),
    ],
)
def test_a_search_that_can_find_nothing_says_why(store, words, said):
    assert problem(words) == said
    assert found(store, words) == set()
    assert Queries(store).articles(search=words).empty


@pytest.mark.parametrize(
    "words", ["", "  ", "grain", "a " * 30, "grain \ud800", "x" * 100_000, '"' * 999 + "a"]
)
def test_others_have_no_problem(store, words):
    assert problem(words) is None
    Queries(store).count(Selection(search=words))


def test_folding():
    assert fold("Ångström İstanbul ΆΈ Đà Nẵng") == "angstrom istanbul αε da nang"
    assert fold("日本 and 日") == " 日  本  and  日 "
    assert parse("title: A-B c*").match() == '{title} : (("a b" AND "c" *))'
    assert parse("a -b OR d").match() == '(("a") NOT ("b")) OR ("d")'


def test_an_event_is_found_by_any_of_its_reports(tmp_path):
    store = Store(tmp_path / "store")
    first, second = (
        simple(1),
        CodedArticle(make_article("Greece and Turkey spoke of hydrocarbons.", "2011-03-02")),
    )
    told = make_report(second.article, "GRC", "TUR", symmetric=True)
    second = CodedArticle(second.article, (told,))
    assigned = own(first, second)
    event = first.reports[0].report_id
    store.add([first, second], [a if a.report_id != told.report_id else type(a)(told.report_id, event, "same", "test", a.when) for a in assigned])  # fmt: skip
    for words in ("hydrocarbons", "sentence:hydrocarbons"):
        assert Queries(store).events(Selection(search=words))["event_id"].tolist() == [event]
        assert sum(len(b) for b in Queries(store).reports(Selection(search=words))) == 2


def test_the_index_follows_the_store_and_reads_only_what_is_new(tmp_path):
    store = Store(tmp_path / "store")
    index = Index(store)
    assert index.find("ankara", store.snapshot())[1].num_rows == 0
    assert not (tmp_path / "store").exists()  # asking an empty store makes nothing
    for number in range(3):
        store.add([simple(number)], own(simple(number)))
        snapshot = store.snapshot()
        assert not index.is_ready(snapshot)
        assert index.update(snapshot) == 1
        assert index.is_ready(snapshot)
        assert index.find("ankara", snapshot)[1].num_rows == number + 1
    store.compact()  # other files, the same rows
    assert index.update(store.snapshot()) == 0
    assert index.find("ankara", store.snapshot())[1].num_rows == 3
    assert Index(store).update(store.snapshot()) == 0  # as does another process
    assert len(Queries(store, 1).events(Selection(search="ankara"))) == 2  # an old version stays as it was


def test_it_lies_in_the_stores_folder_and_nowhere_else(tmp_path):
    store = Store(tmp_path / "store")
    store.add([simple(1)], own(simple(1)))
    before = {entry.name for entry in (tmp_path / "store").iterdir()}
    assert found_rows(store) == 2
    after = {entry.name for entry in (tmp_path / "store").iterdir()}
    assert {name.removesuffix("-wal").removesuffix("-shm") for name in after - before} == {
        ".search.sqlite3",
        ".search.lock",
    }
    assert [entry.name for entry in tmp_path.iterdir()] == ["store"]
    store.add([simple(2)], own(simple(2)))  # a store with an index in it is still a store
    assert found_rows(store) == 4


def found_rows(store: Store) -> int:
    return len(Queries(store).events(Selection(search="ankara")))


@pytest.mark.parametrize("harm", ["deleted", "garbage", "cut", "another format", "emptied"])
def test_a_harmed_index_is_built_again(tmp_path, harm):
    store = Store(tmp_path / "store")
    store.add([simple(n) for n in range(5)], own(*(simple(n) for n in range(5))))
    assert found_rows(store) == 10
    search._open_indexes.clear() if harm == "cut" else None
    path = tmp_path / "store" / ".search.sqlite3"
    if harm == "deleted":
        path.unlink()
    elif harm == "garbage":
        path.write_bytes(b"not a database " * 999)
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif harm == "emptied":
        path.write_bytes(b"")
    else:
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA user_version = 99")
    store.add([simple(7)], own(simple(7)))
    assert found_rows(store) == 12


def test_a_folder_that_may_not_be_written_is_indexed_in_private(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    store.add([simple(1)], own(simple(1)))
    before = sorted(Path(store.location).iterdir())
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    index = Index(store)
    assert index.find("ankara", store.snapshot())[1].num_rows == 1
    store.add([simple(2)], own(simple(2)))
    assert index.find("ankara", store.snapshot())[1].num_rows == 2
    assert sorted(Path(store.location).iterdir()) == before


def test_an_object_store_is_indexed_in_private(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    store.add([simple(1)], own(simple(1)))
    monkeypatch.setattr(store, "is_local", False)
    monkeypatch.setattr(store, "location", f"file://{store.location}")
    index = Index(store)
    assert index.path is None
    assert index.find("athens", store.snapshot())[1].num_rows == 1
    assert index.find("sentence:athens", store.snapshot())[1].num_rows == 2


def test_threads_share_one_index(tmp_path):
    store = Store(tmp_path / "store")
    store.add([simple(n) for n in range(40)], own(*(simple(n) for n in range(40))))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                assert found_rows(store) == 80
        except BaseException as error:  # noqa: BLE001 handed to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


BUILD = """
import sys
from events import search
from events.store import Store
search.BATCH = 10
store = Store(sys.argv[1])
add = search.Index._add
def slowly(self, *args):
    add(self, *args)
    print("batch", flush=True)
    if sys.argv[2] == "hang":
        sys.stdin.read()
search.Index._add = slowly
print(search.index_of(store).update(store.snapshot()), flush=True)
"""


def build(store: Store, how: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, store.location, how],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_killed_build_goes_on_where_it_stood(tmp_path):
    store = Store(tmp_path / "store")
    items = [simple(n) for n in range(95)]
    store.add(items, own(*items))
    process = build(store, "hang")
    assert process.stdout.readline() == "batch\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    index = Index(store)
    assert index.update(store.snapshot()) == 85
    assert index.find("ankara", store.snapshot())[1].num_rows == 95


def test_two_processes_build_one_index(tmp_path):
    store = Store(tmp_path / "store")
    items = [simple(n) for n in range(95)]
    store.add(items, own(*items))
    said = [process.communicate("")[0].split()[-1] for process in [build(store, "go"), build(store, "go")]]
    assert Index(store).find("ankara", store.snapshot())[1].num_rows == 95
    assert "95" in said
    with sqlite3.connect(tmp_path / "store" / ".search.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM articles WHERE articles MATCH 'ankara'").fetchone() == (
            95,
        )


def test_a_builder_that_never_ends_is_told_of(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    store.add([simple(1)], own(simple(1)))
    process = build(store, "hang")
    assert process.stdout.readline() == "batch\n"
    monkeypatch.setattr(search, "LOCK_TIMEOUT", 0.2)
    with pytest.raises(StoreError, match="another process has been building"):
        Index(store).find("ankara", store.snapshot())
    process.kill()
    process.communicate()
    assert Index(store).find("ankara", store.snapshot())[1].num_rows == 1
