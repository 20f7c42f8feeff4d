"""The SQL of the migrations and the table classes describe the same schema."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects.postgresql.base import ischema_names

import arrears
from arrears.kernel.tables import TransactionNumber, metadata
from tests.conftest import Server


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[sqlalchemy.Connection]:
    name = server.new_name()
    url = sqlalchemy.make_url(server.clone(name).owner).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as opened:
        yield opened
    server.drop(name)


def import_every_table_class() -> None:
    for module in pkgutil.walk_packages(arrears.__path__, "arrears."):
        if module.name.rpartition(".")[2].endswith("tables"):
            importlib.import_module(module.name)


def test_migrations_and_table_classes_agree(connection: sqlalchemy.Connection) -> None:
    import_every_table_class()
    # Reflection knows no xid8 by itself.
    ischema_names["xid8"] = TransactionNumber
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            # A default of the database is for SQL written by hand; the classes bring their own.
            "compare_server_default": False,
            "include_object": lambda item, name, kind, reflected, other: name != "alembic_version",
        },
    )

    assert [str(difference) for difference in compare_metadata(context, metadata)] == []


def test_names_follow_the_convention(connection: sqlalchemy.Connection) -> None:
    prefixes = {"p": "pk_", "u": "uq_", "f": "fk_", "c": "ck_"}
    constraints = connection.execute(
        sqlalchemy.text(
            "select contype::text, conname::text, conrelid::regclass::text from pg_constraint"
            " where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f', 'c')"
            " and conrelid <> 'alembic_version'::regclass"
        )
    ).all()

    assert [name for kind, name, table in constraints if not name.startswith(f"{prefixes[kind]}{table}")] == []
