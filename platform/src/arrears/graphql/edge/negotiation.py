"""Which media type an answer has, from the `Accept` header."""

from __future__ import annotations

from enum import Enum

from arrears.graphql.edge.errors import EdgeError

MAX_REMEMBERED = 256


class MediaType(Enum):
    """The media types of answers. `header` is the content type as it is sent."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    EVENTS = "text/event-stream"

    @property
    def header(self) -> bytes:
        """The value of the `Content-Type` header."""
        return f"{self.value}; charset=utf-8".encode("ascii")


_RANGES = {
    MediaType.RESPONSE.value: MediaType.RESPONSE,
    MediaType.JSON.value: MediaType.JSON,
    MediaType.EVENTS.value: MediaType.EVENTS,
    "application/*": MediaType.JSON,
    "text/*": MediaType.EVENTS,
    "*/*": MediaType.JSON,
}
_remembered: dict[bytes, MediaType] = {}


def negotiate(accept: bytes | None) -> MediaType:
    """The media type that the client likes best; `application/json` when it says nothing. EdgeError 406 for none."""
    if accept is None:
        return MediaType.JSON
    media_type = _remembered.get(accept)
    if media_type is None:
        media_type = _best(accept.decode("latin-1"))
        if len(_remembered) < MAX_REMEMBERED and len(accept) <= MAX_REMEMBERED:
            _remembered[accept] = media_type
    return media_type


def _best(accept: str) -> MediaType:
    """The range of highest quality; among equals a named type before a wildcard, then the first that was named."""
    best: tuple[float, bool] = (0.0, False)
    chosen: MediaType | None = None
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        media_type = _RANGES.get(name)
        if media_type is None or not _takes_utf_8(parameters):
            continue
        rank = (_quality(parameters), "*" not in name)
        if rank[0] > 0 and rank > best:
            best, chosen = rank, media_type
    if chosen is None and accept.strip():
        raise EdgeError(406, f"Answers come as {', '.join(each.value for each in MediaType)}.")
    return chosen or MediaType.JSON


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def _takes_utf_8(parameters: list[str]) -> bool:
    return all(
        value.strip('" ') in ("utf-8", "utf8")
        for name, _, value in (parameter.partition("=") for parameter in parameters)
        if name.strip() == "charset"
    )
