"""Each format's rows in our codes, and what becomes of rows that are none."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date
from pathlib import Path

import pytest

from events import codebook
from events.errors import InputError
from events.importers import FORMATS, paper, read, recognised
from events.importers.coding import assembled
from events.reference import table
from tests import made_files as made

# What an analyst has: good rows of each format, at least one of them between two states.
FILES = {
    "gdelt2": made.gdelt2([made.gdelt_row(n, 0, 1 if n % 2 else None) for n in range(1, 9)]),
    "gdelt1": made.gdelt1([made.gdelt_row(n, 0, 1 if n % 2 else None) for n in range(1, 9)]),
    "icews": made.ICEWS + "".join(made.icews_row(n) for n in range(1, 9)),
    "polecat": made.POLECAT + "".join(made.polecat_row(Event_ID=f"p{n}") for n in range(1, 9)),
    "acled": made.ACLED + "".join(made.acled_row(event_id_cnty=f"UKR{n}") for n in range(1, 9)),
    "ucdp": made.UCDP + "".join(made.ucdp_row(id=str(n)) for n in range(1, 9)),
}


def rows_of(path: Path, wanted: str | None = None):
    """The kept rows, the rejected ones and the reasons why others were left out."""
    blocks = []
    for item in read([path], wanted):
        if isinstance(item, InputError):
            raise item
        blocks.append(item[2])
    rejected = [row for block in blocks for row in block.rejected]
    left = {reason: number for block in blocks for reason, number in block.left.items()}
    return assembled(blocks).to_pylist(), rejected, left


def written(tmp_path: Path, text: str | bytes, name: str = "file.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", FILES)
def test_each_format_is_told_by_its_content_whatever_its_name(name, tmp_path):
    assert recognised(written(tmp_path, FILES[name])).format == name


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_guess_is_refused(name, tmp_path):
    path = written(tmp_path, FILES[name])
    for other in FORMATS:
        if other != name:
            with pytest.raises(InputError, match=r"looks like .*not like"):
                recognised(path, other)
    assert recognised(path, name).format == name


@pytest.mark.parametrize("name", FILES)
def test_gzip_and_zip_are_read_like_the_plain_file(name, tmp_path):
    plain, _, _ = rows_of(written(tmp_path, FILES[name]))
    squeezed = written(tmp_path, gzip.compress(FILES[name].encode()), "file.gz")
    packed = tmp_path / "file.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner.CSV", FILES[name])
    strip = [{key: value for key, value in row.items() if key != "file"} for row in plain]
    for path in (squeezed, packed):
        found, rejected, _ = rows_of(path)
        assert [{key: value for key, value in row.items() if key != "file"} for row in found] == strip
        assert not rejected


@pytest.mark.parametrize("name", FILES)
def test_every_paper_names_each_column_once_and_says_what_is_lost(name):
    told = paper(name)
    assert not set(told.read) & set(told.ignored)
    assert len(told.losses) >= 4
    assert all(loss.note.endswith(".") for loss in told.losses)
    assert told.licence
    assert told.citation
    assert set(told.fill) <= set(told.read)
    assert "made-up" in told.tried if name in {"polecat", "acled"} else "real" in told.tried


def test_code_tables_name_only_parties_sectors_and_types_that_we_know():
    parties = {row["code"] for kind in ("states", "organisations") for row in table(f"gazetteer/{kind}.csv")}
    assert {row["party"] for row in table("importers/countries.csv")} <= parties | {""}
    assert {row["sector"] for row in table("importers/sectors.csv")} <= {*codebook.sectors(), ""}
    for name in ("acled", "modes"):
        for row in table(f"importers/{name}.csv"):
            if row["event_type"]:
                codebook.intensity(row["event_type"], row["mode"] or None)
    assert {row["domain"] for row in table("importers/contexts.csv")} <= {*codebook.domains(), ""}


# GDELT


def test_gdelt_turns_hosts_into_visits_of_the_guest(tmp_path):
    rows, _, _ = rows_of(
        written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1, "042"), made.gdelt_row(2, 1, 0, "043")]))
    )
    assert [(r["source"], r["target"], r["event_type"], r["mode"], r["flipped"]) for r in rows] == [
        ("GRC", "TUR", "CONSULT", "visit", False),
        ("GRC", "TUR", "CONSULT", "visit", True),
    ]


def test_gdelt_keeps_codes_as_text_and_reads_fips_for_places(tmp_path):
    (row,), _, _ = rows_of(written(tmp_path, made.gdelt2([made.gdelt_row(1, 7, 8, "0231", place=7)])))
    assert (row["source"], row["target"]) == ("ISR", "DEU")
    assert (row["event_type"], row["place_country"], row["place_name"]) == ("REQUEST", "ISR", "Jerusalem")
    assert row["date"] == date(2020, 3, 4)


@pytest.mark.parametrize(
    ("code", "party"),
    [
        ("ROM", "ROU"),
        ("TMP", "TLS"),
        ("GZS", "PSE"),
        ("WSB", "PSE"),
        ("BAG", "IRQ"),
        ("MTN", "MNE"),
        ("ANT", "ANT"),
    ],
)
def test_gdelt_reads_cameo_codes_that_are_not_iso(code, party, tmp_path):
    row = made.gdelt_row(1, 0, 1)
    row[17] = code
    (found,), _, _ = rows_of(written(tmp_path, made.gdelt2([row])))
    assert found["target"] == party


def test_gdelt_takes_an_organisation_for_the_party_and_regions_for_none(tmp_path):
    union, region = made.gdelt_row(1, 0, 1), made.gdelt_row(2, 0, 1)
    union[17], union[18] = "EUR", "EEC"
    region[17] = "AFR"
    rows, _, left = rows_of(written(tmp_path, made.gdelt2([union, region])))
    assert [row["target"] for row in rows] == ["EU"]
    assert left == {"a party on one side alone": 1}


def test_gdelt_1_is_read_with_58_and_with_57_columns(tmp_path):
    rows = [made.gdelt_row(n, 0, 1) for n in range(1, 4)]
    full, _, _ = rows_of(written(tmp_path, made.gdelt1(rows), "a"))
    bare, _, _ = rows_of(written(tmp_path, made.gdelt1(rows, width=57), "b"))
    assert [row["url"] for row in full] == ["https://news.example.org/a"] * 3
    assert [row["url"] for row in bare] == [None] * 3
    assert [row["key"] for row in bare] == ["1", "2", "3"]


def test_unknown_codes_ring_with_file_and_row_and_good_rows_are_kept(tmp_path):
    rows = [made.gdelt_row(n, 0, 1) for n in range(1, 7)]
    rows[1][26] = "999"
    rows[3][17] = "QQQ"
    rows[4][53] = "Z9"
    rows[5][1] = "20201341"
    path = written(tmp_path, made.gdelt2(rows), "day.CSV")
    found, rejected, _ = rows_of(path)
    assert [row["key"] for row in found] == ["1", "3", "5"]
    assert [(row.file, row.line) for row in sorted(rejected, key=lambda r: r.line)] == [
        ("day.CSV", 2), ("day.CSV", 4), ("day.CSV", 6),
    ]  # fmt: skip
    reasons = {row.line: row.reason for row in rejected}
    assert "'999'" in reasons[2]
    assert "'QQQ'" in reasons[4]
    assert "20201341" in reasons[6]
    ((_, _, block),) = list(read([path]))
    assert [(row.line, "'Z9'" in row.reason) for row in block.unknown] == [(5, True)]


# ICEWS


def test_icews_reads_names_of_countries_both_forms_of_date_and_null_words(tmp_path):
    text = (
        made.ICEWS
        + made.icews_row(1, source="Russian Federation", target="Occupied Palestinian Territory")
        + made.icews_row(2, day="6/30/2017", code="190")
        + made.icews_row(3).replace("\tAthens\t", "\tNA\t")
        + made.icews_row(4, target="NULL").replace("Foreign Affairs (NULL)", "European Union")
        + made.icews_row(5, target="Atlantis")
        + made.icews_row(6, code="9999")
    )
    rows, rejected, _ = rows_of(written(tmp_path, text))
    assert [(r["source"], r["target"]) for r in rows] == [
        ("RUS", "PSE"),
        ("GRC", "TUR"),
        ("GRC", "TUR"),
        ("GRC", "EU"),
    ]
    assert rows[1]["date"] == date(2017, 6, 30)
    assert [r["place_precision"] for r in rows] == ["city", "city", "region", "city"]
    assert [r["flags"] for r in rows] == [[], [], ["centroid"], []]
    assert [row.line for row in sorted(rejected, key=lambda r: r.line)] == [6, 7]
    assert rows[0]["source_sector"] == "GOV"
    assert rows[0]["target_sector"] == "MIL"  # of a list in any order the most telling


def test_icews_knows_rows_by_more_than_their_number(tmp_path):
    text = made.ICEWS + made.icews_row(1, story="7") + made.icews_row(1, story="8", day="2009-01-02")
    rows, _, _ = rows_of(written(tmp_path, text))
    assert len({row["key"] for row in rows}) == 2


# POLECAT


def test_polecat_makes_a_dyad_of_each_pair(tmp_path):
    text = (
        made.POLECAT
        + made.polecat_row(
            Event_ID="a",
            Actor_Country="GRC;CYP",
            Recipient_Country="TUR",
            Event_Type="ACCUSE",
            Event_Mode="allege",
        )
        + made.polecat_row(
            Event_ID="b",
            Actor_Country="GRC;TUR;CYP",
            Recipient_Country="None",
            Recipient_Name="None",
            Event_Mode="None",
        )
        + made.polecat_row(Event_ID="c", Actor_Country="GRC", Recipient_Country="GRC")
    )
    rows, rejected, left = rows_of(written(tmp_path, text))
    assert not rejected
    assert [(r["key"], r["source"], r["target"], r["symmetric"]) for r in rows] == [
        ("a-0", "GRC", "TUR", False),
        ("a-1", "CYP", "TUR", False),
        ("b-0", "GRC", "TUR", True),
        ("b-1", "GRC", "CYP", True),
        ("b-2", "TUR", "CYP", True),
    ]
    assert left == {"no two parties": 1}


def test_polecat_reads_latin_1_trailing_tabs_names_without_column_and_retired_modes(tmp_path):
    row = made.polecat_row(Event_ID="a", City="São Paulo", Event_Type="ASSAULT", Event_Mode="assassinate")
    odd = made.polecat_row(Event_ID="b", Event_Type="COERCE", Event_Mode="ban").rstrip("\n") + "\t\t\n"
    header = made.POLECAT.rstrip("\n").replace("\tVersion", "\tVersion\tHeadline") + "\n"
    rows, rejected, _ = rows_of(written(tmp_path, (header + row + odd).encode("latin-1")))
    assert not rejected
    assert [(r["place_name"], r["event_type"], r["mode"]) for r in rows] == [
        ("São Paulo", "ASSAULT", "targeted"), ("Ankara", "COERCE", "restrict"),
    ]  # fmt: skip
    assert rows[0]["issues"] == ["diplomacy, in general", "defence, in general"]


def test_polecat_takes_an_organisation_by_its_name(tmp_path):
    row = made.polecat_row(
        Actor_Country="IGO",
        Actor_Name="United Nations",
        Recipient_Country="None",
        Recipient_Name="European Union",
    )
    (found,), rejected, _ = rows_of(written(tmp_path, made.POLECAT + row))
    assert not rejected
    assert (found["source"], found["target"]) == ("UN", "EU")


# ACLED


@pytest.mark.parametrize(
    ("actor", "party"),
    [
        ("Military Forces of Iran (1989-) Islamic Revolutionary Guard Corps", "IRN"),
        ("Police Forces of the United States (2021-2025)", "USA"),
        ("Civilians (Ukraine)", "UKR"),
        ("Military Forces of Democratic Republic of Congo (2019-)", "COD"),
        ("NATO: North Atlantic Treaty Organization (1949-)", "NATO"),
        ("Unidentified Armed Group (Mali)", "MLI"),
        ("Al Shabaab", None),
    ],
)
def test_acled_reads_the_state_from_the_actor(actor, party, tmp_path):
    other = "Military Forces of Ukraine (2019-)" if party != "UKR" else "Military Forces of Russia (2000-)"
    rows, _, left = rows_of(
        written(
            tmp_path,
            made.ACLED + made.acled_row(actor1=actor, actor2=other) + made.acled_row(event_id_cnty="x"),
        )
    )
    assert [row["source"] for row in rows][:-1] == ([party] if party else [])
    assert bool(left) is (party is None)


@pytest.mark.parametrize("text", ["2022-05-16", "16-05-2022", "16 May 2022", '"16 May, 2022"'])
def test_acled_reads_every_form_of_date(text, tmp_path):
    (row,), _, _ = rows_of(written(tmp_path, "\ufeff" + made.ACLED + made.acled_row(event_date=text)))
    assert row["date"] == date(2022, 5, 16)
    assert row["killed"] == 3
    assert row["symmetric"]
    assert row["text"] == "On 16 May, forces clashed, near Izium."


def test_acled_reads_old_columns_and_labels_in_the_place_of_numbers(tmp_path):
    text = (
        "data_id,event_date,event_type,sub_event_type,actor1,inter1,actor2,inter2,country,latitude,longitude,iso3\n"
        "77,2019-02-27,Explosions/Remote violence,Air/drone strike,Military Forces of Pakistan (2018-),State Forces,"
        "Military Forces of India (2014-),State Forces,India,33.1,74.2,IND\n"
    )
    (row,), _, _ = rows_of(written(tmp_path, text))
    assert (row["source"], row["target"], row["mode"], row["symmetric"]) == ("PAK", "IND", "aerial", False)
    assert row["source_sector"] == "GOV"


# UCDP


def test_ucdp_keeps_violence_between_states_with_and_without_a_header(tmp_path):
    rows = made.ucdp_row() + made.ucdp_row(id="2", gwnob="") + made.ucdp_row(id="3", type_of_violence="3")
    for text in (made.UCDP + rows, rows):
        (row,), rejected, left = rows_of(written(tmp_path, text))
        assert not rejected
        assert (row["source"], row["target"], row["event_type"], row["symmetric"]) == (
            "RUS",
            "UKR",
            "ASSAULT",
            True,
        )
        assert sum(left.values()) == 2
        assert (row["killed"], row["place_country"]) == (4, "UKR")


@pytest.mark.parametrize(
    ("number", "day", "party"),
    [("365.0", "1990-01-01", "SUN"), ("365", "1993-01-01", "RUS"), ("345", "1992-05-01", "YUG"), ("345", "2004-01-01", "SCG"), ("816", "1991-01-01", "VNM")],
)  # fmt: skip
def test_ucdp_numbers_stand_for_the_state_of_that_day(number, day, party, tmp_path):
    (row,), _, _ = rows_of(
        written(tmp_path, made.UCDP + made.ucdp_row(gwnoa=number, gwnob="2", date_start=day, date_end=day))
    )
    assert row["source"] == party


@pytest.mark.parametrize(
    ("end", "code", "precision"),
    [
        ("2022-05-16", "1", "day"),
        ("2022-05-18", "1", "week"),
        ("2022-06-10", "2", "month"),
        ("2022-05-16", "5", "year"),
    ],
)
def test_ucdp_days_are_as_precise_as_span_and_code_allow(end, code, precision, tmp_path):
    (row,), _, _ = rows_of(written(tmp_path, made.UCDP + made.ucdp_row(date_end=end, date_prec=code)))
    assert row["date_precision"] == precision


# Bad input

SEPARATOR = {"acled": ",", "ucdp": ","}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n \n", b"\x00\x01\x02\x03" * 50, b"no table at all\n", b"\n", gzip.compress(b"\x93\x00garbage\xff" * 99), b"\x1f\x8bno gzip", b"PK\x03\x04no zip", b"PAR1no parquet"],
    ids=["empty", "blank", "binary", "prose", "no columns", "gzip of garbage", "broken gzip", "broken zip", "broken parquet"],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_message(content, name, tmp_path):
    path = written(tmp_path, content, "odd.bin")
    with pytest.raises(InputError, match=r"odd\.bin") as found:
        rows_of(path, name)
    assert len(str(found.value)) > 20


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_in_a_row_keeps_the_rows_before(name, tmp_path):
    text = FILES[name]
    whole, _, _ = rows_of(written(tmp_path, text, "whole"))
    last = text.rstrip("\n").rindex("\n") + 1
    cut = text[: last + (len(text) - last) // 3]
    found, rejected, _ = rows_of(written(tmp_path, cut, "cut"))
    assert [row["key"] for row in found] == [
        row["key"] for row in whole if row["line"] <= len(text[:last].splitlines())
    ]
    assert [row.line for row in rejected] == [len(text.splitlines())]


@pytest.mark.parametrize("name", FILES)
def test_a_gzip_that_breaks_off_is_told(name, tmp_path):
    data = gzip.compress((FILES[name] * 50).encode(), mtime=0)
    with pytest.raises(InputError, match=r"cut\.gz"):
        rows_of(written(tmp_path, data[: len(data) // 2], "cut.gz"))


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("gdelt")])
def test_a_shuffled_header_is_refused_and_shuffled_columns_are_read(name, tmp_path):
    by = SEPARATOR.get(name, "\t")
    header, *rows = FILES[name].splitlines()
    names = header.split(by)
    turned = by.join(names[::-1])
    with pytest.raises(InputError, match=r"of its first|is none of|cells"):
        rows_of(written(tmp_path, "\n".join([turned, *rows]) + "\n"))
    if by == "\t":
        both = [by.join(row.split(by)[::-1]) for row in rows]
        found, rejected, _ = rows_of(written(tmp_path, "\n".join([turned, *both]) + "\n"))
        assert len(found) == 8
        assert not rejected


@pytest.mark.parametrize("name", FILES)
def test_nul_bytes_and_rows_of_another_format_are_set_aside_with_their_line(name, tmp_path):
    lines = FILES[name].splitlines()
    stranger = FILES["ucdp" if name != "ucdp" else "icews"].splitlines()[-1]
    at = len(lines) - 3
    bad = [lines[at][:30] + "\x00" + lines[at][30:], stranger]
    text = "\n".join([*lines[:at], *bad, *lines[at:]]) + "\n"
    found, rejected, _ = rows_of(written(tmp_path, text))
    whole, _, _ = rows_of(written(tmp_path, FILES[name], "whole"))
    assert [row["key"] for row in found] == [row["key"] for row in whole]
    assert [row.line for row in rejected] == [at + 1, at + 2]
    assert "NUL" in rejected[0].reason


@pytest.mark.parametrize("name", FILES)
def test_windows_line_ends_and_a_missing_last_one_change_nothing(name, tmp_path):
    whole, _, _ = rows_of(written(tmp_path, FILES[name]))
    text = FILES[name].replace("\n", "\r\n").rstrip("\r\n")
    found, rejected, _ = rows_of(written(tmp_path, text, "windows"))
    assert not rejected
    assert [row["key"] for row in found] == [row["key"] for row in whole]


def test_a_quote_that_never_closes_costs_no_row_but_those_it_holds(tmp_path):
    opened, quoted, plain = (
        made.acled_row(event_id_cnty="b", notes=n) for n in ('"open', '"closed"', "no quote")
    )
    first = made.ACLED + made.acled_row(event_id_cnty="a")
    found, rejected, _ = rows_of(written(tmp_path, first + opened + quoted * 3))
    assert [row["key"] for row in found] == ["a", "b", "b"]
    assert [row.line for row in rejected] == [3]
    found, rejected, _ = rows_of(written(tmp_path, first + opened + plain * 2000))
    assert len(found) > 1000
    assert rejected[0].line == 3
    assert "quote" in rejected[0].reason
