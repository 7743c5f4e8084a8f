"""Logging in with the organisation's account, at a provider that runs on this machine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.desk import Desk
from storage.desk.accounts import Role, create_account, disable, link_subject
from storage.desk.audit import lines
from storage.settings import load_settings
from tests.review.provider import CLIENT, SECRET, Provider, provider
from tests.review.visiting import Visitor, running


@pytest.fixture
def organisation() -> Iterator[Provider]:
    """A provider at which officer-7 is logged in."""
    with provider() as found:
        yield found


@pytest.fixture
def desk(organisation: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk whose officer `ayse` is officer-7 there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANIT_OIDC_SECRET", SECRET)
    settings = load_settings(home=tmp_path / "kanit", oidc_issuer=organisation.issuer, oidc_client_id=CLIENT)
    with running(settings) as served:
        create_account(served.desk.database, "ayse", "Ayşe Örnek", Role.REVIEWER)
        link_subject(served.desk.database, "ayse", organisation.issuer, "officer-7")
        yield served.desk


@pytest.fixture
def visitor(desk: Desk) -> Iterator[Visitor]:
    found = Visitor(desk)
    yield found
    found.close()


def come_back(visitor: Visitor) -> httpx.Response:
    """Go to the provider and back, and return the answer to that."""
    away = visitor.get("/oidc/start")
    assert away.status_code == 302, away.text
    there = httpx.get(away.headers["location"], trust_env=False)
    assert there.status_code == 302, there.text
    return visitor.get(there.headers["location"])


def refusals(desk: Desk) -> list[Any]:
    found = desk.database.read(lines)
    return [line.details["reason"] for line in found if line.action == "login_refused"]


def test_officer_of_the_organisation_is_let_in(visitor: Visitor) -> None:
    assert "/oidc/start" in visitor.get("/login").text
    answer = come_back(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Ayşe Örnek" in visitor.get("/account").text
    assert "/account/password" not in visitor.get("/account").text


def test_somebody_without_an_account_here_is_not(
    visitor: Visitor, organisation: Provider, desk: Desk
) -> None:
    organisation.subject = "officer-8"
    answer = come_back(visitor)
    assert answer.status_code == 403
    assert "size açılmış bir hesap yok" in answer.text
    assert visitor.get("/account").status_code == 303
    assert refusals(desk) == ["unknown"]


def test_nor_is_a_closed_account(visitor: Visitor, desk: Desk) -> None:
    disable(desk.database, "ayse")
    assert come_back(visitor).status_code == 403
    assert visitor.get("/account").status_code == 303


@pytest.mark.parametrize(
    "spoil",
    [
        lambda claims: claims.update(nonce="another"),
        lambda claims: claims.update(aud="another"),
        lambda claims: claims.update(iss="https://another.example"),
        lambda claims: claims.update(exp=claims["iat"] - 600),
        lambda claims: claims.pop("sub"),
        lambda claims: claims.pop("aud"),
        lambda claims: claims.pop("auth_time"),
        lambda claims: claims.update(auth_time="now"),
        lambda claims: claims.update(auth_time=claims["iat"] - 700),
    ],
    ids=["nonce", "audience", "issuer", "expired", "nobody", "for nobody", "when", "no time", "long ago"],
)
def test_token_that_is_not_for_this_log_in_is_refused(
    spoil: Callable[[dict[str, Any]], None], visitor: Visitor, organisation: Provider, desk: Desk
) -> None:
    organisation.spoil = spoil
    assert come_back(visitor).status_code == 403
    assert visitor.get("/account").status_code == 303
    assert refusals(desk) == ["failed"]


def test_token_signed_by_another_key_is_refused(visitor: Visitor, organisation: Provider) -> None:
    come_back(visitor)  # its key is known from here on
    visitor.get("/account")
    assert visitor.post("/logout").headers["location"] == "/login"
    organisation.key = Provider().key
    assert come_back(visitor).status_code == 403
    assert visitor.get("/account").status_code == 303


def test_code_of_another_browser_is_refused(visitor: Visitor, desk: Desk) -> None:
    there = httpx.get(visitor.get("/oidc/start").headers["location"], trust_env=False)
    another = Visitor(desk)
    assert another.get(there.headers["location"]).status_code == 403
    another.close()


def test_code_works_once(visitor: Visitor) -> None:
    there = httpx.get(visitor.get("/oidc/start").headers["location"], trust_env=False)
    assert visitor.get(there.headers["location"]).status_code == 303
    assert visitor.get(there.headers["location"]).status_code == 403


def test_what_the_browser_carries_to_the_provider_is_not_shown_to_scripts(visitor: Visitor) -> None:
    cookie = visitor.get("/oidc/start").headers["set-cookie"]
    assert "kanit_oidc=" in cookie
    assert {"httponly", "samesite=lax", "path=/oidc"} <= {part.strip().lower() for part in cookie.split(";")}


def test_provider_that_is_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(home=tmp_path / "kanit", oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT)
    with running(settings) as served:
        visitor = Visitor(served.desk)
        answer = visitor.get("/oidc/start")
        assert answer.status_code == 503
        assert "ulaşılamıyor" in answer.text
        visitor.close()
