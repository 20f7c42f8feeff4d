"""Errors that say what the caller should do next, and the closed list of their codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self


class ErrorCode(StrEnum):
    """The fact that stood in the way. Closed: plugins refine it through `Problem.detail_code`."""

    INVALID_INPUT = "INVALID_INPUT"
    INVALID_ID = "INVALID_ID"
    REQUIRED = "REQUIRED"
    UNKNOWN_CURRENCY = "UNKNOWN_CURRENCY"
    AMOUNT_OUT_OF_RANGE = "AMOUNT_OUT_OF_RANGE"
    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE"
    AMOUNT_EXCEEDS_BALANCE = "AMOUNT_EXCEEDS_BALANCE"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    DUPLICATE_REFERENCE = "DUPLICATE_REFERENCE"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    OPENING_BALANCE_EXISTS = "OPENING_BALANCE_EXISTS"
    JUDGMENT_EXISTS = "JUDGMENT_EXISTS"
    CONTROL_TOTAL_MISMATCH = "CONTROL_TOTAL_MISMATCH"
    ALREADY_REVERSED = "ALREADY_REVERSED"
    ALREADY_ENDED = "ALREADY_ENDED"
    ALREADY_CORRECTED = "ALREADY_CORRECTED"
    STATUS_NOT_REACHABLE = "STATUS_NOT_REACHABLE"
    PERSON_ERASED = "PERSON_ERASED"
    ERASURE_BLOCKED = "ERASURE_BLOCKED"
    EXPORT_NOT_AVAILABLE = "EXPORT_NOT_AVAILABLE"
    SETTING_LOCKED = "SETTING_LOCKED"
    SECRET_IN_PLAIN = "SECRET_IN_PLAIN"  # noqa: S105 - the name of a code.
    PLUGIN_UNUSABLE = "PLUGIN_UNUSABLE"
    STRATEGY_NOT_USABLE = "STRATEGY_NOT_USABLE"
    STRATEGY_FAILED = "STRATEGY_FAILED"
    PAYMENT_NOT_ALLOWED = "PAYMENT_NOT_ALLOWED"
    PAYMENT_NOT_SETTLED = "PAYMENT_NOT_SETTLED"
    PAYMENT_RETURNED = "PAYMENT_RETURNED"
    PAYMENT_THROUGH_GATEWAY = "PAYMENT_THROUGH_GATEWAY"
    REFUND_EXCEEDS_PAYMENT = "REFUND_EXCEEDS_PAYMENT"
    DEBT_DISPUTED = "DEBT_DISPUTED"
    GATEWAY_NOT_USABLE = "GATEWAY_NOT_USABLE"
    FEE_NOT_ALLOWED = "FEE_NOT_ALLOWED"
    FEE_NOT_DUE = "FEE_NOT_DUE"
    CARD_NUMBER_GIVEN = "CARD_NUMBER_GIVEN"
    PERMIT_USED = "PERMIT_USED"
    PERMIT_EXPIRED = "PERMIT_EXPIRED"
    PERMIT_MISMATCH = "PERMIT_MISMATCH"
    PERMIT_OVERTAKEN = "PERMIT_OVERTAKEN"
    NOT_SANDBOX = "NOT_SANDBOX"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    BAD_REQUEST = "BAD_REQUEST"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"

    @property
    def meaning(self) -> str:
        """One sentence that says what happened, for the reference page and the schema."""
        return _EXPLANATIONS[self][0]

    @property
    def remedy(self) -> str:
        """One sentence that says what the caller does about it."""
        return _EXPLANATIONS[self][1]


_EXPLANATIONS: dict[ErrorCode, tuple[str, str]] = {
    ErrorCode.INVALID_INPUT: (
        "A value has the wrong form or lies outside its allowed range.",
        "Change the value named by `field` as the message says, and send the request again.",
    ),
    ErrorCode.INVALID_ID: (
        "An id is malformed, or is of another kind than the field takes.",
        "Pass an id exactly as the API returned it, of the kind that the message asks for.",
    ),
    ErrorCode.REQUIRED: (
        "A value is missing that is needed here.",
        "Fill in the value named by `field`.",
    ),
    ErrorCode.UNKNOWN_CURRENCY: (
        "The currency is not an active code of ISO 4217.",
        "Use a three-letter code in capitals, such as USD, GBP or EUR.",
    ),
    ErrorCode.AMOUNT_OUT_OF_RANGE: (
        "An amount, or the result of a calculation with it, does not fit into 64 bits of minor units.",
        "Check the amount for a misplaced decimal separator.",
    ),
    ErrorCode.AMOUNT_NOT_POSITIVE: (
        "An amount is zero or negative where money has to move in a stated direction.",
        "Pass an amount above zero; to undo a movement, reverse its entry.",
    ),
    ErrorCode.AMOUNT_EXCEEDS_BALANCE: (
        "More is to be taken off the account than is owed on it.",
        "Read the balance again; record what was overpaid apart, or reverse the payments first.",
    ),
    ErrorCode.CURRENCY_MISMATCH: (
        "Amounts of different currencies were to be added, compared or booked together.",
        "Use the currency of the account; Arrears never converts by itself.",
    ),
    ErrorCode.NOT_FOUND: (
        "Nothing with this id exists among the records that you may see.",
        "Check the id, and whether your role covers its client, team or account.",
    ),
    ErrorCode.CONFLICT: (
        "The record was changed by someone else since you read it.",
        "Read the record again, decide on its present state, and send the change with its new version.",
    ),
    ErrorCode.DUPLICATE_REFERENCE: (
        "The reference is taken already within its client.",
        "Choose another reference, or update the record that carries it.",
    ),
    ErrorCode.ACCOUNT_CLOSED: (
        "The account is closed and takes no further change of this kind.",
        "Reopen the account first, or leave it as it is.",
    ),
    ErrorCode.OPENING_BALANCE_EXISTS: (
        "The account has an opening balance that stands.",
        "Reverse the opening entry first, or record a charge.",
    ),
    ErrorCode.JUDGMENT_EXISTS: (
        "The account has a judgment that stands.",
        "Reverse the entry of the earlier judgment from the day of the new one, then record the new one.",
    ),
    ErrorCode.CONTROL_TOTAL_MISMATCH: (
        "A file holds other rows or amounts than its sender announced.",
        "Ask the sender for the whole file, or for the figures that belong to this one.",
    ),
    ErrorCode.ALREADY_REVERSED: (
        "The ledger entry or payment has been reversed already.",
        "Nothing is left to reverse; make a new entry when a further correction is due.",
    ),
    ErrorCode.ALREADY_ENDED: (
        "The record ended earlier and cannot be ended twice.",
        "Read the record again; it is already in the state you asked for.",
    ),
    ErrorCode.ERASURE_BLOCKED: (
        "The person's data is still needed: for litigation, a payment under way, or an account that is open.",
        "Release the hold, await the payment or close the account; or refuse the person's request with that reason.",
    ),
    ErrorCode.EXPORT_NOT_AVAILABLE: (
        "What was collected about the person is not there to be read: not yet, or no longer.",
        "Wait until the request is fulfilled, or open a new one.",
    ),
    ErrorCode.PERSON_ERASED: (
        "The person's data was erased and can neither be read nor added to.",
        "Leave the record as it is; a person who returns is entered as a new debtor.",
    ),
    ErrorCode.ALREADY_CORRECTED: (
        "The interaction was corrected already; the log keeps one line of corrections, never a fork.",
        "Read the interaction that corrects it, and correct that one.",
    ),
    ErrorCode.STATUS_NOT_REACHABLE: (
        "The account's present status does not lead to the status asked for.",
        "Read the account again, and take one of the steps that lead on from where it is.",
    ),
    ErrorCode.SETTING_LOCKED: (
        "A wider scope has locked the setting, so that no client or portfolio may differ.",
        "Leave the setting as it is, or have it unlocked where `effectiveSettings` says that it is locked.",
    ),
    ErrorCode.SECRET_IN_PLAIN: (
        "A secret was given itself, where settings take only a reference to it.",
        "Put the secret into an environment variable or a file of the servers, and give its name or path.",
    ),
    ErrorCode.PLUGIN_UNUSABLE: (
        "The plugin cannot be loaded, so that its settings cannot be checked.",
        "Look at the plugin's reason in the query `plugins`, or at `arrears plugin doctor`, and mend that first.",
    ),
    ErrorCode.STRATEGY_NOT_USABLE: (
        "No collection strategy is chosen for the client or portfolio, or no enabled plugin offers the chosen one.",
        "Choose one in the settings `strategies`, and enable the plugin that offers it for the client.",
    ),
    ErrorCode.STRATEGY_FAILED: (
        "The plugin of the strategy raised an error, took too long or answered wrongly, so that nothing is proposed.",
        "Look at the plugin that the message names in the query `plugins`; its log says what happened.",
    ),
    ErrorCode.PAYMENT_NOT_ALLOWED: (
        "A rule, or a hold on the account or its debtor, does not allow the payment; nothing was taken.",
        "Read the findings of the payment intent: each names its rule, its reason and what would change it.",
    ),
    ErrorCode.PAYMENT_NOT_SETTLED: (
        "The provider has not taken the money, or has not said so yet.",
        "Wait until the payment intent is settled; the platform asks the provider by itself.",
    ),
    ErrorCode.PAYMENT_RETURNED: (
        "Of the payment something was refunded or charged back, so that it cannot be undone as a whole.",
        "Refund what is left of it.",
    ),
    ErrorCode.PAYMENT_THROUGH_GATEWAY: (
        "The payment was taken through a gateway, so that nobody gives it back or moves it by hand.",
        "Refund it through the gateway: paymentRefund with its payment intent.",
    ),
    ErrorCode.REFUND_EXCEEDS_PAYMENT: (
        "More is to be refunded than was taken less what was given or taken back, refunds under way included.",
        "Read what is left of the payment intent or the payment, and refund that at most.",
    ),
    ErrorCode.DEBT_DISPUTED: (
        "The debtor disputes the debt: money that is shared among several debts never goes to it.",
        "Name other accounts, or record the payment when the dispute has ended.",
    ),
    ErrorCode.GATEWAY_NOT_USABLE: (
        "No payment gateway serves the request: none is chosen or enabled for the client, or it cannot do this.",
        "Look at the client's effective settings, and at what the gateway can do, or name another gateway.",
    ),
    ErrorCode.PERMIT_USED: (
        "The permit was used or given back already: it is good for one act.",
        "Ask for a new one; do nothing on the old one.",
    ),
    ErrorCode.PERMIT_EXPIRED: (
        "The permit's time is over: it ends after ten minutes, or earlier when what was allowed ends earlier.",
        "Ask again; the answer may be another by now.",
    ),
    ErrorCode.PERMIT_MISMATCH: (
        "The permit is for something else: another channel, number, debt or act, or it was given to somebody else.",
        "Do what was permitted, or ask for what is to be done.",
    ),
    ErrorCode.PERMIT_OVERTAKEN: (
        "Something was recorded since the decision that it did not know, such as a hold or a consent taken back.",
        "Do nothing, and ask again: the rules see what is known now.",
    ),
    ErrorCode.FEE_NOT_ALLOWED: (
        "A rule does not allow the fee to be claimed; it stays quoted, and nothing is owed for it.",
        "Read the fee's decision: each finding names its rule, its reason and what would change it.",
    ),
    ErrorCode.FEE_NOT_DUE: (
        "The fee cannot be charged now: its rule charges nothing today, or the debtor was told of it first.",
        "Read the message for what is missing; `feeClaimsPreview` shows what would be charged on a day.",
    ),
    ErrorCode.CARD_NUMBER_GIVEN: (
        "A card number was given where the provider's token is wanted; it was neither stored nor passed on.",
        "Let the provider's own form turn the card into a token, and send that.",
    ),
    ErrorCode.NOT_SANDBOX: (
        "The operation exists only in a sandbox deployment.",
        "Use a sandbox deployment; a live one keeps real time and real data.",
    ),
    ErrorCode.IDEMPOTENCY_KEY_REUSED: (
        "The idempotency key was used before with a different input.",
        "Use a new key for a new intention, and the old key only with the very same input.",
    ),
    ErrorCode.IDEMPOTENCY_IN_PROGRESS: (
        "A request with the same idempotency key is still running.",
        "Send the same request again after a moment to receive its result.",
    ),
    ErrorCode.UNAUTHENTICATED: (
        "The request carries no credential, or one that is malformed, expired or revoked.",
        "Send a valid `Authorization: Bearer` header with an API key or an access token.",
    ),
    ErrorCode.FORBIDDEN: (
        "The credential is valid, and its permissions do not cover this operation or field.",
        "Ask an administrator for the permission that the message names, or leave the field out.",
    ),
    ErrorCode.LIMIT_EXCEEDED: (
        "The request asks for more than one request may ask.",
        "Select fewer fields or smaller pages, and follow the cursors.",
    ),
    ErrorCode.RATE_LIMITED: (
        "The credential has sent too many requests in a short time.",
        "Wait for the seconds given by `Retry-After`, then go on more slowly.",
    ),
    ErrorCode.PAYLOAD_TOO_LARGE: (
        "The body of the request or an uploaded file is larger than allowed.",
        "Send less at once, or split the file.",
    ),
    ErrorCode.BAD_REQUEST: (
        "The HTTP request is not a well-formed GraphQL request.",
        "Send a JSON object with `query`, and optionally `variables` and `operationName`.",
    ),
    ErrorCode.GRAPHQL_PARSE_FAILED: (
        "The GraphQL document has a syntax error.",
        "Correct the document at the line and column given.",
    ),
    ErrorCode.GRAPHQL_VALIDATION_FAILED: (
        "The GraphQL document or its variables do not match the schema.",
        "Compare the operation with `schema.graphql`; the message names the field, argument or variable.",
    ),
    ErrorCode.UNAVAILABLE: (
        "The platform or its database cannot answer at the moment.",
        "Send the same request again after a short wait, with the same idempotency key.",
    ),
    ErrorCode.INTERNAL: (
        "The platform failed in a way that is not the caller's doing.",
        "Report `extensions.requestId` to the operator of the deployment; its log holds the details.",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the path of the input value that it concerns."""

    code: ErrorCode
    message: str
    field: tuple[str, ...] = ()
    detail_code: str | None = None


class ArrearsError(Exception):
    """One or several problems. Its subclasses group them by what the caller should do."""

    default_code: ClassVar[ErrorCode] = ErrorCode.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode | None = None,
        field: tuple[str, ...] = (),
        detail_code: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(code or self.default_code, message, tuple(field), detail_code),)
        self.retry_after_seconds = retry_after_seconds

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """An error of this group that carries all the given problems; there must be at least one."""
        collected = tuple(problems)
        if not collected:
            raise ValueError("an error needs at least one problem")
        error = cls("; ".join(problem.message for problem in collected))
        error.problems = collected
        return error

    @property
    def code(self) -> ErrorCode:
        """The code of the first problem."""
        return self.problems[0].code


class InputError(ArrearsError):
    """The input is wrong: the caller changes it."""

    default_code = ErrorCode.INVALID_INPUT


class CurrencyMismatchError(InputError):
    """Two currencies met where one is needed."""

    default_code = ErrorCode.CURRENCY_MISMATCH


class NotFoundError(ArrearsError):
    """Nothing visible has this id. Unknown and invisible records give the same answer."""

    default_code = ErrorCode.NOT_FOUND


class ConflictError(ArrearsError):
    """Someone else was faster: the caller reloads and tries again."""

    default_code = ErrorCode.CONFLICT


class RefusedError(ArrearsError):
    """The state of the record forbids it. Whoever raises it names the fact by its code."""

    default_code = ErrorCode.INVALID_INPUT


class AccessError(ArrearsError):
    """The caller lacks a credential or a permission and has to get one."""

    default_code = ErrorCode.FORBIDDEN


class LimitError(ArrearsError):
    """The caller asks for too much or too often: it slows down or asks for less."""

    default_code = ErrorCode.LIMIT_EXCEEDED


class TemporaryError(ArrearsError):
    """It may work in a moment: the caller sends the same request again after `retry_after_seconds`."""

    default_code = ErrorCode.UNAVAILABLE


class FaultError(ArrearsError):
    """The platform is at fault: the caller tells its operator."""

    default_code = ErrorCode.INTERNAL
