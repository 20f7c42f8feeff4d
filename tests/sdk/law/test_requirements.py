"""What a requirement asks for, and by which mutation it is met."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from arrears_sdk.law import requirements
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.requirements import Requirement, RequirementKind
from arrears_sdk.law.words import Attestation, Content, NoticeKind
from arrears_sdk.vocabulary import CommunicationChannel


@pytest.mark.parametrize(
    ("text", "kind", "word", "mutation"),
    [
        ("notice:VALIDATION", RequirementKind.NOTICE, "VALIDATION", "noticeRecord"),
        ("content:OPT_OUT_NOTICE", RequirementKind.CONTENT, "OPT_OUT_NOTICE", "contactRequest"),
        ("fact:DEBIT_AUTHORISATION", RequirementKind.FACT, "DEBIT_AUTHORISATION", "factRecord"),
        ("consent:SMS", RequirementKind.CONSENT, "SMS", "consentRecord"),
        ("licence:US-NY-NEW YORK", RequirementKind.LICENCE, "US-NY-NEW YORK", "licenceRecord"),
        ("attestation:US_SAFEGUARDS", RequirementKind.ATTESTATION, "US_SAFEGUARDS", "settingsChange"),
        ("wait for the moon", RequirementKind.OTHER, "wait for the moon", None),
        ("moon:FULL", RequirementKind.OTHER, "moon:FULL", None),
        ("Notice:VALIDATION", RequirementKind.OTHER, "Notice:VALIDATION", None),
        ("notice:", RequirementKind.OTHER, "notice:", None),
    ],
)
def test_a_text_is_read_by_its_grammar(text: str, kind: RequirementKind, word: str, mutation: str | None) -> None:
    read = Requirement.read(text)
    assert (read.kind, read.word, read.kind.mutation) == (kind, word, mutation)


@given(
    st.one_of(
        st.sampled_from(Content).map(lambda word: (requirements.content(word), RequirementKind.CONTENT, word)),
        st.sampled_from(NoticeKind).map(lambda word: (requirements.notice(word), RequirementKind.NOTICE, word)),
        st.sampled_from(FactKind).map(lambda word: (requirements.fact(word), RequirementKind.FACT, word)),
        st.sampled_from(CommunicationChannel).map(
            lambda word: (requirements.consent(word), RequirementKind.CONSENT, word)
        ),
        st.sampled_from(Attestation).map(
            lambda word: (requirements.attestation(word), RequirementKind.ATTESTATION, word)
        ),
        st.sampled_from(["US", "US-NY", "CA-ON"]).map(
            lambda word: (requirements.licence(word), RequirementKind.LICENCE, word)
        ),
    )
)
def test_what_is_written_is_read_again(written: tuple[str, RequirementKind, str]) -> None:
    text, kind, word = written
    assert Requirement.read(text) == Requirement(kind, word)
