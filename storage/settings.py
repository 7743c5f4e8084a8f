"""Settings: where they come from, what they are, and what `kanit config` prints.

Four places are asked, and the first that knows a setting decides: options of the command line, the
environment (`KANIT_…`), `kanit.toml` in the working directory, the default. An option is what somebody just
typed, so it beats what a machine's environment says, which beats the file.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from storage.errors import SettingsInvalid, texts

PREFIX = "KANIT_"
FILE = "kanit.toml"
SECRETS = {
    "key": "key_file",
    "issuer_token": "issuer_token_file",
    "prefect_auth": "prefect_auth_file",
    "oidc_secret": "oidc_secret_file",
}
"""Settings that come from the environment alone, each with the setting that names a file instead."""

_HIDDEN = "***"
_USERINFO = re.compile(r"(?<=://)([^:/@]*):.*@")
_SECRET_PARAMETER = re.compile(r"([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*", re.IGNORECASE)


def _absolute(path: Path) -> Path:
    return Path.cwd() / path.expanduser()


def _gateway(url: str) -> str:
    """Refuse an address that T.C. numbers must not be sent to: plain HTTP leaves the machine for anybody to read."""
    if url in ("", "off"):
        return ""
    try:
        parts = urlsplit(url)
        host, user = parts.hostname or "", parts.username
    except ValueError:
        raise ValueError("is no address") from None
    if not host or user is not None or not (parts.scheme == "https" or _is_here(parts.scheme, host)):
        raise ValueError("must be an https address without a user name (http only for this machine itself)")
    return url


def _page(url: str) -> str:
    """Refuse what is no address of a page, and one with a secret: everybody sees it who sees a night."""
    parts = urlsplit(url)
    if url and not (parts.scheme in ("http", "https") and parts.netloc and parts.username is None):
        raise ValueError("must be an http or https address without a user name")
    return url.rstrip("/")


def _clamd(address: str) -> str:
    """Refuse what is no address of clamd, and one on another machine: papers would go there for anybody to read."""
    parts = urlsplit(address)
    here = parts.scheme == "tcp" and parts.port is not None and is_loopback(parts.hostname or "")
    if address in ("", "off"):
        return ""
    if not here and not (parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/")):
        raise ValueError("must be unix:/PATH, or tcp://HOST:PORT with a HOST that is this machine itself")
    return address


def _is_here(scheme: str, host: str) -> bool:
    return scheme == "http" and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Return whether an address or name is that of this machine itself, which nobody else reaches."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """Every setting of kanit, with its default. Build it with `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        toml_file=FILE,
        extra="forbid",
        frozen=True,
        validate_default=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    home: AbsolutePath = Field(
        default=Path(".kanit"), description="Folder of everything embedded: database, evidence, key, Prefect"
    )
    database_url: str = Field(
        default_factory=lambda known: f"sqlite:///{known['home'] / 'registry.db'}",
        description="Registry database: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
    )
    inbox: str = Field(
        default="", description="Inbox of the nightly run where none is named: a folder or any fsspec URL"
    )
    evidence_url: str = Field(
        default_factory=lambda known: str(known["home"] / "evidence"),
        description="Where uploaded files are kept: a folder or any fsspec URL",
    )
    key_file: AbsolutePath = Field(
        default_factory=lambda known: known["home"] / "key",
        description="File of the key that seals personal data; written on first use",
    )
    key: SecretStr | None = Field(
        default=None, description="The key itself instead of a file; only from the environment"
    )
    policy: str = Field(
        default="kilavuz",
        min_length=1,
        description="Policy by name or file, or series of policies chosen from by the day of the application",
    )
    policies: AbsolutePath | None = Field(default=None, description="Folder of policies of one's own")
    workers: int = Field(
        default_factory=lambda: len(os.sched_getaffinity(0)),
        ge=1,
        le=1024,
        description="Processes that read documents at the same time",
    )
    # A task run costs Prefect's client and server together as much as a short paper or two.
    chunk_size: int = Field(default=100, ge=1, le=1000, description="Applications in one task run")
    night_until: str = Field(
        default="",
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
        description="Time in Istanbul after which a batch reads nothing more, 06:30; empty: it reads everything",
    )
    document_timeout: float = Field(
        default=60.0, gt=0, description="Seconds that one document may take to read"
    )
    sandbox_required: bool = Field(
        default=False,
        description="Whether nothing is read where this machine lacks a wall of the sandbox (`kanit doctor` tells)",
    )
    clamd: Annotated[str, AfterValidator(_clamd)] = Field(
        default="",
        description="ClamAV's clamd that scans uploads: unix:/PATH or tcp://127.0.0.1:PORT; empty or `off`: none does",
    )
    clamd_timeout: float = Field(
        default=120.0, gt=0, le=3600, description="Seconds that clamd may keep silent over one file"
    )
    ocr: bool = Field(default=True, description="Whether the text of scans and photographs is recognised")
    issuer_url: Annotated[str, AfterValidator(_gateway)] = Field(
        default="",
        description="Address at which papers are checked with their issuer; empty or `off`: they are not",
    )
    issuer_token_file: AbsolutePath | None = Field(
        default=None, description="File of the secret that the issuer's gateway asks for"
    )
    issuer_token: SecretStr | None = Field(
        default=None, description="That secret itself instead of a file; only from the environment"
    )
    issuer_timeout: float = Field(
        default=10.0, gt=0, le=300, description="Seconds that one request to the issuer's gateway may take"
    )
    issuer_rate: float = Field(
        default=5.0, gt=0, le=1000, description="Requests to the issuer's gateway in a second, at most"
    )
    issuer_ca_file: AbsolutePath | None = Field(
        default=None,
        description="Certificates (PEM) that the issuer's gateway is trusted by; empty: the system's",
    )
    recheck_days: int = Field(
        default=183, ge=0, description="Age in days beyond which evidence is listed for a re-check"
    )
    retention_evidence_days: int = Field(
        default=60,
        ge=0,
        le=36500,
        description="Days that files of a decided application are kept: the term for a court action, İYUK m.7",
    )
    retention_facts_days: int = Field(
        default=730,
        ge=0,
        le=36500,
        description="Days that facts and findings are kept after the decision and the employment's end, KVKK m.4, m.7",
    )
    retention_replaced_days: int = Field(
        default=60,
        ge=0,
        le=36500,
        description="Days that files and facts of a replaced version of a folder are kept, KVKK m.4: not needed",
    )
    retention_judgements_days: int = Field(
        default=730,
        ge=0,
        le=36500,
        description="Days that a superseded judgement is kept, to answer objections by, KVKK m.11(1)(g)",
    )
    retention_employments_days: int = Field(
        default=730,
        ge=0,
        le=36500,
        description="Days that an ended employment is kept, KVKK m.4, m.7",
    )
    retention_people_days: int = Field(
        default=730,
        ge=0,
        le=36500,
        description="Days that a record deleted on petition (Kılavuz m.4(3)) stays as a tombstone, KVKK m.7",
    )
    retention_issuer_answers_days: int = Field(
        default=183,
        ge=0,
        le=36500,
        description="Days that an issuer's answer is kept, and longer while the facts of its paper are, KVKK m.4",
    )
    retention_runs_days: int = Field(
        default=730, ge=1, le=36500, description="Days that the figures of a batch are kept: no personal data"
    )
    # KVKK m.12(3): the controller audits itself, at least yearly; the trail must be there for that.
    retention_audit_days: int = Field(
        default=730,
        ge=365,
        le=36500,
        description="Days that lines of the audit trail, the access log, are kept; a year at least, KVKK m.12(3)",
    )
    # Yönetmelik on deletion (RG 28.10.2017/30224) m.7(3): records of destruction are kept for three years at least.
    retention_log_days: int = Field(
        default=1096,
        ge=1096,
        le=36500,
        description="Days that the destruction log is kept; three years at least, Yönetmelik m.7(3)",
    )
    prefect_auth_file: AbsolutePath | None = Field(
        default=None,
        description="File of the user and password, USER:PASSWORD, that Prefect's server asks for",
    )
    prefect_auth: SecretStr | None = Field(
        default=None, description="USER:PASSWORD itself instead of a file; only from the environment"
    )
    notify_block: str = Field(
        default="",
        pattern=r"^([a-z0-9-]+/[a-z0-9-]+)?$",
        description="Prefect's block that tells people, slack-webhook/night; empty: none",
    )
    alarm_flagged_jump: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Alarm when the flagged share is above that of the last seven nights by more than this, 0 to 1",
    )
    alarm_failures: int = Field(
        default=10, ge=0, description="Alarm when more applications than this failed technically"
    )
    alarm_queue_days: int = Field(
        default=10, ge=1, description="Alarm when the oldest waiting application is older, in days"
    )
    review_url: Annotated[str, AfterValidator(_page)] = Field(
        default="",
        description="Address of the review application, to which the summary of a night links; empty: no link",
    )
    review_host: str = Field(
        default="127.0.0.1", min_length=1, description="Address that the review application listens at"
    )
    review_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="And its port; given, `kanit serve` runs the review application too; 0: `kanit review` takes 4300",
    )
    review_behind_proxy: bool = Field(
        default=False, description="Whether a proxy that speaks TLS stands before the review application"
    )
    review_proxies: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Addresses or networks, by commas, of proxies whose word on who asks, and by TLS, is taken",
    )
    review_second_factor: Literal["", "required", "optional"] = Field(
        default="",
        description="Whether who logs in with a password needs a second factor; empty: required behind a proxy",
    )
    breached_passwords: AbsolutePath | None = Field(
        default=None,
        description="File of leaked passwords that nobody may choose: ordered lines of SHA-1, as HIBP hands them out",
    )
    oidc_issuer: Annotated[str, AfterValidator(_gateway)] = Field(
        default="", description="OpenID Connect: address of the provider that officers log in at; empty: none"
    )
    oidc_client_id: str = Field(default="", description="OpenID Connect: name of kanit at that provider")
    oidc_secret_file: AbsolutePath | None = Field(
        default=None, description="OpenID Connect: file of kanit's secret at that provider"
    )
    oidc_secret: SecretStr | None = Field(
        default=None, description="That secret itself instead of a file; only from the environment"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log line that is written"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic-settings'
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ask options, then the environment, then `kanit.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@dataclass(frozen=True, slots=True)
class SettingOrigin:
    """One line of `kanit config`: a setting, its value with passwords hidden, and where it comes from."""

    name: str
    value: str
    origin: str


def load_settings(**options: Any) -> Settings:
    """Return the settings; options that are None count as not given. Raises SettingsInvalid."""
    given = _given(options)
    try:
        origins = _origins(given)
        return Settings(**given)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(text="settings_not_toml", file=FILE, reason=error) from error
    except ValidationError as error:
        raise _invalid(error, origins) from None


def settings_with_origin(**options: Any) -> tuple[SettingOrigin, ...]:
    """Return every setting with its origin: `option`, `environment KANIT_X`, `kanit.toml` or `default`."""
    settings = load_settings(**options)
    origins = _origins(_given(options))
    return tuple(
        SettingOrigin(name, _shown(getattr(settings, name)), origins.get(name, "default"))
        for name in Settings.model_fields
    )


def hide_passwords(url: str) -> str:
    """Return a URL with its password and secret parameters replaced by stars."""
    return _SECRET_PARAMETER.sub(rf"\1{_HIDDEN}", _USERINFO.sub(rf"\1:{_HIDDEN}@", url))


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _origins(options: Mapping[str, Any]) -> dict[str, str]:
    in_file = TomlConfigSettingsSource(Settings).toml_data
    for name in SECRETS.keys() & in_file.keys():
        variable = f"{PREFIX}{name.upper()}"
        raise SettingsInvalid(
            text="setting_secret",
            file=FILE,
            name=name.replace("_", " "),
            variable=variable,
            instead=SECRETS[name],
        )
    origins = dict.fromkeys(in_file, FILE)
    origins |= {name: f"environment {PREFIX}{name.upper()}" for name in EnvSettingsSource(Settings)()}
    return origins | dict.fromkeys(options, "option")


def _invalid(error: ValidationError, origins: Mapping[str, str]) -> SettingsInvalid:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    origin = origins.get(name, "default")
    if first["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return SettingsInvalid(text="setting_unknown", origin=origin, name=name, known=known)
    context = first.get("ctx", {})
    limits = [value for key, value in context.items() if key != "error"]
    kind = first["type"] if first["type"] in texts("en")["words"] else first["msg"]
    fault = context.get("error", kind)  # a ValueError of ours, or one of pydantic's kinds
    limit = limits[0] if limits else ""
    return SettingsInvalid(text="setting_value", origin=origin, name=name, fault=fault, limit=limit)


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return _HIDDEN
    return hide_passwords(str(value)) if value is not None else ""
