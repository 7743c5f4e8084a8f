"""What a person is told of what is kept: all that is the person's, and nothing that is somebody else's (KVKK m.11)."""

import json
from typing import Any

import pytest

from storage.desk.accounts import Role, create_account
from storage.desk.audit import Action, about, record
from storage.desk.rulings import Return
from storage.subject.export import subject_of
from tests.storage.desk.cases import Desk, put_for_review
from tests.storage.procedures import remove
from tests.storage.samples import AYSE, ISIL, PROVIDER, Inbox, application, register, statement
from validators.finding import Code

OTHERS = (ISIL.national_id, ISIL.family_name, "hd99-9999-9999-9999", f"{ISIL.national_id}_hizmet.pdf")
"""What is Işıl's alone: the given name may be anybody's."""


def told(inbox: Inbox, national_id: str = AYSE.national_id) -> Any:
    subject = subject_of(inbox.database, national_id)
    assert subject is not None
    return json.loads(json.dumps(subject.told))


def put_both(inbox: Inbox) -> None:
    """One application of two people, each with a paper."""
    register(inbox, AYSE, ISIL)
    inbox.put(
        application("A-1", people=[AYSE, ISIL]),
        statement(AYSE),
        statement(ISIL, "hd99-9999-9999-9999"),
    )
    inbox.run()


def test_nothing_is_told_of_somebody_who_is_not_known(inbox: Inbox) -> None:
    put_both(inbox)
    assert subject_of(inbox.database, "10000000214") is None


def test_record_employment_declaration_papers_and_findings_are_told(inbox: Inbox) -> None:
    put_both(inbox)
    found = told(inbox)
    assert found["national_id"] == AYSE.national_id
    assert found["record"]["family_name"] == AYSE.family_name
    assert [each["provider"] for each in found["record"]["employments"]] == [PROVIDER.title]
    registration, addition = found["applications"]
    assert (registration["application_id"], addition["application_id"]) == ("P-078", "A-1")
    assert addition["parts"] == ["declared", "paper"]
    assert addition["declared"]["people"] == [AYSE.model_dump()]
    (paper,) = addition["papers"]
    assert paper["barcodes"] == ["hd12-3456-7890-abcd"]
    assert paper["fields"]["family_name"] == AYSE.family_name
    assert len(paper["records"]) == 3
    (judgement,) = addition["judgements"]
    codes = {finding["code"] for finding in judgement["person"]["findings"]}
    assert Code.EMPLOYMENT_ENDED in codes
    assert all(finding["answer"]["tr"] for finding in judgement["person"]["findings"])


def test_other_people_of_the_same_application_are_left_out(inbox: Inbox) -> None:
    put_both(inbox)
    text = json.dumps(told(inbox), ensure_ascii=False)
    assert AYSE.national_id in text
    assert [word for word in OTHERS if word in text] == []
    assert told(inbox)["applications"][1]["other_people"] == 1


def test_a_paper_in_somebody_elses_application_is_told_and_the_application_is_not(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    inbox.put(application("A-1", people=[ISIL]), statement(ISIL, "hd99-9999-9999-9999"), statement(AYSE))
    inbox.run()
    (mine,) = [each for each in told(inbox)["applications"] if each["application_id"] == "A-1"]
    assert (mine["parts"], mine["other_people"]) == (["paper"], 1)
    assert [paper["fields"]["national_id"] for paper in mine["papers"]] == [AYSE.national_id]
    assert mine["declared"]["people"] == []
    assert [judgement["person"] for judgement in mine["judgements"]] == [None]
    assert [word for word in OTHERS if word in json.dumps(mine, ensure_ascii=False)] == []


def test_somebody_elses_paper_in_ones_own_application_is_not_told(inbox: Inbox) -> None:
    register(inbox, AYSE)
    stranger = statement(ISIL, "hd99-9999-9999-9999")
    inbox.put(application("A-1", people=[AYSE]), statement(AYSE), stranger)
    inbox.run()
    mine = told(inbox)["applications"][-1]
    assert len(mine["papers"]) == 1
    assert mine["judgements"][0]["person"]["findings"]
    assert [word for word in OTHERS if word in json.dumps(mine, ensure_ascii=False)] == []


def test_the_reason_of_a_removal_names_nobody_else(inbox: Inbox) -> None:
    put_both(inbox)
    remove(inbox, "R-1", "22T10:00", people=[AYSE, ISIL])
    inbox.run()
    removal = told(inbox)["applications"][-1]
    assert removal["declared"]["reason"] == "Sağlık nedeniyle ayrıldı."
    content = json.loads((inbox.path / "R-1" / "application.json").read_text("utf-8"))
    content["reason"] = f"Ayşe ve Işıl {ISIL.family_name.title()} ({ISIL.national_id}) ayrıldı."
    (inbox.path / "R-1" / "application.json").write_text(json.dumps(content), "utf-8")
    inbox.run()
    last = told(inbox)["applications"][-1]["declared"]["reason"]
    assert last.startswith("Ayşe ve ***")
    assert ISIL.national_id not in last


def test_what_officers_wrote_is_told_and_who_they_are_is_not(inbox: Inbox) -> None:
    desk = Desk.at(inbox)
    put_for_review(inbox, "A-1")
    desk.enter("A-1", Return((Code.PERSON_NAME_DIFFERS,), "Soyadınız belgede farklıdır.", "aradım"))
    (decision,) = told(inbox)["applications"][-1]["decisions"]
    assert decision["written"]["letter"] == "Soyadınız belgede farklıdır."
    assert decision["reason"] == "aradım"
    assert desk.reviewer.display not in json.dumps(told(inbox))


def test_queries_of_health_service_providers_are_told_and_looks_of_officers_are_counted(inbox: Inbox) -> None:
    put_both(inbox)
    hospital = create_account(inbox.database, "hastane", "Örnek Hastanesi", Role.PROVIDER_QUERY)
    officer = create_account(inbox.database, "ayla", "Ayla", Role.REVIEWER)
    lines = (
        (hospital, Action.QUERY, about("registry", "person"), AYSE.national_id),
        (officer, Action.VIEW_PAPER, about("application", "A-1"), AYSE.national_id),
        (officer, Action.VIEW_PAPER, about("application", "A-1"), ISIL.national_id),
        (officer, Action.DOSSIER, about("application", "A-1"), None),
    )
    for who, action, object_, person in lines:
        actor = who.actor("10.0.0.1")
        inbox.database.transact(lambda work, a=actor, d=action, o=object_, p=person: record(work, a, d, o, p))  # type: ignore[misc]  # the line of this round
    access = told(inbox)["access"]
    assert access["lines"] == 3
    assert [query["account"] for query in access["queries_by_providers"]] == ["hastane"]
    assert "ayla" not in json.dumps(access)
    counted = {(each["role"], each["action"]): each["count"] for each in access["counts"]}
    assert counted == {
        ("provider_query", "query"): 1,
        ("reviewer", "view_paper"): 1,
        ("reviewer", "dossier"): 1,
    }


@pytest.mark.parametrize("people", [[AYSE], [AYSE, ISIL]])
def test_a_paper_that_names_nobody_is_the_persons_only_where_there_is_nobody_else(
    inbox: Inbox, people: list[Any]
) -> None:
    register(inbox, AYSE, ISIL)
    nameless = statement(AYSE)
    object.__setattr__(nameless, "fields", {})
    object.__setattr__(nameless, "qrs", ())
    inbox.put(application("A-1", people=people), nameless)
    inbox.run()
    mine = told(inbox)["applications"][-1]
    assert len(mine["papers"]) == (1 if people == [AYSE] else 0)
