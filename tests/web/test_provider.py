"""A provider of OpenID Connect that says of itself what is not so, and tokens that are signed as they must not be."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from storage.desk.accounts import Role, create_account, link_subject
from storage.settings import load_settings
from tests.review.provider import CLIENT, SECRET, Provider, provider
from tests.review.test_oidc import come_back
from tests.review.visiting import Visitor, running


@pytest.fixture
def organisation() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.fixture
def visitor(organisation: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """Somebody who is officer-7 there and `ayse` here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANIT_OIDC_SECRET", SECRET)
    settings = load_settings(home=tmp_path / "kanit", oidc_issuer=organisation.issuer, oidc_client_id=CLIENT)
    with running(settings) as served:
        create_account(served.desk.database, "ayse", "Ayşe Örnek", Role.REVIEWER)
        link_subject(served.desk.database, "ayse", organisation.issuer, "officer-7")
        found = Visitor(served.desk)
        yield found
        found.close()


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account").status_code == 200


@pytest.mark.parametrize("issuer", ["https://another.example", "", None])
def test_metadata_of_another_issuer_is_refused(
    issuer: str | None, organisation: Provider, visitor: Visitor
) -> None:
    organisation.boast = lambda metadata: metadata.update(issuer=issuer)
    answer = visitor.get("/oidc/start")
    assert answer.status_code == 503
    assert "location" not in answer.headers


@pytest.mark.parametrize("offered", [["none"], ["HS256"], ["HS256", "none"]])
def test_provider_that_offers_no_good_signature_is_not_used(
    offered: list[str], organisation: Provider, visitor: Visitor
) -> None:
    organisation.boast = lambda metadata: metadata.update(id_token_signing_alg_values_supported=offered)
    assert visitor.get("/oidc/start").status_code == 503


def unsigned(claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims))
    return ".".join((*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""))


def shared(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(SECRET * 4))


@pytest.mark.parametrize("sign", [unsigned, shared])
def test_token_without_a_signature_of_the_provider_is_refused_whatever_it_offers(
    sign: Callable[[dict[str, Any]], str], organisation: Provider, visitor: Visitor
) -> None:
    offered = ["RS256", "HS256", "none"]
    organisation.boast = lambda metadata: metadata.update(id_token_signing_alg_values_supported=offered)
    organisation.sign = sign
    assert come_back(visitor).status_code == 403
    assert not is_in(visitor)
    organisation.sign = None
    assert come_back(visitor).status_code == 303
    assert is_in(visitor)


def test_whoever_gave_the_password_there_long_ago_is_asked_for_it(visitor: Visitor) -> None:
    come_back(visitor)
    assert is_in(visitor)
    assert "max_age=600" in visitor.get("/oidc/start").headers["location"]


def test_an_account_of_the_provider_has_no_second_factor_here(visitor: Visitor) -> None:
    come_back(visitor)
    assert visitor.get("/account/second-factor").status_code == 404
    assert visitor.post("/account/second-factor").status_code == 404
    assert "/oidc/start" in visitor.get("/confirm").text
    assert visitor.post("/confirm", old="anything").status_code == 422
