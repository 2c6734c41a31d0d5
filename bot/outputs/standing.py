"""What `relais directory status` answers: how many rows, from where, how old, what is missing."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from bot.referral.contents import Contents
from bot.referral.localpack import Service
from bot.referral.merging import together
from bot.referral.office import DOORS, KINDS, Office, OfficeKind
from bot.referral.saying import KNOWN, zone
from bot.referral.sources import Source, by_file, file_of
from bot.referral.tables import LOCAL

NAMES = {
    "cidff": "CIDFF", "victim_support": "associations d'aide aux victimes",
    "court_desk": "bureaux des tribunaux", "police": "commissariats",
    "gendarmerie": "brigades de gendarmerie", "legal_access": "accès au droit",
    "local": "services des communes",
}  # fmt: skip


def standing(contents: Contents, services: Collection[Service], today: date) -> dict[str, Any]:
    """The whole state of a directory's data on a day, ready for JSON.

    `sources`, `kinds`, `departements` (rows that serve each, by kind) and `gaps` (kinds that none
    serves, with what is known of it); `official` is None before the first import.
    """
    offices = together(contents.ours, contents.official, contents.centre)
    return {
        "day": today.isoformat(),
        "official": _official(contents.official),
        "sources": [_source(one, today) for one in contents.sources.values()],
        "kinds": [
            *(_kind(kind, offices, contents, today) for kind in KINDS),
            _local(services, by_file(contents.sources, LOCAL), today),
        ],
        "departements": _departements(contents, offices),
        "gaps": _gaps(contents, offices),
    }


def as_text(found: dict[str, Any]) -> str:
    """The same, to be read in a terminal."""
    lines = [f"Annuaire au {found['day']}.", _said_of_official(found["official"]), ""]
    lines += [_said_of_kind(one) for one in found["kinds"] if one["rows"]]
    lines += ["", "Fichiers :"]
    lines += [_said_of_source(one) for one in found["sources"]]
    lines += ["", "Ce qui manque dans un département (les lignes nationales y sont données) :"]
    lines += [_said_of_gap(one) for one in found["gaps"]] or ["  rien"]
    return "\n".join(lines)


def _official(official: Sequence[Office]) -> dict[str, Any] | None:
    if not official:
        return None
    return {"date": max(one.source_date for one in official), "rows": len(official)}


def _source(one: Source, today: date) -> dict[str, Any]:
    until = one.expires(one.day)
    return {
        "file": one.file, "name": one.name, "licence": one.licence, "version": one.version,
        "date": one.day, "months": one.months, "expires": until.isoformat() if until else None,
        "expired": bool(one.day) and one.expired(one.day, today),
    }  # fmt: skip


def _kind(
    kind: OfficeKind, offices: Iterable[Office], contents: Contents, today: date
) -> dict[str, Any]:
    rows = [one for one in offices if one.kind == kind]
    days = sorted(one.known_on for one in rows if one.known_on)
    return {
        "kind": kind, "rows": len(rows),
        "unconfirmed": sum(one.status == "unconfirmed" for one in rows),
        "conflicting": sum(one.status == "conflicting" for one in rows),
        "hidden": sum(one.hidden for one in rows),
        "expired": sum(
            by_file(contents.sources, file_of(one)).expired(one.known_on, today) for one in rows
        ),
        "oldest": days[0] if days else None, "newest": days[-1] if days else None,
    }  # fmt: skip


def _local(services: Collection[Service], source: Source, today: date) -> dict[str, Any]:
    """The same of the communes' own services."""
    days = sorted(one.source_date for one in services)
    return {
        "kind": "local", "rows": len(services), "unconfirmed": 0, "conflicting": 0, "hidden": 0,
        "expired": sum(source.expired(day, today) for day in days),
        "oldest": days[0] if days else None, "newest": days[-1] if days else None,
    }  # fmt: skip


def _departements(contents: Contents, offices: Iterable[Office]) -> list[dict[str, Any]]:
    serving = Counter((one.kind, code) for one in offices for code in one.serves)
    return [
        {"code": row["code"], "name": row["name"]}
        | {kind: serving[kind, row["code"]] for kind in KINDS}
        for row in contents.departements
    ]


def _gaps(contents: Contents, offices: Iterable[Office]) -> list[dict[str, Any]]:
    """Of the 101 départements: collectivities have their own institutions."""
    known = {(row["departement"], row["kind"]): row for row in contents.gaps}
    gaps = []
    for one in _departements(contents, offices):
        for kind in DOORS:
            if not one[kind] and zone(one["code"]) in KNOWN:
                row = known.get((one["code"], kind))
                why, lead = (row["gap"], row["lead"]) if row else ("", "")
                gap = {"departement": one["code"], "name": one["name"], "kind": kind}
                gaps.append(gap | {"why": why, "lead": lead})
    return gaps


def _said_of_official(official: dict[str, Any] | None) -> str:
    if official is None:
        return "L'annuaire officiel n'a pas encore été importé : relais directory refresh."
    return f"Annuaire officiel du {official['date']} : {official['rows']} fiches."


def _said_of_kind(one: dict[str, Any]) -> str:
    parts = [
        f"{one['rows']:>5} {NAMES[one['kind']]}",
        f"relevés de {one['oldest']} à {one['newest']}",
    ]
    for what, name in (
        ("unconfirmed", "jamais confirmés depuis"),
        ("expired", "à vérifier"), ("conflicting", "sources en désaccord"),
        ("hidden", "à adresse masquée"),
    ):  # fmt: skip
        if one[what]:
            parts.append(f"{one[what]} {name}")
    return "  " + " ; ".join(parts)


def _said_of_source(one: dict[str, Any]) -> str:
    name = f"  {one['file']} : {one['name']}"
    if one["expires"] is None:
        return f"{name} ; chaque ligne a sa date, bonne {one['months']} mois"
    late = " : À REFAIRE" if one["expired"] else ""
    return f"{name} ; {one['date']}, bon jusqu'au {one['expires']}{late}"


def _said_of_gap(one: dict[str, Any]) -> str:
    lead = f" Piste : {one['lead']}." if one["lead"] else ""
    return f"  {one['departement']} {one['name']}, {NAMES[one['kind']]} : {one['why']}{lead}"
