"""The command line: what it reads, writes, says and returns."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from events import __version__, cli
from events.queries import Queries
from events.schema import Report, article_id_of
from events.store import Store
from tests import made_documents
from tests.store_helpers import own, simple

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {command.name or command.callback.__name__ for command in cli.app.registered_commands}
GREEK = {
    "id": "g1", "title": "Envoys out", "text": "Ankara expelled two Greek diplomats on Tuesday.",
    "published": "2024-05-15", "outlet": "Daily", "url": "https://example.org/1",
}  # fmt: skip
KENYAN = {"id": "k1", "text": "Kenya summoned the Ugandan ambassador on Monday.", "published": "2024-05-15"}
RUSSIAN = {
    "text": "Министр иностранных дел России прибыл во вторник в Анкару, где провёл переговоры со своим турецким "
    "коллегой. Стороны обсудили торговлю, энергетику и положение в Сирии, сообщила пресс-служба министерства."
}


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line in `tmp_path`; returns exit code, standard output, standard error on one line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))

    def call(*args: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["events", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = 0
        try:
            cli.run()
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
        out, err = capsys.readouterr()
        return code, out, " ".join(err.split())

    return call


def jsonl(*rows: object) -> bytes:
    """Lines: objects as JSON, strings and bytes as they are."""
    parts = [
        row if isinstance(row, bytes) else (row if isinstance(row, str) else json.dumps(row)).encode()
        for row in rows
    ]
    return b"".join(part + b"\n" for part in parts)


def reports(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def dyads(text: str) -> list[tuple[str, str]]:
    return [(r["source"], r["target"]) for r in reports(text)]


# code


def test_code_writes_one_report_a_line_with_its_words(run, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(jsonl(GREEK, KENYAN))
    code, out, err = run("code", "in.jsonl", "--to", "out.jsonl")
    assert (code, out, err) == (0, "", "2 articles coded, 2 reports")
    first, second = reports((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert (first["source"], first["target"], first["event_type"], first["mode"]) == (
        "TUR", "GRC", "SANCTION", "expel",
    )  # fmt: skip
    assert (first["date"], first["date_basis"], first["article"]) == ("2024-05-14", "text", "g1")
    text = f"{GREEK['title']}\n{GREEK['text']}"
    assert first["article_id"] == article_id_of(text)
    spans = [s for spans in first["evidence"].values() for s in spans] + [first["sentence"]]
    assert all(text[s["start"] : s["end"]] == s["text"] for s in spans)
    assert (second["source"], second["target"], second["article"]) == ("KEN", "UGA", "k1")
    assert Report.from_json(first).to_json() == Report.from_json(first).to_json()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_code_reads_standard_input_and_writes_standard_output(run):
    code, out, err = run("code", "-", stdin=b"\xef\xbb\xbf" + jsonl(GREEK, "", KENYAN))
    assert (code, dyads(out)) == (0, [("TUR", "GRC"), ("KEN", "UGA")])
    assert err == "2 articles coded, 2 reports"


def test_code_names_an_article_without_an_id_by_its_own(run):
    _, out, _ = run("code", "-", stdin=jsonl({k: v for k, v in KENYAN.items() if k != "id"}))
    assert reports(out)[0]["article"] == article_id_of(KENYAN["text"]) == reports(out)[0]["article_id"]


BAD = {  # a line, the words that tell what is wrong with it
    "broken JSON": ('{"text": "Ankara', "broken JSON"),
    "no text": ({"id": "x"}, 'it has no text (keys found: id); put the article\'s words under "text"'),
    "empty text": ({"id": "x", "text": "  "}, "it has no text"),
    "text that is a number": ({"text": 5}, '"text" must be a string, not int'),
    "a date that is none": ({**KENYAN, "published": "yesterday-ish"}, "yesterday-ish"),
    "an array": ("[1, 2]", "object"),
    "a bare string": ('"Kenya summoned the ambassador."', "object"),
    "a number": ("42", "object"),
    "null": ("null", "object"),
    "nested too deeply": ("[" * 100_000, "nested"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("way", ["file", "standard input"])
def test_code_tells_file_and_line_of_a_bad_line_and_keeps_the_good(run, tmp_path, case, way):
    bad, words = BAD[case]
    data = jsonl(GREEK, bad, KENYAN)
    (tmp_path / "in.jsonl").write_bytes(data)
    source, name = ("in.jsonl", "in.jsonl") if way == "file" else ("-", "standard input")
    code, _, err = run("code", source, "--to", "out.jsonl", stdin=data)
    assert code == cli.EXIT_PARTLY == 3
    assert f"{name}, line 2: " in err
    assert words in err
    assert err.endswith("2 articles coded, 2 reports, 1 line left out")
    assert dyads((tmp_path / "out.jsonl").read_text(encoding="utf-8")) == [("TUR", "GRC"), ("KEN", "UGA")]


def test_code_of_an_empty_file_says_so(run, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b"")
    code, _, err = run("code", "in.jsonl", "--to", "out.jsonl")
    assert code == cli.EXIT_PARTLY
    assert "in.jsonl: it is empty" in err
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_code_reads_a_line_in_an_old_encoding(run, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "Caf\xe9 talk: Kenya expelled two Ugandan diplomats."}\n')
    code, out, _ = run("code", "in.jsonl")
    assert (code, dyads(out)) == (0, [("KEN", "UGA")])


def test_code_tells_which_article_it_does_not_code_and_why(run):
    code, out, err = run("code", "-", stdin=jsonl(RUSSIAN, KENYAN))
    assert (code, dyads(out)) == (0, [("KEN", "UGA")])
    assert "standard input, article 1: not coded: written in Russian; only English is coded." in err


def test_code_reads_documents_and_folders_as_add_does(run, tmp_path):
    (tmp_path / "clips").mkdir()
    words = made_documents.wrapped(made_documents.BODY[0])
    (tmp_path / "clips" / "a.pdf").write_bytes(made_documents.pdf([[made_documents.TITLE, "", *words]]))
    (tmp_path / "clips" / "b.docx").write_bytes(made_documents.docx("Envoy summoned", KENYAN["text"]))
    (tmp_path / "clips" / "scan.pdf").write_bytes(made_documents.pdf([[]], picture=True))
    (tmp_path / "export.txt").write_text(made_documents.DOCUMENT, encoding="utf-8")
    code, out, err = run("code", "clips", "export.txt")
    assert code == cli.EXIT_PARTLY
    assert {("TUR", "GRC"), ("KEN", "UGA")} <= set(dyads(out))
    assert {"HNWIRE0020240515EK5F000A1", "GULFCO0020240603EK6300002"} <= {r["article"] for r in reports(out)}
    assert "scan.pdf: it is a scan" in err
    assert "4 articles coded" in err
    assert "1 item left out" in err


@pytest.mark.parametrize("source", ["missing.jsonl", "missing.pdf", ""])
def test_code_needs_a_file(run, tmp_path, source):
    code, _, err = run("code", source, "--to", "out.jsonl")
    assert (code, "there is no such file" in err) == (2, True)
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("to", ["missing/out.jsonl", "folder"])
def test_code_says_where_it_cannot_write_and_leaves_nothing(run, tmp_path, to):
    (tmp_path / "folder").mkdir()
    (tmp_path / "in.jsonl").write_bytes(jsonl(KENYAN))
    code, _, err = run("code", "in.jsonl", "--to", to)
    assert code == 2
    assert err.startswith(f"{to}: cannot be written")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "in.jsonl"]


def test_code_streams_and_keeps_messages_off_standard_output():
    with subprocess.Popen(
        [sys.executable, "-m", "events", "code", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        out, err = process.communicate(jsonl(GREEK, "{", KENYAN), timeout=60)
    assert process.returncode == 3
    assert dyads(out.decode()) == [("TUR", "GRC"), ("KEN", "UGA")]
    assert b"standard input, line 2: broken JSON" in err


def test_messages_are_not_broken_over_lines(tmp_path):
    # A log is searched by line: a path or a message must not be cut at the width of a terminal.
    source = tmp_path / ("articles-of-the-first-half-of-the-year-" + "x" * 60 + ".jsonl")
    source.write_bytes(jsonl({"id": "x"}))
    done = subprocess.run(
        [sys.executable, "-m", "events", "code", str(source)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    message = 'it has no text (keys found: id); put the article\'s words under "text"'
    assert f"{source}, line 1: {message}" in done.stderr.splitlines()


# add, info, export


def fill(tmp_path: Path, run) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl(GREEK, KENYAN))
    assert run("add", "in.jsonl")[0] == 0


def test_add_puts_articles_into_the_store_and_skips_known_ones(run, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(jsonl(GREEK, KENYAN))
    code, out, err = run("add", "in.jsonl", "--store", "mine")
    assert (code, out) == (0, "")
    assert err.startswith(
        "2 articles read: 2 coded with 2 reports, 0 kept uncoded; 0 items left out. Store version 1"
    )
    code, _, err = run("add", "in.jsonl", "--store", "mine")
    assert code == 0
    assert err.startswith(
        "2 articles read: 0 coded with 0 reports, 2 already there, 0 kept uncoded; 0 items left out."
    )
    assert Store(tmp_path / "mine").datasets() == {"articles": 2}


def test_add_tells_bad_items_and_keeps_the_good(run, tmp_path):
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.jsonl").write_bytes(jsonl(GREEK, "{", RUSSIAN))
    (tmp_path / "clips" / "b.txt").write_bytes(b"")
    code, _, err = run("add", "clips", "missing.txt")
    assert code == 3
    assert "a.jsonl, line 2: broken JSON" in err
    assert "b.txt: " in err
    assert "missing.txt: " in err
    assert "kept, not coded: written in Russian" in err
    assert "2 articles read: 1 coded with 1 report, 1 kept uncoded; 3 items left out." in err
    assert Store(tmp_path / "store").datasets() == {"articles": 2}


def test_add_reads_standard_input(run, tmp_path):
    assert run("add", "-", stdin=jsonl(GREEK))[0] == 0
    assert Store(tmp_path / "store").datasets() == {"articles": 1}


def test_info_of_an_empty_store_says_what_to_do_and_makes_nothing(run, tmp_path):
    code, out, _ = run("info")
    assert code == 0
    assert out.splitlines() == [
        f"Entente {__version__}",
        f"Store {tmp_path / 'store'}, version 0",
        "Empty: add articles with `python -m events add FILES`.",
    ]
    assert not (tmp_path / "store").exists()


def test_info_of_a_filled_store_counts_its_data_sets(run, tmp_path):
    fill(tmp_path, run)
    items = [simple(1)]
    Store(tmp_path / "store").add(items, own(*items), dataset="samples")
    code, out, _ = run("info")
    assert code == 0
    assert out.splitlines()[1:] == [
        f"Store {tmp_path / 'store'}, version 2",
        "Data set articles: 2 articles, 2 reports, 2 events, 2 dyads, 2024-05-13 to 2024-05-14",
        "Data set samples: 1 articles, 2 reports, 2 events, 1 dyads, 2011-03-02 to 2011-03-02",
    ]


@pytest.mark.parametrize("command", [("info",), ("export", "out.csv"), ("add", "in.jsonl"), ("samples",)])
@pytest.mark.parametrize(
    ("store", "words"),
    [("other", "is not a store: it holds other files"), ("in.jsonl", "is a file, not a store")],
)
def test_a_folder_that_is_no_store_is_refused(run, tmp_path, command, store, words):
    (tmp_path / "in.jsonl").write_bytes(jsonl(KENYAN))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("Dear all")
    code, _, err = run(*command, "--store", store)
    assert code == 2
    assert words in err
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["in.jsonl", "letter.txt", "other"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("out.csv", None),
        ("out.parquet", None),
        ("out.jsonl", None),
        ("out.txt", "csv"),
        ("out.jsonl", "plover"),
    ],
)
def test_export_writes_the_format_of_the_ending_or_of_the_option(run, tmp_path, name, kind):
    fill(tmp_path, run)
    code, out, err = run("export", name, *(("--format", kind) if kind else ()))
    assert (code, out) == (0, "")
    table = (kind or name.rsplit(".", maxsplit=1)[-1]) in {"csv", "parquet"}
    aside = (
        "" if name.endswith(".parquet") else f" Period, filters and store version are in {name}-metadata.json"
    )
    assert " ".join(err.split()) == f"2 {'events' if table else 'reports'} written to {name}{aside}"
    path = tmp_path / name
    if name.endswith(".parquet"):
        assert sorted(pq.read_table(path)["source"].to_pylist()) == ["KEN", "TUR"]
    elif table:
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        assert head.split(",")[:2] == ["event_id", "date"]
        assert len(rows) == 2
    elif kind == "plover":
        assert sorted(r["actor"][0]["code"] for r in reports(path.read_text(encoding="utf-8"))) == [
            "KEN",
            "TUR",
        ]
    else:
        assert sorted(dyads(path.read_text(encoding="utf-8"))) == [("KEN", "UGA"), ("TUR", "GRC")]


@pytest.mark.parametrize(
    ("options", "sources"),
    [
        ((), ["KEN", "TUR"]),
        (("--dyad", "grc-tur"), ["TUR"]),
        (("--dyad", "KEN-TUR"), []),
        (("--from", "2024-05-14"), ["TUR"]),
        (("--to", "2024-05-13"), ["KEN"]),
        (("--type", "SANCTION"), ["TUR"]),
        (("--party", "UGA"), ["KEN"]),
        (("--party", "UGA", "--party", "GRC"), ["KEN", "TUR"]),
        (("--dataset", "samples"), []),
    ],
)
def test_export_obeys_its_options(run, tmp_path, options, sources):
    fill(tmp_path, run)
    assert run("export", "out.jsonl", *options)[0] == 0
    assert sorted(a for a, _ in dyads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))) == sources


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("out.xyz",), "out.xyz: no format is known by the ending"),
        (("out.csv", "--dyad", "GRC"), "a dyad is two party codes such as GRC-TUR"),
        (("out.csv", "--dyad", "GRC-ZZZ"), "unknown party 'ZZZ'"),
        (("out.csv", "--party", "Atlantis"), "unknown party 'Atlantis'"),
        (("out.csv", "--type", "WAR"), "unknown event type 'WAR'"),
        (("out.csv", "--from", "15 May"), "a day is written YYYY-MM-DD, not '15 May'"),
        (("out.csv", "--from", "2024-02-01", "--to", "2024-01-01"), "the period ends before it starts"),
        (("missing/out.csv",), "missing/out.csv: cannot be written"),
    ],
)
def test_export_refuses_what_it_cannot_do(run, tmp_path, args, words):
    code, _, err = run("export", *args)
    assert (code, words in err) == (2, True), err
    assert list(tmp_path.iterdir()) == []


# The command line itself


def test_help_names_every_command(run):
    code, out, _ = run("--help")
    assert code == 0
    assert {"code", "add", "export", "samples", "info"} <= COMMANDS
    assert [c for c in sorted(COMMANDS) if f" {c} " not in out] == []


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"{command} [OPTIONS]" in " ".join(out.split())


def test_version(run):
    assert run("--version")[:2] == (0, f"{__version__}\n")


@pytest.mark.parametrize("args", [("nosuch",), ("code",), ("add",), ("export",), ("info", "--nosuch")])
def test_a_wrong_call_is_told_with_exit_code_2(run, args):
    assert run(*args)[0] == 2


def test_a_reader_that_leaves_ends_the_run_quietly():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "events", "code", "-"],
        cwd=ROOT,
        input=jsonl(*[GREEK | {"text": f"{GREEK['text']} Case {n}."} for n in range(12)]),
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert b"Traceback" not in done.stderr


def test_the_store_of_the_environment_is_the_default(run, tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "mine"))
    assert run("add", "-", stdin=jsonl(GREEK))[0] == 0
    assert len(Queries(Store(tmp_path / "mine")).events()) == 1


def test_events_are_merged_split_and_told_why(run, tmp_path):
    store = Store(tmp_path / "store")
    coded = [simple(1), simple(2)]
    store.add(coded, own(*coded))
    a, b = (item.reports[0].report_id for item in coded)
    code, _, said = run("merge", a, b, "--why", "one meeting", "--by", "Ana")
    assert (code, store.version()) == (0, 2)
    assert "Store version 2: moved 1 report" in said
    assert "events undo 2" in said
    code, out, _ = run("why", b)
    assert code == 0
    assert [line.split("\t") for line in out.splitlines()] == [
        ["1", *([a, a] if a < b else [b, b]), "test", "founded the event"],
        ["1", *([b, b] if a < b else [a, a]), "test", "founded the event"],
        ["2", b, a, "Ana", "merged by Ana: one meeting"],
    ]
    assert run("split", b, "--why", "two after all")[0] == 0
    assert Queries(store).event(b).event_id == b
    assert run("undo", "3", "--why", "one after all")[0] == 0
    assert Queries(store).event(b).event_id == a
    code, _, said = run("merge", a, b, "--why", "again")
    assert code == 2
    assert "one event already" in said
    code, _, said = run("why", "nobody")
    assert code == 2
    assert "no event nobody" in said


def test_a_terminal_obeys_no_word_of_an_article(capsys):
    cli._tell("Talks \x1b[2J\x9b31mred\r\x07 in Ankara\nnext")
    assert capsys.readouterr().err == "Talks \ufffd[2J\ufffd31mred\ufffd\ufffd in Ankara\nnext\n"
    cli._line(7, "by Ana\tand\nBen", "\x1b]0;owned\x07")
    assert capsys.readouterr().out == "7\tby Ana and Ben\t\ufffd]0;owned\ufffd\n"
