"""Every name that a bundle uses exists, and is used as what it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.reading.problem import Problem, Span, problem
from bot.reading.suggest import nearest
from bot.triage.facts import Facts
from bot.triage.flow import (
    DANGER,
    EMERGENCY,
    INSTALLATION,
    LANGUAGE_CHOICE,
    LEAVING,
    OFF_TOPIC,
    PLACE_SLOT,
    PLACES,
    PRIVACY,
    RESPONSES,
    START,
    Act,
    Bundle,
    Button,
    Call,
    Collect,
    CopyFact,
    Flow,
    Link,
    OpenSite,
    Response,
    SetSlots,
    Signature,
    Slot,
    Speak,
    Start,
    Step,
    Variant,
)
from bot.triage.texts import placeholders
from bot.triage.token import LANGUAGES

SHOWN_AS_IS = ("utter_couverture", "utter_bonjour", "utter_efface")
FIXED_FLOWS = (START, EMERGENCY, PLACES, PRIVACY, LANGUAGE_CHOICE)
FIXED_INTENTS = (DANGER, LEAVING, OFF_TOPIC)
CARD = "carte"  # an argument whose value is the id of a line


@dataclass(frozen=True)
class Lines:
    """What can be said of the lines of the register, by their ids: only what they really have."""

    numbers: frozenset[str]
    cards: frozenset[str]
    sites: frozenset[str]
    ready: frozenset[str]  # with a ready SMS

    @property
    def in_texts(self) -> set[str]:
        """The facts a text may name."""
        return {*(f"tel_{one}" for one in self.numbers), *(f"carte_{one}" for one in self.cards)}

    @property
    def to_copy(self) -> set[str]:
        """The facts a button may copy."""
        return {*(f"tel_{one}" for one in self.numbers), *(f"sms_{one}" for one in self.ready)}


def known_lines(facts: Facts) -> Lines:
    """The lines of the register, by what each has."""
    return Lines(
        frozenset(line for line in facts.lines if facts.number(line)),
        frozenset(facts.lines),
        frozenset(line for line in facts.lines if facts.site(line)),
        frozenset(line for line in facts.lines if facts.ready_sms(line)),
    )


def check_names(bundle: Bundle, lines: Lines, signatures: Mapping[str, Signature]) -> list[Problem]:
    """Every name that is used and does not exist, and every use that does not fit."""
    return [
        *_fixed(bundle),
        *(one for flow in bundle.flows.values() for one in _flow(bundle, flow, signatures)),
        *(one for response in bundle.responses.values()
          for one in _response(bundle, response, lines, signatures)),
        *_triggers(bundle),
        *_former_ids(bundle),
        *_unused(bundle, signatures),
    ]  # fmt: skip


def _fixed(bundle: Bundle) -> Iterator[Problem]:
    place = Span("flows")
    for kind, wanted, defined in (
        ("flow", FIXED_FLOWS, bundle.flows),
        ("réponse", RESPONSES, bundle.responses),
        ("slot", (PLACE_SLOT,), bundle.slots),
        ("intent", FIXED_INTENTS, bundle.intents),
    ):
        for name in wanted:
            if name not in defined:
                yield problem(place, "nom.obligatoire", kind=kind, nom=name)
    for name in FIXED_FLOWS:
        fixed = bundle.flows.get(name)
        if fixed is not None and fixed.guard is not None:
            yield problem(fixed.span, "flow.toujours_ouvert", flow=name)
    for name in SHOWN_AS_IS:
        response = bundle.responses.get(name)
        for variant in response.variants if response else ():
            if placeholders(variant.text):
                yield problem(variant.span, "texte.fixe", nom=name)
    slot = bundle.slots.get(PLACE_SLOT)
    if slot is not None and slot.kind != "place":
        yield problem(slot.span, "slot.lieu", slot=PLACE_SLOT)


def _flow(bundle: Bundle, flow: Flow, signatures: Mapping[str, Signature]) -> Iterator[Problem]:
    for step in flow.steps:
        yield from _step(bundle, step, signatures)
    for name in flow.persisted:
        if name not in bundle.slots:
            yield problem(flow.span, "slot.inconnu", nearest(name, bundle.slots), slot=name)
    yield from _persistence(bundle, flow)
    yield from _calls(bundle, flow)


def _step(bundle: Bundle, step: Step, signatures: Mapping[str, Signature]) -> Iterator[Problem]:
    match step.does:
        case Collect() as collect:
            yield from _collect(bundle, step, collect)
        case Act(action) as act if act.says:
            if action not in bundle.responses:
                hint = nearest(action, bundle.responses)
                yield problem(step.at, "reponse.inconnue", hint, nom=action)
            else:
                yield from _statement(bundle, action)
        case Act(action):
            if action not in signatures:
                hint = nearest(action, [*signatures, *bundle.responses])
                yield problem(step.at, "action.inconnue", hint, nom=action)
                return
            said = {name for case in signatures[action].cases for name, _ in case.says}
            for name in sorted(said - set(bundle.responses)):
                hint = nearest(name, bundle.responses)
                yield problem(step.at, "reponse.inconnue", hint, nom=name)
        case SetSlots(pairs):
            yield from _pairs(bundle, pairs, step.at)
        case Call(target) | Link(target) if target not in bundle.flows:
            yield problem(step.at, "flow.inconnu", nearest(target, bundle.flows), flow=target)
        case _:
            pass


def _collect(bundle: Bundle, step: Step, collect: Collect) -> Iterator[Problem]:
    slot = bundle.slots.get(collect.slot)
    if slot is None:
        hint = nearest(collect.slot, bundle.slots)
        yield problem(step.at, "slot.inconnu", hint, slot=collect.slot)
        return
    if slot.kind == "text":
        yield problem(step.at, "slot.texte", slot=slot.name)
    if collect.typed and slot.kind != "place":
        yield problem(step.at, "slot.saisie_libre", slot=slot.name)
    response = bundle.responses.get(collect.utter)
    if response is None:
        hint = nearest(collect.utter, bundle.responses)
        yield problem(step.at, "reponse.inconnue", hint, nom=collect.utter)
        return
    yield from _answers(response, slot)


def _answers(response: Response, slot: Slot) -> Iterator[Problem]:
    offered: set[str] = set()
    for variant in response.variants:
        yield from _alike(variant)
        for button in variant.buttons:
            if not isinstance(button.payload, SetSlots):
                continue
            pairs = dict(button.payload.slots)
            if slot.name not in pairs:
                yield problem(button.at, "bouton.autre_slot", slot=slot.name)
            offered.add(pairs.get(slot.name, ""))
    for value in slot.values:
        if value not in offered:
            span = response.span
            yield problem(span, "bouton.manquant", valeur=value, slot=slot.name)


def _alike(variant: Variant) -> Iterator[Problem]:
    """A button that gives what another gives, and more: later answers could be taken for it."""
    setting = [(one, one.payload) for one in variant.buttons if isinstance(one.payload, SetSlots)]
    for fuller, given in setting:
        for other, less in setting:
            if set(less.slots) < set(given.slots):
                yield problem(fuller.at, "bouton.ambigu", autre=other.title)
                break


def _statement(bundle: Bundle, name: str) -> Iterator[Problem]:
    for variant in bundle.responses[name].variants:
        for button in variant.buttons:
            if isinstance(button.payload, SetSlots):
                yield problem(button.at, "bouton.sans_question", nom=name)


def _pairs(bundle: Bundle, pairs: tuple[tuple[str, str], ...], at: Span) -> Iterator[Problem]:
    for name, value in pairs:
        slot = bundle.slots.get(name)
        if slot is None:
            yield problem(at, "slot.inconnu", nearest(name, bundle.slots), slot=name)
        elif not slot.accepts(value) and slot.kind != "text":
            choice = ", ".join(slot.values) or "un lieu (C94016, D94, F)"
            hint = nearest(value, slot.values)
            yield problem(at, "slot.valeur", hint, valeur=value, slot=name, valeurs=choice)


def _persistence(bundle: Bundle, flow: Flow) -> Iterator[Problem]:
    """Rasa keeps a slot where the flow that filled it says so: every such flow must."""
    for step in flow.steps:
        filled = [step.does.slot] if isinstance(step.does, Collect) else []
        if isinstance(step.does, SetSlots):
            filled = [name for name, _ in step.does.slots]
        for name in filled:
            if name in bundle.persisted and name not in flow.persisted:
                yield problem(step.at, "slot.persistance", slot=name, flow=flow.id)


def _calls(bundle: Bundle, flow: Flow) -> Iterator[Problem]:
    for step in flow.steps:
        if isinstance(step.does, Call) and step.does.flow in bundle.flows:
            reached = _reached(bundle, step.does.flow)
            if flow.id in reached:
                yield problem(step.at, "call.boucle", flow=step.does.flow)
            if any(_links(bundle.flows[name]) for name in reached):
                yield problem(step.at, "call.link", flow=step.does.flow)


def _reached(bundle: Bundle, flow: str) -> set[str]:
    known, pending = {flow}, [flow]
    while pending:
        for step in bundle.flows[pending.pop()].steps:
            if isinstance(step.does, Call) and step.does.flow in bundle.flows:
                if step.does.flow not in known:
                    pending.append(step.does.flow)
                known.add(step.does.flow)
    return known


def _links(flow: Flow) -> bool:
    return any(isinstance(step.does, Link) for step in flow.steps)


def _response(
    bundle: Bundle,
    response: Response,
    lines: Lines,
    signatures: Mapping[str, Signature],
) -> Iterator[Problem]:
    known = {*lines.in_texts, *INSTALLATION, *bundle.slots, *_arguments(response.name, signatures)}
    for variant in response.variants:
        for name in placeholders(variant.text):
            if name not in known:
                hint = nearest(name, known)
                yield problem(variant.span, "fait.inconnu", hint, nom=name)
        yield from _pairs(bundle, variant.when, variant.span)
        for button in variant.buttons:
            yield from _button(bundle, button, lines)


def _arguments(response: str, signatures: Mapping[str, Signature]) -> set[str]:
    given = {
        name
        for signature in signatures.values()
        for case in signature.cases
        for said, arguments in case.says
        if said == response
        for name, _ in arguments
    }
    return given | ({CARD} if response == "utter_ligne" else set())


def _button(bundle: Bundle, button: Button, lines: Lines) -> Iterator[Problem]:
    match button.payload:
        case SetSlots(pairs):
            yield from _pairs(bundle, pairs, button.at)
            slots = [name for name, _ in pairs]
            twice = (name for name in dict.fromkeys(slots) if slots.count(name) > 1)
            yield from (problem(button.at, "bouton.deux_fois", slot=name) for name in twice)
        case Start(flow):
            yield from _started(bundle, flow, button.at)
        case CopyFact(fact) if fact not in lines.to_copy:
            yield problem(button.at, "fait.inconnu", nearest(fact, lines.to_copy), nom=fact)
        case OpenSite(line) if line not in lines.sites:
            yield problem(button.at, "site.inconnu", nearest(line, lines.sites), ligne=line)
        case Speak(language) if language not in LANGUAGES:
            hint, known = nearest(language, LANGUAGES), ", ".join(LANGUAGES)
            yield problem(button.at, "langue.inconnue", hint, langue=language, langues=known)
        case _:
            pass


def _started(bundle: Bundle, flow: str, at: Span) -> Iterator[Problem]:
    target = bundle.flow_named(flow)
    if target is None:
        yield problem(at, "flow.inconnu", nearest(flow, bundle.flows), flow=flow)
    elif target.closed:
        yield problem(at, "bouton.flow_ferme", flow=flow)


def _triggers(bundle: Bundle) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for flow in bundle.flows.values():
        for intent in flow.triggers:
            if intent not in bundle.intents:
                hint = nearest(intent, bundle.intents)
                yield problem(flow.span, "intent.inconnu", hint, intent=intent)
            if owner.setdefault(intent, flow.id) != flow.id:
                yield problem(flow.span, "intent.deux_flows", intent=intent, autre=owner[intent])
        if flow.triggers and flow.closed:
            yield problem(flow.span, "flow.ferme", flow=flow.id)


def _former_ids(bundle: Bundle) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for flow in bundle.flows.values():
        for former in flow.former_ids:
            if former in bundle.flows:
                yield problem(flow.span, "flow.ancien_nom", nom=former)
            if owner.setdefault(former, flow.id) != flow.id:
                other = owner[former]
                yield problem(flow.span, "flow.ancien_nom_double", nom=former, autre=other)


def _unused(bundle: Bundle, signatures: Mapping[str, Signature]) -> Iterator[Problem]:
    used = set(RESPONSES)
    for flow in bundle.flows.values():
        for step in flow.steps:
            if isinstance(step.does, Collect):
                used.add(step.does.utter)
            elif isinstance(step.does, Act):
                used.add(step.does.action)
    for signature in signatures.values():
        used |= {response for case in signature.cases for response, _ in case.says}
    for response in bundle.responses.values():
        if response.name not in used:
            yield problem(response.span, "reponse.inutile", nom=response.name)
