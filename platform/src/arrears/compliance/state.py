"""What the platform itself finds against a contact: holds, opt-outs, dead contact points. State, not law.

Findings in the platform's own name stand beside those of plugins, and no plugin can take them away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version
from uuid import UUID

from arrears.compliance.facts import WantedContact
from arrears.compliance.gathered import ConsentFacts, HoldFacts
from arrears.compliance.pictures import Album
from arrears.compliance.row_pictures import in_force
from arrears.plugins.deciding import PLATFORM
from arrears_sdk.ruling import Ruling
from arrears_sdk.vocabulary import ConsentScope, ConsentState, HoldBlock

HOLD_RULE = "arrears.hold"
OPT_OUT_RULE = "arrears.opt-out"
INVALID_RULE = "arrears.contact-point-invalid"
NO_RULES_RULE = "arrears.no-rules"
NEVER_RULE = "arrears.never"


def platform_says(ruling: Ruling, settings_version: int) -> Ruling:
    """The findings in the platform's own name."""
    return ruling.attributed(PLATFORM, _platform_version(), settings_version)


@cache
def _platform_version() -> str:
    """Read once: it stands in a file of the installation."""
    return version(PLATFORM)


def state_ruling(album: Album, wanted: WantedContact, debtor_id: UUID, at: datetime) -> Ruling:
    """What holds, consents and the contact point say of a contact at an instant."""
    found = [_hold(hold, wanted, at) for hold in _holds(album, wanted, debtor_id)]
    found += _opt_out(album, wanted, debtor_id, at)
    point = album.gathered.points.get(wanted.contact_point_id) if wanted.contact_point_id else None
    if point is not None and point.validity == "INVALID":
        found.append(Ruling.deny("The contact point is known not to reach the debtor.", rule=INVALID_RULE))
    return Ruling.combine(found)


def _holds(album: Album, wanted: WantedContact, debtor_id: UUID) -> Iterator[HoldFacts]:
    held = [album.gathered.debtor_holds.get(debtor_id, ())]
    held += [album.gathered.account_holds.get(id, ()) for id in wanted.account_ids]
    for hold in (hold for holds in held for hold in holds):
        if HoldBlock.CONTACT in hold.blocks and hold.channel in (None, wanted.channel):
            yield hold


def _hold(hold: HoldFacts, wanted: WantedContact, at: datetime) -> Ruling:
    if not in_force(hold, at):
        starts_later = hold.starts_at > at
        reason = f"A hold ({hold.kind}) begins then."
        return Ruling.allow(hold.starts_at, reason=reason, rule=HOLD_RULE) if starts_later else Ruling()
    where = "the debtor" if hold.account_id is None else "the account"
    reason = f"A hold ({hold.kind}) on {where} stops contact"
    reason += f" by {hold.channel}." if hold.channel else "."
    if wanted.required_by_law:
        return Ruling.warn(f"{reason} A law requires this contact nevertheless.", rule=HOLD_RULE)
    if hold.ends_at is not None:
        return Ruling.defer(hold.ends_at, reason, rule=HOLD_RULE)
    return Ruling.deny(reason, rule=HOLD_RULE)


def _opt_out(album: Album, wanted: WantedContact, debtor_id: UUID, at: datetime) -> list[Ruling]:
    """The last word on the channel decides; what came at the same instant is read as taking consent back."""
    clients = {album.facts(id, wanted.at).client_id for id in wanted.account_ids}
    words = [
        consent
        for consent in album.gathered.consents.get(debtor_id, ())
        if _is_about(consent, wanted, clients) and consent.given_at <= at
    ]
    standing = [consent for consent in words if consent.expires_at is None or consent.expires_at > at]
    # Who names no contact point may use any of them: what was taken back for one is then taken back.
    named = wanted.contact_point_id
    points = [named] if named else [None, *dict.fromkeys(consent.contact_point_id for consent in standing)]
    last = [_last([one for one in standing if one.contact_point_id in (None, point)]) for point in points]
    revoked = next((one for one in last if one is not None and one.state == ConsentState.REVOKED), None)
    if revoked is None:
        return []
    reason = f"The debtor took back consent to {wanted.channel}"
    reason += "." if revoked.contact_point_id is None else " on this contact point."
    if wanted.at_debtor_request:
        return [Ruling.warn(f"{reason} This contact the debtor asked for.", rule=OPT_OUT_RULE)]
    return [Ruling.deny(reason, rule=OPT_OUT_RULE)]


def _last(words: Sequence[ConsentFacts]) -> ConsentFacts | None:
    return max(words, key=lambda consent: (consent.given_at, consent.state == ConsentState.REVOKED), default=None)


def _is_about(consent: ConsentFacts, wanted: WantedContact, clients: set[UUID]) -> bool:
    if consent.channel != wanted.channel:
        return False
    if wanted.contact_point_id is not None and consent.contact_point_id not in (None, wanted.contact_point_id):
        return False
    if consent.client_id is None or consent.client_id in clients:
        return True
    return consent.state == ConsentState.REVOKED and consent.scope != ConsentScope.CLIENT_MESSAGES
