"""An institution's own gateway to the issuer, over HTTP. docs/issuer.md is the contract of request and response.

One request for one paper. The answer comes from the configured address or not at all: redirects are not followed, and
neither proxies nor passwords are taken from the environment. Errors of the HTTP library hold the request, and with it a
T.C. number, so none of them leaves this module, not even as the context of another.
"""

import base64
import binascii
import ssl
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import BaseModel, ConfigDict, field_validator

from flows.issuer.port import IssuerUnreachable, Reason, Reply, Word
from storage.errors import SettingsInvalid
from storage.settings import Settings
from validators.issuer import Question

MAX_BYTES = 32 << 20
"""Size of a response: an e-Devlet paper is some 100 to 500 kB, and base64 adds a third."""
_BUSY = {429, 503}
_PASSING = {500, 502, 504}


class _Body(BaseModel):
    """The response's JSON; members that are not named here are ignored."""

    model_config = ConfigDict(hide_input_in_errors=True, strict=True)

    status: str
    original: bytes | None = None
    fields: dict[str, str] | None = None

    @field_validator("original", mode="before")
    @classmethod
    def _decoded(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise ValueError("is not base64") from None


class Gateway:
    """The gateway of the settings; use it as a context manager. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        """Make ready to ask; nothing is sent yet. Raises SettingsInvalid for an unusable address, secret or file."""
        self._url = _address(settings.issuer_url)
        self._seconds = settings.issuer_timeout
        self._client = httpx.Client(
            headers=_headers(settings),
            timeout=settings.issuer_timeout,
            verify=_trusted(settings.issuer_ca_file),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, question: Question) -> Reply:
        """Ask about one paper, once. Raises IssuerUnreachable."""
        return _understood(self._post(_request(question)))

    def _post(self, body: dict[str, str]) -> bytes:
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                _check(response)
                return _body(response, time.monotonic() + self._seconds)
        except httpx.TimeoutException:
            failure = IssuerUnreachable(Reason.TIMEOUT, again=True)
        except httpx.HTTPError:
            failure = IssuerUnreachable(Reason.CONNECTION, again=True)
        # Outside the handlers, so that the library's error is not kept as this one's context.
        raise failure


def _request(question: Question) -> dict[str, str]:
    return {
        "barcode": question.barcode,
        "national_id": question.national_id,
        "sha256": question.sha256,
    }


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if response.is_redirect or 300 <= status < 400:
        raise IssuerUnreachable(Reason.REDIRECT, status)
    if status in _BUSY:
        raise IssuerUnreachable(Reason.BUSY, status, again=True, after=_seconds(response))
    if status != httpx.codes.OK:
        raise IssuerUnreachable(Reason.REFUSED, status, again=status in _PASSING)


def _seconds(response: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After header; its other form, a date, is not worth a clock that must agree."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _body(response: httpx.Response, deadline: float) -> bytes:
    """Read a body that is neither endless nor dripping: the library's time-out is for each piece alone."""
    received = bytearray()
    for piece in response.iter_raw():
        received += piece
        if len(received) > MAX_BYTES:
            raise IssuerUnreachable(Reason.TOO_LARGE)
        if time.monotonic() > deadline:
            raise IssuerUnreachable(Reason.TIMEOUT, again=True)
    return bytes(received)


def _understood(body: bytes) -> Reply:
    try:
        said = _Body.model_validate_json(body)
        return Reply(Word(said.status), said.original or None, said.fields or {})
    except ValueError:
        failure = IssuerUnreachable(Reason.NOT_UNDERSTOOD)
    raise failure


def _address(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL:
        raise SettingsInvalid(text="issuer_address") from None


def _headers(settings: Settings) -> dict[str, str]:
    # Compressed bodies could be far larger than they look.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "kanit"}
    if secret := _secret(settings):
        headers["Authorization"] = f"Bearer {secret}"
    return headers


def _secret(settings: Settings) -> str:
    if settings.issuer_token is not None:
        return _usable(settings.issuer_token.get_secret_value(), "issuer_token")
    if settings.issuer_token_file is None:
        return ""
    try:
        text = settings.issuer_token_file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(text="issuer_secret_unreadable", reason=type(error).__name__) from None
    return _usable(text, "issuer_token_file")


def _usable(text: str, origin: str) -> str:
    """Return a secret that fits a header line. The message does not tell it."""
    secret = text.strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise SettingsInvalid(text="issuer_secret_form", origin=origin)
    return secret


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsInvalid(text="issuer_certificates", reason=type(error).__name__) from None
