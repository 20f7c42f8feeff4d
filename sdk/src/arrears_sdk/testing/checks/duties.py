"""What holds for the duties towards persons whose data a plugin keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from arrears_sdk.ports.subscriber import Subscriber
from arrears_sdk.testing.batch_hooks import BATCH_HOOKS, batch
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.trial import Session, Trial
from arrears_sdk.views import DataSubject

DUTIES = ("export_personal_data", "erase_personal_data")
KEEPERS = (*BATCH_HOOKS, "register_subscribers", *DUTIES)
SUBJECT = DataSubject(request_id="dreq_" + "0" * 31 + "1", debtor_id="dbtr_" + "0" * 31 + "1")


def work(trial: Trial, session: Session) -> None:
    """Gives the plugin ordinary work, and tells it of events about the data subject."""
    for hook in trial.hooks(BATCH_HOOKS):
        session.ask(hook, batch(trial, hook))
    if "register_subscribers" in trial.plugin.hooks():
        for subscriber in session.ports("register_subscribers"):
            assert isinstance(subscriber, Subscriber)
            for seed, name in enumerate(subscriber.events):
                session.call(subscriber.handle, Builder(seed).event(name, SUBJECT.debtor_id))


@check(
    "duty.honest",
    "Data about a person that is kept in secret is neither handed out nor erased when that person asks.",
    hooks=KEEPERS,
    needs=("plugin.lifecycle", "plugin.hooks", "batch.answers", "subscriber.handles"),
)
def keeps_no_person_in_secret(trial: Trial) -> None:
    """What it keeps about a debtor carries the debtor's id, and `personal_data` says that it keeps such data."""
    implemented = set(DUTIES) <= set(trial.plugin.hooks())
    if trial.plugin.personal_data and not implemented:
        raise Violation("says personal_data = True and does not implement both duties")
    with trial.session() as session:
        work(trial, session)
        for values in session.host.kept().values():
            for value in values:
                if value.debtor_id is None and "dbtr_" in f"{value.key} {json.dumps(value.value)}":
                    raise Violation(f"keeps a debtor's id under {value.key!r} without debtor_id=...")
    if implemented and not trial.plugin.personal_data:
        raise Violation("implements both duties and says personal_data = False")


@check(
    "duty.export",
    "A person who asks what is kept about them gets an error, or half of it.",
    hooks=("export_personal_data",),
    needs=("duty.honest",),
)
def hands_out_readable_data(trial: Trial) -> None:
    """The export is a mapping of readable names to plain values, and holds what the host's stores hold."""
    with trial.session() as session:
        work(trial, session)
        for subject in _parts(session):
            exported = _exported(session, subject)
            kept = session.host.kept().get(subject.client_id, [])
            if any(value.debtor_id == SUBJECT.debtor_id for value in kept) and not exported:
                store = "host.values()" if subject.client_id is None else "host.values(client_id)"
                raise Violation(f"keeps values about the person in {store}, and the export for that part is empty")


@check(
    "duty.erase",
    "A person who was told that all is erased is still in the plugin's data, and is called again.",
    hooks=("erase_personal_data",),
    needs=("duty.honest", "duty.export"),
)
def erases_everything(trial: Trial) -> None:
    """After erasure nothing of the person is in the stores, and an export is empty."""
    with trial.session() as session:
        work(trial, session)
        parts = list(_parts(session))
        for subject in parts:
            session.ask("erase_personal_data", subject)
        for values in session.host.kept().values():
            if left := [value.key for value in values if value.debtor_id == SUBJECT.debtor_id]:
                raise Violation(f"still keeps {', '.join(left[:5])} about the person after erasure")
        if "export_personal_data" in trial.plugin.hooks():
            for subject in parts:
                if left_over := _exported(session, subject):
                    raise Violation(f"still exports {', '.join(sorted(left_over))} after erasure")


@check(
    "duty.erase-twice",
    "An erasure that fails when it is tried again never ends, and is put before a person for nothing.",
    hooks=("erase_personal_data",),
    needs=("duty.honest",),
)
def erases_twice(trial: Trial) -> None:
    """Erasing what is gone, or was never there, is no error."""
    with trial.session() as session:
        session.ask("erase_personal_data", SUBJECT)
        work(trial, session)
        session.ask("erase_personal_data", SUBJECT)
        session.ask("erase_personal_data", SUBJECT)


def _parts(session: Session) -> Iterator[DataSubject]:
    """The person as the platform asks: once for the deployment, and once for each client of theirs."""
    yield SUBJECT
    for client_id in list(session.host.kept()):
        if client_id is not None:
            yield replace(SUBJECT, client_id=client_id)


def _exported(session: Session, subject: DataSubject) -> Mapping[str, object]:
    exported = session.ask("export_personal_data", subject)
    if not isinstance(exported, Mapping) or not all(isinstance(name, str) and name for name in exported):
        raise Violation(f"export_personal_data gave {type(exported).__name__}, where a mapping of names is wanted")
    try:
        json.dumps(dict(exported), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Violation(f"the export cannot be written as JSON: {error}") from None
    return exported
