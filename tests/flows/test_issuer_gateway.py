"""The HTTP adapter against a real server that is right, wrong, slow, huge, elsewhere, or not there."""

import base64
import json
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from flows.issuer import gateway as adapter
from flows.issuer.gateway import Gateway
from flows.issuer.port import IssuerUnreachable, Reason, Reply, Word
from storage.errors import SettingsInvalid
from storage.settings import load_settings
from tests.flows.gateway import Answering, FakeGateway, Said, running, word
from validators.issuer import Question

QUESTION = Question("hd12-3456-7890-abcd", "10000000078", "0" * 64)
PDF = b"%PDF-1.7 invented"


def answering(said: Said) -> Answering:
    return lambda _question: said


@pytest.fixture
def server() -> Iterator[FakeGateway]:
    with running(answering(word("identical"))) as fake:
        yield fake


def ask(url: str, **options: object) -> Reply:
    settings = load_settings(issuer_url=url, **{"issuer_timeout": 5.0, **options})
    with Gateway(settings) as gateway:
        return gateway.ask(QUESTION)


def refused(url: str, **options: object) -> IssuerUnreachable:
    """Ask in vain, and see that the error holds nothing of the question, nor the library's error with it."""
    with pytest.raises(IssuerUnreachable) as caught:
        ask(url, **options)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    told = "".join(traceback.format_exception(error)) + repr(error)
    assert not any(secret in told for secret in (QUESTION.national_id, QUESTION.barcode, QUESTION.sha256))
    return error


def test_the_request_is_the_documented_one(server: FakeGateway) -> None:
    ask(server.url)
    assert server.asked == [
        {"barcode": "hd12-3456-7890-abcd", "national_id": "10000000078", "sha256": "0" * 64}
    ]
    (headers,) = server.headers
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
    assert "authorization" not in headers


@pytest.mark.parametrize("status", list(Word))
def test_each_word_is_understood(server: FakeGateway, status: Word) -> None:
    server.answering = answering(word(status.value))
    reply = ask(server.url)
    assert (reply.word, reply.original, dict(reply.fields)) == (status, None, {})


def test_original_and_fields_are_handed_on_and_not_printed(server: FakeGateway) -> None:
    server.answering = answering(
        word("identical", PDF, fields={"national_id": "10000000078"}, remark="ignored")
    )
    reply = ask(server.url)
    assert (reply.original, dict(reply.fields)) == (PDF, {"national_id": "10000000078"})
    assert "10000000078" not in repr(reply)


def test_null_members_count_as_left_out(server: FakeGateway) -> None:
    server.answering = answering(word("unknown", fields=None))
    assert ask(server.url).word is Word.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Giris yapiniz</html>",
        b"[]",
        b"{}",
        b'{"status": "maybe"}',
        b'{"status": "IDENTICAL"}',
        b'{"status": 1}',
        b'{"status": "identical", "original": "no base64!"}',
        b'{"status": "identical", "original": 7}',
        b'{"status": "identical", "fields": ["start_date"]}',
        b'{"status": "identical", "fields": {"start_date": 7}}',
        b'{"status": "identical"',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_the_documented_one_is_no_answer(server: FakeGateway, body: bytes) -> None:
    server.answering = answering(Said(body=body))
    error = refused(server.url)
    assert (error.reason, error.again) == (Reason.NOT_UNDERSTOOD, False)


@pytest.mark.parametrize(
    ("status", "reason", "again"),
    [
        (500, Reason.REFUSED, True),
        (502, Reason.REFUSED, True),
        (504, Reason.REFUSED, True),
        (503, Reason.BUSY, True),
        (429, Reason.BUSY, True),
        (400, Reason.REFUSED, False),
        (401, Reason.REFUSED, False),
        (403, Reason.REFUSED, False),
        (404, Reason.REFUSED, False),
        (204, Reason.REFUSED, False),
    ],
)
def test_another_status_is_no_answer_whatever_the_body_says(
    server: FakeGateway, status: int, reason: Reason, again: bool
) -> None:
    """Above all 404 is no "unknown": a wrong address must not make a paper look forged."""
    body = b"" if status == 204 else b'{"status": "unknown"}'
    server.answering = answering(Said(status, body))
    error = refused(server.url)
    assert (error.reason, error.again) == (reason, again)
    assert str(error) == f"{reason.value} ({status})"


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("soon", None), ("Fri, 20 Nov 2026 14:05:00 GMT", None), ("-1", None)]
)
def test_retry_after_is_handed_on(server: FakeGateway, header: str, seconds: float | None) -> None:
    server.answering = answering(Said(429, headers={"Retry-After": header}))
    assert refused(server.url).after == seconds


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_question_does_not_follow_a_redirect(server: FakeGateway, status: int) -> None:
    with running(answering(word("identical"))) as elsewhere:
        server.answering = answering(Said(status, headers={"Location": elsewhere.url}))
        assert refused(server.url).reason is Reason.REDIRECT
        assert elsewhere.asked == []


def test_a_gateway_that_does_not_answer_in_time_is_given_up(server: FakeGateway) -> None:
    def sleep(_question: dict[str, str]) -> Said:
        server.over.wait(30)
        return word("identical")

    server.answering = sleep
    error = refused(server.url, issuer_timeout=0.2)
    assert (error.reason, error.again) == (Reason.TIMEOUT, True)


def test_a_body_that_drips_is_given_up(server: FakeGateway) -> None:
    server.answering = answering(Said(body=b" " * 10_000, drip=0.02))
    assert refused(server.url, issuer_timeout=0.3).reason is Reason.TIMEOUT


def test_a_huge_body_is_not_read_to_its_end(server: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MAX_BYTES", 100_000)
    server.answering = answering(Said(body=b'{"status": "identical"' + b" " * 3_000_000 + b"}"))
    assert refused(server.url).reason is Reason.TOO_LARGE


def test_a_compressed_body_is_not_inflated(server: FakeGateway) -> None:
    server.answering = answering(Said(body=b"\x1f\x8b" * 10, headers={"Content-Encoding": "gzip"}))
    assert refused(server.url).reason is Reason.NOT_UNDERSTOOD
    assert server.headers[0]["accept-encoding"] == "identity"


def test_a_body_that_breaks_off_is_no_answer(server: FakeGateway) -> None:
    server.answering = answering(Said(body=b'{"status": "identical"}', headers={"content-length": "900"}))
    assert refused(server.url, issuer_timeout=0.5).reason in {Reason.CONNECTION, Reason.TIMEOUT}


def test_a_closed_port_is_no_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        error = refused(f"http://127.0.0.1:{port}/check")
    assert (error.reason, error.again) == (Reason.CONNECTION, True)


def _certificate(folder: Path) -> Path:
    """Write a certificate of this machine with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "invented gateway")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "gateway.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, nothing)
    file.write_bytes(private + made.public_bytes(pem))
    return file


def test_only_a_gateway_with_a_trusted_certificate_is_asked(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with running(answering(word("identical")), tls) as server:
        assert refused(server.url).reason is Reason.CONNECTION
        assert server.asked == []
        assert ask(server.url, issuer_ca_file=certificate).word is Word.IDENTICAL


def test_proxies_and_passwords_of_the_environment_are_left_alone(
    server: FakeGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hush\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with running(answering(word("unknown"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert ask(server.url).word is Word.IDENTICAL
        assert proxy.asked == []
    assert "authorization" not in server.headers[0]


def test_the_secret_comes_from_a_file_or_from_the_environment(server: FakeGateway, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush-hush\n")
    ask(server.url, issuer_token_file=file)
    ask(server.url, issuer_token=SecretStr("from-the-environment"))
    sent = [headers["authorization"] for headers in server.headers]
    assert sent == ["Bearer hush-hush", "Bearer from-the-environment"]


def _missing(folder: Path) -> Path:
    return folder / "missing"


def _with(content: bytes) -> Callable[[Path], Path]:
    def written(folder: Path) -> Path:
        (folder / "secret").write_bytes(content)
        return folder / "secret"

    return written


@pytest.mark.parametrize(
    "make", [_missing, _with(b""), _with(b"\n"), _with(b"hush hush"), _with("hüş".encode()), _with(b"\xff")]
)
def test_an_unusable_secret_is_refused_without_being_told(
    server: FakeGateway, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    with pytest.raises(SettingsInvalid, match="issuer_token_file") as caught:
        ask(server.url, issuer_token_file=make(tmp_path))
    assert caught.value.remedy
    assert "hush" not in str(caught.value)
    assert "hüş" not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize("make", [_missing, _with(b"no certificate")])
def test_an_unusable_certificate_file_is_refused(
    server: FakeGateway, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    with pytest.raises(SettingsInvalid, match="issuer_ca_file"):
        ask(server.url, issuer_ca_file=make(tmp_path))


def test_the_example_of_the_documentation_is_understood(server: FakeGateway) -> None:
    page = Path(__file__).parents[2] / "docs" / "issuer.md"
    request, response = (block.split("```")[0] for block in page.read_text("utf-8").split("```json\n")[1:3])
    ask(server.url)
    assert json.loads(request).keys() == server.asked[0].keys()
    original = base64.b64encode(PDF).decode()
    server.answering = answering(Said(body=response.replace("JVBERi0xLjc…", original).encode()))
    reply = ask(server.url)
    assert (reply.word, reply.original) == (Word.IDENTICAL, PDF)
    assert set(reply.fields) == {"national_id", "given_name", "family_name", "start_date", "generated_at"}
