"""The deployment's keys: read from configuration, kept out of every log, never used directly."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from arrears_sdk.errors import ErrorCode, FaultError, InputError

KEY_BYTES: Final = 32
INDEX_KEY_NAME: Final = "index"
"""The reserved name of the entry that keys the blind indexes."""

_NAMED_KEY: Final = re.compile(r"(?:(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,39}):)?(?P<key>[A-Za-z0-9+/]+=*)")


class Secret:
    """Bytes that show as stars in every repr, format, log and traceback; read them with `reveal()`."""

    __slots__ = ("_hidden",)

    def __init__(self, hidden: bytes) -> None:
        self._hidden = hidden

    def reveal(self) -> bytes:
        """The bytes themselves, for the one cryptographic call that needs them."""
        return self._hidden

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._hidden, other._hidden)

    def __hash__(self) -> int:
        return hash(hashlib.sha256(self._hidden).digest())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


def derive(root: Secret, purpose: str) -> Secret:
    """A 32-byte key for one purpose, from a root key by HKDF-SHA256; different purposes give unrelated keys."""
    expansion = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"arrears/" + purpose.encode() + b"/1")
    return Secret(expansion.derive(root.reveal()))


@dataclass(frozen=True)
class DeploymentKey:
    """One root key and what is derived from it; `id` names it in rows without telling anything about it."""

    id: str
    wrapping: Secret
    mac: Secret
    index: Secret

    @classmethod
    def parse(cls, text: str) -> DeploymentKey:
        """The key written `name:base64`, or only base64 of 32 bytes and named by a digest of itself.

        Raises InputError that never repeats what was given.
        """
        form = _NAMED_KEY.fullmatch(text.strip())
        try:
            raw = base64.b64decode(form["key"], validate=True) if form else b""
        except binascii.Error:
            raw = b""
        if form is None or len(raw) != KEY_BYTES:
            raise InputError(
                f"a deployment key must be written name:base64, with {KEY_BYTES} bytes in base64",
                code=ErrorCode.INVALID_INPUT,
            )
        root = Secret(raw)
        return cls(
            id=form["name"] or derive(root, "key-id").reveal()[:6].hex(),
            wrapping=derive(root, "wrap-person-key"),
            mac=derive(root, "mac"),
            index=derive(root, "blind-index"),
        )


@dataclass(frozen=True)
class DeploymentKeys:
    """The current deployment key, the older ones still needed to read, and the key of the blind indexes."""

    current: DeploymentKey
    older: tuple[DeploymentKey, ...]
    index: Secret

    @classmethod
    def parse(cls, current: str, older: Sequence[str] = (), index: str | None = None) -> DeploymentKeys:
        """Keys from configuration strings.

        `older` is listed newest first. The blind indexes must not change when the deployment key does, so their key
        comes from `index` where that is set, else from the oldest key listed.
        """
        newest = DeploymentKey.parse(current)
        others = tuple(map(DeploymentKey.parse, older))
        if len({newest.id, *(key.id for key in others)}) != 1 + len(others):
            raise InputError("two deployment keys have the same name", code=ErrorCode.INVALID_INPUT)
        oldest = others[-1] if others else newest
        return cls(newest, others, DeploymentKey.parse(index).index if index else oldest.index)

    @classmethod
    def read(cls, text: str) -> DeploymentKeys:
        """Keys from one text: `name:base64` entries separated by commas or line ends, the current one first.

        An entry named `index`, wherever it stands, is the key of the blind indexes only.
        """
        entries = [entry.strip() for entry in re.split(r"[,\n]", text) if entry.strip()]
        index = [entry for entry in entries if entry.startswith(f"{INDEX_KEY_NAME}:")]
        others = [entry for entry in entries if entry not in index]
        if not others or len(index) > 1:
            raise InputError("deployment keys need one current key and at most one index key")
        return cls.parse(others[0], others[1:], index[0] if index else None)

    @classmethod
    def generate(cls) -> DeploymentKeys:
        """Fresh random keys, for tests and for a first start that then stores `new_key_text()` instead."""
        return cls.parse(new_key_text())

    def by_id(self, key_id: str) -> DeploymentKey:
        """The key with that id; raises FaultError when it is not configured (any more)."""
        for key in (self.current, *self.older):
            if key.id == key_id:
                return key
        raise FaultError(f"deployment key {key_id} is not configured; list it among the older keys")


def new_key_text() -> str:
    """A new random deployment key in the form that configuration takes."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
