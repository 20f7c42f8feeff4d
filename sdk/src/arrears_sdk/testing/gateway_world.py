"""What a gateway is tried against: a double of its provider, never the provider itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from pydantic import SecretStr

from arrears_sdk.money import Money
from arrears_sdk.plugin import Config
from arrears_sdk.ports.gateway import WebhookRequest
from arrears_sdk.vocabulary import PaymentMethodKind


class GatewayWorld(ABC):
    """A provider's double with one gateway pointed at it. The suite makes one for each check and closes it after.

    What a provider does not have stays as it is here, and the checks that need it are left out.
    """

    @property
    @abstractmethod
    def config(self) -> Config:
        """Settings that point the plugin at the double."""

    @property
    @abstractmethod
    def token(self) -> SecretStr:
        """A means of payment that works."""

    @abstractmethod
    def charges(self) -> Sequence[Money]:
        """What the provider has taken so far: one amount for each charge, as the provider understood it."""

    @property
    def method(self) -> PaymentMethodKind:
        """What kind of means the token is."""
        return PaymentMethodKind.CARD

    @property
    def declined_token(self) -> SecretStr | None:
        """A means of payment that the provider declines."""
        return None

    def answer_unknown_status(self) -> bool:
        """Makes the provider answer the next charge with a status that nobody has heard of; whether it can."""
        return False

    def lose_next_answer(self) -> bool:
        """Makes the provider take the next charge and lose its answer; whether it can."""
        return False

    def webhook(self) -> WebhookRequest | None:
        """A genuine webhook about the last charge, signed and received just now."""
        return None

    def close(self) -> None:  # noqa: B027 - a double that started nothing has nothing to end
        """Ends what the double started."""
