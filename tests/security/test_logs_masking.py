"""Canaries planted in every way a log can be written: none of them comes out."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import sys
import urllib.parse
import warnings
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
import structlog
from pydantic import BaseModel

from arrears.kernel.keys import DeploymentKeys, Secret, new_key_text
from arrears.kernel.log_masking import is_sensitive_key, mask_text
from arrears.kernel.logs import bind_request, configure_logs, request_bound
from arrears.kernel.personal import Personal
from tests.conftest import Deployment

KEY = new_key_text()
API_KEY = "arr_0192a4b5c6d7e8f90123456789abcdef_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"
NAME = "Canary Birdsong-Quillfeather"

# What has a form is found wherever it stands; in brackets what must not come out, where it is not the whole.
SHAPED = {
    "phone, international": "+1 202-555-0143",
    "phone, plain": "+442079460958",
    "phone, with 00": "0049 30 901820",
    "phone, North American": "(202) 555-0143",
    "phone, with dots": "202.555.0143",
    "phone, British": "020 7946 0958",
    "phone, German": "030/901820-11",
    "phone, mobile": "07700 900123",
    "phone, only digits": "2025550143",
    "e-mail": "canary.bird+debt@example.co.uk",
    "e-mail, encoded": "canary.bird%40example.com",
    "social security number": "078-05-1120",
    "social security number, spaces": "078 05 1120",
    "social security number, digits": "078051120",
    "national insurance number": "QQ 12 34 56 C".replace("QQ", "AB"),
    "national insurance number, plain": "AB123456C",
    "tax id": "12 345 678 903",
    "tax id, digits": "12345678903",
    "iban": "DE89 3704 0044 0532 0130 00",
    "iban, plain": "GB29NWBK60161331926819",
    "card": "4111 1111 1111 1111",
    "card, plain": "5555555555554444",
    "card, dashes": "3782-822463-10005",
    "API key": API_KEY,
    "access token": JWT,
    "deployment key": KEY,
}


@dataclasses.dataclass
class Contact:
    name: str
    phone: str


class Change(BaseModel):
    display_name: str
    contact_points: list[Contact]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the process logs, as JSON; the logging of the test run is put back afterwards."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, structlog.get_config())
    # Warnings are captured only by the first who asks, and a test before this one may have asked.
    logging.captureWarnings(capture=False)
    configure_logs("DEBUG", "json", stream)
    yield stream
    root.handlers[:], level, sys.excepthook, configuration = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def plant(text: str) -> None:
    """Logs one text in every way that code and libraries do."""
    log = structlog.get_logger("arrears.test")
    log.info("plain", detail=text)
    told = f"in the message: {text}, and on"
    log.info(told)
    log.info("positional %s and %d", text, 5)
    log.warning("nested", data={"rows": [{"detail": (text, {text})}], text: 1})
    log.info("object", thing=Contact("x", text), model=Change(display_name="x", contact_points=[Contact("y", text)]))
    log.info("json", answer=json.dumps({"phone": text, "deep": [text]}), shown=repr({"a": text}))
    log.info("url", url=f"https://user:{text}@host.example/path?q={urllib.parse.quote(text)}&x=1")
    log.info("query", path=f"/graphql?query={urllib.parse.quote_plus(text)}")
    log.bind(other=text).info("bound")
    with request_bound("request-1", caller=text):
        log.info("in context")
    library = logging.getLogger("some.library")
    library.warning("value %s failed", text)
    library.warning("value %(detail)s failed", {"detail": text})
    library.info("extra", extra={"detail": text})
    logging.getLogger("another").error(text)
    warnings.warn(f"deprecated: {text}", stacklevel=1)
    try:
        raise ValueError(f"bad value {text}")
    except ValueError as error:
        log.exception("failed", problem=str(error))
        library.exception("also failed")
        try:
            raise RuntimeError(text) from error
        except RuntimeError:
            log.exception("chained")
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]


@pytest.mark.parametrize("canary", list(SHAPED))
def test_what_has_a_form_never_comes_out(canary: str, written: io.StringIO) -> None:
    text = SHAPED[canary]
    plant(text)
    output = written.getvalue()
    assert len(lines(written)) == 19
    assert text not in output
    assert urllib.parse.quote(text) not in output
    # Nor does what remains when someone strips the spaces.
    compact = "".join(character for character in text if character.isalnum())
    assert compact not in "".join(character for character in output if character.isalnum())


KEYS = """
    name first_name lastName displayName debtor_name phone phoneNumber.phone contact-email email address street
    national_id SSN date_of_birth iban note text body reason spoken_to
    password db_password token accessToken.token Authorization Set-Cookie secret client_secret api_key
"""


@pytest.mark.parametrize("key", KEYS.split())
def test_what_has_no_form_is_starred_out_under_its_key(key: str, written: io.StringIO) -> None:
    log = structlog.get_logger("arrears.test")
    log.info("top", **{key: NAME})
    log.info("nested", data=[{key: NAME, "deeper": {key: [NAME, NAME]}}])
    log.info("personal", value_=Personal(NAME), other=Secret(NAME.encode()), raw=NAME.encode())
    logging.getLogger("library").info("%s", json.dumps({key.split(".")[-1]: NAME}) if key in JSON_KEYS else "")
    assert "Quillfeather" not in written.getvalue()
    assert len(lines(written)) == 4


JSON_KEYS = {"name", "first_name", "displayName", "debtor_name", "email", "address", "password", "token", "secret"}


def test_the_text_of_a_model_in_a_message_shows_no_name(written: io.StringIO) -> None:
    logging.getLogger("library").info("got %r", Contact(NAME, "+12025550143"))
    logging.getLogger("library").info("got %s", Change(display_name=NAME, contact_points=[]))
    logging.getLogger("library").info("got %r", Personal(NAME))
    assert "Quillfeather" not in written.getvalue()


async def test_what_the_database_says_about_a_row_is_starred_out(deployment: Deployment, written: io.StringIO) -> None:
    statements = (
        f"insert into team select gen_random_uuid(), '{NAME}', 1, now(), now() from generate_series(1, 2)",
        f"insert into team values (gen_random_uuid(), '', 1, now(), now()), ('{NAME}', '', 1, now(), now())",
        f"insert into team values (gen_random_uuid(), '{NAME}', null, now(), now())",
        f"select '{NAME}'::integer",
    )
    for statement in statements:
        async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as connection:
            try:
                await connection.execute(statement)
            except psycopg.Error as error:
                structlog.get_logger("arrears").exception(
                    "database.failed", problem=f"{error} {error.diag.message_detail}"
                )
    assert len(lines(written)) == 4
    assert "Quillfeather" not in written.getvalue()
    assert "duplicate key value violates unique constraint" in written.getvalue()


def test_keys_of_the_deployment_show_in_no_way(written: io.StringIO) -> None:
    keys = DeploymentKeys.parse(KEY)
    log = structlog.get_logger("arrears")
    log.info("keys", keys=keys, settings={"deployment_keys": f"a:{KEY}"}, line=f"ARREARS_DEPLOYMENT_KEYS=a:{KEY}")
    assert KEY not in written.getvalue()
    assert "****" in written.getvalue()


def test_what_a_log_is_for_stays_readable(written: io.StringIO) -> None:
    bind_request("0192a4b5-c6d7-7e8f-9012-3456789abcde")
    fields = {
        "account": "acct_0192a4b5c6d77e8f90123456789abcde",
        "row": "01920411-1111-7111-8111-111111111111",
        "rows": 1_500_000,
        "seconds": 0.123456789,
        "share": "12.5 %",
        "amount": Decimal("1234.50"),
        "on": "2026-03-02",
        "at": "2026-03-02T12:00:00.123456Z",
        "path": "/graphql",
        "version": "3.11.7",
        "listening": "127.0.0.1:8000",
        "command": "account.update",
        "key_id": "2026-03",
        "table_name": "account",
        "finished": True,
        "nothing": None,
    }
    structlog.get_logger("arrears").info("import.finished 12 of 2466 rows in 8.25 s", **fields)
    (line,) = lines(written)
    assert line.pop("timestamp")
    assert line == {
        "event": "import.finished 12 of 2466 rows in 8.25 s",
        "level": "info",
        "logger": "arrears",
        "request_id": "0192a4b5-c6d7-7e8f-9012-3456789abcde",
        **fields,
        "amount": "1234.50",
    }


def test_a_request_id_that_someone_made_up_is_masked_like_anything_else(written: io.StringIO) -> None:
    for made_up in ("canary@example.com", "+12025550143", API_KEY):
        bind_request(made_up)
        structlog.get_logger("arrears").info("request")
    output = written.getvalue()
    assert all(part not in output for part in ("canary", "2025550143", "Zm9v"))


def test_the_console_form_is_masked_too() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, structlog.get_config())
    try:
        configure_logs("INFO", "console", stream)
        for text in SHAPED.values():
            plant(text)
    finally:
        root.handlers[:], level, sys.excepthook, configuration = before
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.configure(**configuration)
    assert [text for text in SHAPED.values() if text in stream.getvalue()] == []
    assert "in the message" in stream.getvalue()


@pytest.mark.parametrize(
    ("key", "sensitive"),
    [
        ("name", True),
        ("debtor.name", True),
        ("firstName", True),
        ("X-Api-Key", True),
        ("refresh_token", True),
        ("operation_name", False),
        ("jobName", False),
        ("key_id", False),
        ("names_read", False),
        ("noted", False),
    ],
)
def test_which_keys_are_starred_out(key: str, sensitive: bool) -> None:
    assert is_sensitive_key(key) is sensitive


def test_a_huge_text_is_cut_and_quick() -> None:
    masked = mask_text("1 " * 2_000_000)
    assert "… (4000000 characters) …" in masked
    assert len(masked) < 10_100
    for nasty in (
        "+" * 50_000,
        "0" * 50_000,
        "a@" * 25_000,
        "name='" * 8_000,
        "4111 " * 10_000,
        ")=(" * 20_000,
        "a-" * 25_000,
        "?" * 50_000,
    ):
        mask_text(nasty)
