"""What an import of the official directory did, or why it did not, said to an administrator."""

from collections import Counter
from collections.abc import Iterator

from bot.outputs.standing import NAMES
from bot.referral.official.importing import Import, OlderFileError, TooMuchLostError
from bot.referral.official.listings import REASONS, Reading

SHOWN = 12  # names of one group: whoever wants them all has the two files to compare


def as_text(done: Import) -> str:
    """What changed for people, by kind, then what the file held that was not taken."""
    reading = done.reading
    taken = f"{reading.records} fiches lues, {len(reading.listings)} reprises"
    lines = [f"Annuaire officiel du {reading.date or 'jour inconnu'} : {taken}."]
    for one in done.changes:
        counts = (
            f"{len(one.added)} de plus, {len(one.changed)} modifiés, {len(one.dropped)} de moins,"
            f" {one.same} inchangés"
        )
        lines.append(f"  {NAMES[one.kind]} : {counts}")
        if one.dropped:
            lines.append(f"    de moins : {_some(one.dropped)}")
    lines += _not_taken(reading)
    lines.append(f"Adresses qui restent masquées : {done.hidden}.")
    return "\n".join(lines)


def refusal(refused: TooMuchLostError | OlderFileError) -> str:
    """Why nothing was written, and what to do."""
    if isinstance(refused, OlderFileError):
        return (
            f"Ce fichier est du {refused.day} ; celui en service, du {refused.last}. Rien n'a"
            " changé. S'il le faut vraiment, recommencez avec --force."
            " / This file is older than the one in service; nothing was changed. Use --force to"
            " go back."
        )
    said = ", ".join(f"{NAMES[one.kind]} : {one.lost} sur {one.before}" for one in refused.losses)
    return (
        f"Ce fichier a perdu plus d'un cinquième d'une catégorie ({said}). Rien n'a changé."
        " Vérifiez-le ; s'il est bon, recommencez avec --force."
        " / This file lost over a fifth of a kind; nothing was changed. Use --force if it is right."
    )


def _not_taken(reading: Reading) -> Iterator[str]:
    if reading.moved_points:
        yield f"  {reading.moved_points} positions fausses ou absentes : ramenées à la commune"
    for (kind, reason), count in sorted(Counter(
        (one.kind, one.reason) for one in reading.left_aside
    ).items()):  # fmt: skip
        name = NAMES.get(kind, "fiches")
        yield f"  laissés de côté, {name} : {count} ({REASONS[reason]})"
    doubtful = [one.name for one in reading.left_aside if one.reason == "not_victims"]
    if doubtful:
        yield f"    à regarder, puis à ajouter à offices.csv ou à dropped.csv : {_some(doubtful)}"
    for type_, count in reading.unrecognised.items():
        yield f"  type inconnu de ce programme : {type_ or '(aucun)'} ({count})"


def _some(names: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    all_names = list(names)
    more = len(all_names) - SHOWN
    return ", ".join(all_names[:SHOWN]) + (f", et {more} autres" if more > 0 else "")
