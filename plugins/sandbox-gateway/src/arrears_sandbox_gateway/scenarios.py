"""What each token makes of a charge, and of the refunds and webhooks that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arrears_sandbox_gateway.orders import DECLINED, PROCESSING, SUCCEEDED


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a charge comes out.

    `taken` is false when the provider never gets it; `answer` is `given`, `lost` (the caller learns nothing) or `hangs`
    (it comes after `hangs_for_seconds`). `refund` is the scenario of its refunds. `webhooks` are the notices in the
    order in which they arrive: each a kind and the seconds after the charge; the same twice is a repetition.
    """

    about: str
    status: str = SUCCEEDED
    settles_as: str | None = None
    code: str = ""
    message: str = ""
    taken: bool = True
    answer: str = "given"
    action: bool = False
    refund: str = "tok_ok"
    webhooks: tuple[tuple[str, int], ...] = (("settled", 0),)


DAY = 86_400
_TOLD_DECLINED = (("declined", 0),)

SCENARIOS: Mapping[str, Scenario] = {
    "tok_ok": Scenario("The money is taken at once."),
    "tok_decline": Scenario(
        "The card is declined.",
        status=DECLINED,
        code="card_declined",
        message="The card was declined.",
        webhooks=_TOLD_DECLINED,
    ),
    "tok_insufficient_funds": Scenario(
        "The account does not hold enough.",
        status=DECLINED,
        code="insufficient_funds",
        message="The account does not hold that much.",
        webhooks=_TOLD_DECLINED,
    ),
    "tok_pending": Scenario(
        "Pending, and taken later.",
        status=PROCESSING,
        settles_as=SUCCEEDED,
        webhooks=(("pending", 0), ("settled", 60)),
    ),
    "tok_pending_decline": Scenario(
        "Pending, and declined later.",
        status=PROCESSING,
        settles_as=DECLINED,
        code="debit_returned",
        message="The bank returned the debit.",
        webhooks=(("pending", 0), ("declined", 60)),
    ),
    "tok_action": Scenario(
        "Pending until the payer has confirmed on a page of the provider.",
        status=PROCESSING,
        settles_as=SUCCEEDED,
        action=True,
        webhooks=(("pending", 0), ("settled", 60)),
    ),
    "tok_forever": Scenario("Pending for ever.", status=PROCESSING, webhooks=(("pending", 0),)),
    "tok_strange": Scenario("A status that nobody has heard of.", status="awaiting_moonrise", webhooks=()),
    "tok_timeout": Scenario("Taken, and the answer comes much too late.", answer="hangs"),
    "tok_timeout_lost": Scenario("Never arrives, and no answer ever comes.", taken=False, answer="hangs", webhooks=()),
    "tok_unknown": Scenario("Taken, and the answer is lost.", answer="lost"),
    "tok_unknown_decline": Scenario(
        "Declined, and the answer is lost.",
        status=DECLINED,
        code="card_declined",
        message="The card was declined.",
        answer="lost",
        webhooks=_TOLD_DECLINED,
    ),
    "tok_unknown_lost": Scenario("Never arrives, and the caller cannot tell.", taken=False, answer="lost", webhooks=()),
    "tok_not_sent": Scenario("Certainly never arrives.", taken=False, webhooks=()),
    "tok_duplicate": Scenario("Taken; its webhook comes three times.", webhooks=(("settled", 0),) * 3),
    "tok_late": Scenario("Taken; its webhook comes three days late.", webhooks=(("settled", 3 * DAY),)),
    "tok_out_of_order": Scenario(
        "Taken; the webhook of its beginning comes after that of its end.", webhooks=(("settled", 0), ("pending", 5))
    ),
    "tok_chargeback": Scenario(
        "Taken, and taken back by the bank on the next day.", webhooks=(("settled", 0), ("chargeback", DAY))
    ),
    "tok_chargeback_won": Scenario(
        "Taken, taken back by the bank, and won.",
        webhooks=(("settled", 0), ("chargeback", DAY), ("chargeback_won", 5 * DAY)),
    ),
    "tok_refund_decline": Scenario("Taken; its refunds are declined.", refund="tok_decline"),
    "tok_refund_pending": Scenario("Taken; its refunds are pending first.", refund="tok_pending"),
    "tok_refund_timeout": Scenario("Taken; its refunds never answer.", refund="tok_timeout"),
    "tok_refund_unknown": Scenario("Taken; the answers to its refunds are lost.", refund="tok_unknown"),
    "tok_refund_lost": Scenario("Taken; its refunds never arrive.", refund="tok_unknown_lost"),
}
INVALID = Scenario(
    "No token of the sandbox.",
    status=DECLINED,
    code="invalid_token",
    message="There is no such token.",
    webhooks=_TOLD_DECLINED,
)


def scenario_of(name: str) -> Scenario:
    """The scenario of a token; one that is none of the sandbox's is declined."""
    return SCENARIOS.get(name, INVALID)
