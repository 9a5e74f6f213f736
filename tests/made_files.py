"""Made-up files in the formats of other data sets, small for tests and long for the bench; no row is anybody's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

# (CAMEO country, actor name, FIPS code, town, latitude, longitude)
STATES = (
    ("GRC", "GREECE", "GR", "Athens, Attiki, Greece", 37.9833, 23.7333),
    ("TUR", "TURKEY", "TU", "Ankara, Ankara, Turkey", 39.9272, 32.8644),
    ("RUS", "RUSSIA", "RS", "Moscow, Moskva, Russia", 55.7522, 37.6156),
    ("UKR", "UKRAINE", "UP", "Kyiv, Kyyiv, Misto, Ukraine", 50.4333, 30.5167),
    ("USA", "UNITED STATES", "US", "Washington, District of Columbia, United States", 38.8951, -77.0364),
    ("CHN", "CHINA", "CH", "Beijing, Beijing, China", 39.9289, 116.388),
    ("IRN", "IRAN", "IR", "Tehran, Tehran, Iran", 35.75, 51.5148),
    ("ISR", "ISRAEL", "IS", "Jerusalem, Israel (general), Israel", 31.7667, 35.2333),
    ("DEU", "GERMANY", "GM", "Berlin, Berlin, Germany", 52.5167, 13.4),
    ("FRA", "FRANCE", "FR", "Paris, France (general), France", 48.8667, 2.33333),
    ("GBR", "UNITED KINGDOM", "UK", "London, London, City of, United Kingdom", 51.5, -0.116667),
    ("IND", "INDIA", "IN", "New Delhi, Delhi, India", 28.6, 77.2),
)
CODES = (
    "042",
    "043",
    "040",
    "036",
    "046",
    "051",
    "010",
    "020",
    "057",
    "112",
    "120",
    "160",
    "172",
    "190",
    "1823",
    "0231",
)


def gdelt_row(
    number: int, a: int | None, b: int | None, code: str = "042", *, day: date = date(2020, 3, 4), added: date | None = None,
    url: str = "https://news.example.org/a", place: int = 0, geo: str = "4", sources: int = 1, name: str = "", kind: str = "GOV",
) -> list[str]:  # fmt: skip
    """Return the 61 cells of a row of GDELT 2.0 between two of `STATES` (None: no country); `name` is the first's."""
    cells = [""] * 61
    cells[0], cells[1] = str(number), f"{day:%Y%m%d}"
    cells[2], cells[3], cells[4] = f"{day:%Y%m}", str(day.year), f"{day.year}.1726"
    for at, side in ((5, a), (15, b)):
        if side is not None:
            code3, named, *_ = STATES[side]
            cells[at], cells[at + 1], cells[at + 2] = (
                f"{code3}{kind}",
                (name if at == 5 and name else named),
                code3,
            )
            cells[at + 7] = kind
    cells[25:30] = ["1", code, code[:3], code[:2], "1"]
    cells[30:35] = ["1.9", str(sources), str(sources), str(sources), "-1.5"]
    _, _, fips, town, lat, lon = STATES[place]
    shown = town if geo == "4" else town.rpartition(", ")[2]
    cells[51:59] = [geo, shown, fips, f"{fips}00", "16", str(lat), str(lon), fips]
    cells[59], cells[60] = f"{added or day:%Y%m%d}143000", url
    return cells


def gdelt2(rows: list[list[str]]) -> str:
    """Return rows as a GDELT 2.0 file."""
    return "".join("\t".join(row) + "\n" for row in rows)


def gdelt1(rows: list[list[str]], *, width: int = 58) -> str:
    """Return rows of GDELT 2.0 as a 1.0 file: without second-level divisions, with a day of eight digits."""
    made = []
    for row in rows:
        cells = [cell for at, cell in enumerate(row) if at not in {39, 47, 55}]
        cells[56] = cells[56][:8]
        made.append(cells[:width])
    return gdelt2(made)


ICEWS = (
    "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code\tIntensity\tTarget Name\t"
    "Target Sectors\tTarget Country\tStory ID\tSentence Number\tPublisher\tCity\tDistrict\tProvince\tCountry\tLatitude\tLongitude\n"
)


def icews_row(
    number: int = 1,
    *,
    day: str = "2018-06-01",
    code: str = "040",
    source: str = "Greece",
    target: str = "Turkey",
    story: str = "7",
) -> str:
    """Return a row of ICEWS."""
    return (
        f"{number}\t{day}\tForeign Affairs ({source})\tExecutive,Foreign Ministry,Government\t{source}\tConsult\t{code}\t1\t"
        f"Foreign Affairs ({target})\tGovernment,Military\t{target}\t{story}\t2\tDaily\tAthens\t\tAttica\tGreece\t37.98\t23.73\n"
    )


POLECAT_NAMES = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts", "Actor Name",
    "Actor Country", "Actor COW", "Primary Actor Sector", "Actor Sectors", "Actor Title", "Actor Name Raw",
    "Wikipedia Actor ID", "Recipient Name", "Recipient Country", "Recipient COW", "Primary Recipient Sector",
    "Recipient Sectors", "Recipient Title", "Recipient Name Raw", "Wikipedia Recipient ID", "Placename", "City",
    "District", "Province", "Country", "Latitude", "Longitude", "GeoNames ID", "Raw Placename", "Feature Type",
    "Source", "Publication Date", "Story People", "Story Organizations", "Story Locations", "Language", "Version",
)  # fmt: skip
POLECAT = "\t".join(POLECAT_NAMES) + "\n"


def polecat_row(**values: str) -> str:
    """Return a row of POLECAT; `values` by name with _ for spaces."""
    told = {
        "Event ID": "p1", "Event Date": "2022-03-04", "Event Type": "CONSULT", "Event Mode": "visit", "Intensity": "4",
        "Quad Code": "VERBAL COOPERATION", "Contexts": "diplomatic;military", "Actor Name": "Foreign Minister",
        "Actor Country": "GRC", "Primary Actor Sector": "GOV", "Recipient Name": "Turkey", "Recipient Country": "TUR",
        "Primary Recipient Sector": "GOV", "City": "Ankara", "Province": "Ankara", "Country": "TUR", "Latitude": "39.9",
        "Longitude": "32.9", "Source": "Daily", "Publication Date": "2022-03-05", "Language": "en", "Version": "1",
    }  # fmt: skip
    told |= {name.replace("_", " "): value for name, value in values.items()}
    return "\t".join(told.get(name, "None") for name in POLECAT_NAMES) + "\n"


ACLED = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,actor2,"
    "assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,latitude,longitude,"
    "geo_precision,source,source_scale,notes,fatalities,tags,timestamp\n"
)


def acled_row(**values: str) -> str:
    """Return a row of ACLED; `values` replace what is not given."""
    told = {
        "event_id_cnty": "UKR1", "event_date": "2022-05-16", "year": "2022", "time_precision": "1",
        "disorder_type": "Political violence", "event_type": "Battles", "sub_event_type": "Armed clash",
        "actor1": "Military Forces of Russia (2000-)", "inter1": "1", "actor2": "Military Forces of Ukraine (2019-)",
        "inter2": "1", "interaction": "11", "iso": "804", "region": "Europe", "country": "Ukraine", "location": "Izium",
        "latitude": "49.2", "longitude": "37.3", "geo_precision": "1", "source": "Daily; Herald", "source_scale": "National",
        "notes": '"On 16 May, forces clashed, near Izium."', "fatalities": "3", "timestamp": "1652800000",
    }  # fmt: skip
    told |= values
    names = ACLED.strip().split(",")
    return ",".join(told.get(name, "") for name in names) + "\n"


UCDP_NAMES = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id",
    "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a",
    "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office",
    "source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description",
    "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians",
    "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip
UCDP = ",".join(UCDP_NAMES) + "\n"


def ucdp_row(**values: str) -> str:
    """Return a row of UCDP GED; `values` replace what is not given."""
    told = {
        "id": "1", "relid": "RUS-1", "year": "2022", "active_year": "1", "code_status": "Clear", "type_of_violence": "1",
        "conflict_name": "Russia - Ukraine", "dyad_name": "Government of Russia (Soviet Union) - Government of Ukraine",
        "side_a": "Government of Russia (Soviet Union)", "side_b": "Government of Ukraine", "number_of_sources": "2",
        "source_office": "Daily;Herald", "source_date": "2022-05-17;2022-05-18", "source_headline": "Shells fall on a town",
        "where_prec": "1", "where_coordinates": "Izium town", "adm_1": "Kharkiv oblast", "latitude": "49.2",
        "longitude": "37.3", "country": "Ukraine", "country_id": "369", "region": "Europe", "event_clarity": "1",
        "date_prec": "1", "date_start": "2022-05-16", "date_end": "2022-05-16", "best": "4", "high": "6", "low": "2",
        "gwnoa": "365", "gwnob": "369",
    }  # fmt: skip
    told |= values
    return ",".join(told.get(name, "") for name in UCDP_NAMES) + "\n"


def many_gdelt(path: Path, number: int, *, seed: int = 1) -> None:
    """Write a long GDELT 2.0 file: one row in five between two states, five rows an article, 400 bytes a row."""
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        for text in _chunks(number, random.Random(seed)):
            handle.write(text)


def _chunks(number: int, dice: random.Random) -> Iterator[str]:
    at, article = 0, 0
    begins = date(2019, 1, 1)
    lines: list[str] = []
    while at < number:
        article += 1
        day = begins + timedelta(days=at * 365 * 2 // number)
        url = f"https://www.outlet{dice.randrange(300)}.example.org/world/{day:%Y/%m/%d}/{article}-a-story-of-the-day-with-a-long-address-{dice.randrange(10**9)}"
        a, b, place = dice.randrange(12), dice.randrange(12), dice.randrange(12)
        for _ in range(min(dice.choice((1, 2, 4, 6, 12)), number - at)):
            at += 1
            between = dice.random() < 0.24
            first, second = (a, b) if between else (a, None)
            if between and dice.random() < 0.4:
                first, second = second, first
            row = gdelt_row(
                900_000_000 + at, first, second, dice.choice(CODES), day=day, added=day + timedelta(days=dice.choice((0, 0, 0, 1))),
                url=url, place=place, geo=dice.choice("4414"),
            )  # fmt: skip
            row[35:43] = row[51:59]
            row[43:51] = row[51:59]
            lines.append("\t".join(row))
        if len(lines) > 20_000:
            yield "\n".join(lines) + "\n"
            lines = []
    if lines:
        yield "\n".join(lines) + "\n"
