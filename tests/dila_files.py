"""Small files in the format of the official directory, made up; each door is in Cachan or so."""

import bz2
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MEMBER = "2026-11-22_data.gouv_local.json"


def line(first: str, last: str, *times: str, remark: str = "") -> dict[str, str]:
    """Opening times of some days: up to two pairs of times."""
    named = ("debut_1", "fin_1", "debut_2", "fin_2")
    told = dict(zip(named, (*times, "", "", "", ""), strict=False))
    return {
        "nom_jour_debut": first, "nom_jour_fin": last, "commentaire": remark,
        **{f"valeur_heure_{name}": time for name, time in told.items()},
    }  # fmt: skip


def address(**changes: str) -> dict[str, str]:
    return {
        "type_adresse": "Adresse", "complement1": "", "complement2": "",
        "numero_voie": "1 rue des Essais", "service_distribution": "", "code_postal": "94230",
        "nom_commune": "Cachan", "longitude": "2.3320", "latitude": "48.7950", **changes,
    }  # fmt: skip


def record(
    kind: str = "gendarmerie",
    name: str = "Brigade de gendarmerie - Cachan",
    phone: str | None = "01 49 08 55 00",
    area: object = ("94016",),
    at: Iterable[dict[str, str]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """One record as it is published, with the fields that are told otherwise."""
    area = list(area) if isinstance(area, tuple) else area
    return {
        "id": "11111111-2222-4333-8444-555555555555", "ancien_code_pivot": "", "nom": name,
        "pivot": [{"type_service_local": kind, "code_insee_commune": area}],
        "adresse": [address()] if at is None else list(at),
        "telephone": [{"valeur": phone, "description": ""}] if phone else [],
        "adresse_courriel": ["camille.essai@example.org"], "site_internet": [],
        "plage_ouverture": [], "date_modification": "03/12/2021 07:55:01",
        "code_insee_commune": "94016", "statut_de_diffusion": "true", "statut": "active",
        **changes,
    }  # fmt: skip


def as_text(*records: object) -> bytes:
    return json.dumps({"service": list(records)}, ensure_ascii=False).encode()


def exported(one: dict[str, Any]) -> dict[str, Any]:
    """The record as the API exports it: its lists are written as JSON in a text."""
    return {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        for key, value in one.items()
    }


def archive(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    """A .tar.bz2 of these members: names and contents, or headers alone."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                tar.addfile(one)
                continue
            info = tarfile.TarInfo(one[0])
            info.size = len(one[1])
            tar.addfile(info, io.BytesIO(one[1]))
    return bz2.compress(raw.getvalue())


def write_many(path: Path, count: int) -> None:
    """A file of so many records, every one of them a door that is wanted: the worst there is."""
    kinds = ("gendarmerie", "commissariat_police", "permanence_juridique", "bav", "cidf")
    with path.open("w", encoding="utf-8") as opened:
        opened.write('{"service":[')
        for number in range(count):
            one = record(
                kinds[number % len(kinds)], f"Point d'accès au droit numéro {number}",
                f"01 49 {number // 10000 % 100:02} {number // 100 % 100:02} {number % 100:02}",
                id=f"{number:08}-2222-4333-8444-555555555555",
                ancien_code_pivot=f"essai-94016-{number}",
                plage_ouverture=[line("Lundi", "Vendredi", "09:00:00", "12:00:00")],
                mission="Un texte que personne ne lit. " * 60,
            )  # fmt: skip
            opened.write("," * bool(number) + json.dumps(one, ensure_ascii=False))
        opened.write("]}")
