"""API keys: how one is made, how it reads, and how it is recognised without being kept."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from uuid import UUID

KEY_PREFIX: Final = "arr_"
SECRET_BYTES: Final = 32

_FORM: Final = re.compile(r"arr_(?P<id>[0-9a-f]{32})_(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class NewKey:
    """A key as its owner gets it, once: `arr_`, the key's id, and 256 random bits."""

    id: UUID
    text: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """What is stored in its place."""
        return digest(self.text)

    @classmethod
    def make(cls, key_id: UUID) -> NewKey:
        """A key with a fresh secret for the row with this id."""
        return cls(key_id, f"{KEY_PREFIX}{key_id.hex}_{secrets.token_urlsafe(SECRET_BYTES)}")


def is_key(token: str) -> bool:
    """Whether the token is an API key by its form; a JWT never is."""
    return token.startswith(KEY_PREFIX)


def digest(token: str) -> bytes:
    """The 32 bytes by which a key is found.

    SHA-256 and no slow password hash: the secret has 256 random bits, so there is nothing to guess for which slowness
    would help, and every request would pay for it.
    """
    return sha256(token.encode()).digest()


def well_formed(token: str) -> bool:
    """Whether the token has the exact form of a key, so that anything else is refused without asking the database."""
    return _FORM.fullmatch(token) is not None
