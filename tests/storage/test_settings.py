from pathlib import Path

import pytest

from storage.errors import SettingsInvalid
from storage.settings import Settings, hide_passwords, load_settings, settings_with_origin


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KANIT_{name.upper()}", raising=False)


def test_defaults_lie_in_the_working_directory(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / ".kanit"
    assert settings.database_url == f"sqlite:///{tmp_path}/.kanit/registry.db"
    assert settings.evidence_url == str(tmp_path / ".kanit" / "evidence")
    assert settings.key_file == tmp_path / ".kanit" / "key"
    assert settings.workers >= 1


def test_embedded_parts_follow_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANIT_HOME", "elsewhere")
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{tmp_path}/elsewhere/registry.db"
    assert settings.key_file == tmp_path / "elsewhere" / "key"


def test_option_beats_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().chunk_size == 100
    Path("kanit.toml").write_text("chunk_size = 60\n")
    assert load_settings().chunk_size == 60
    monkeypatch.setenv("KANIT_CHUNK_SIZE", "70")
    assert load_settings().chunk_size == 70
    assert load_settings(chunk_size=80).chunk_size == 80


def test_an_option_that_was_not_given_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANIT_WORKERS", "3")
    assert load_settings(workers=None).workers == 3


def test_every_setting_is_shown_with_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("kanit.toml").write_text('policy = "kilavuz-v4"\n')
    monkeypatch.setenv("KANIT_WORKERS", "3")
    shown = {line.name: (line.value, line.origin) for line in settings_with_origin(chunk_size=7)}
    assert shown.keys() == Settings.model_fields.keys()
    assert shown["policy"] == ("kilavuz-v4", "kanit.toml")
    assert shown["workers"] == ("3", "environment KANIT_WORKERS")
    assert shown["chunk_size"] == ("7", "option")
    assert shown["log_level"] == ("INFO", "default")


def test_passwords_and_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANIT_DATABASE_URL", "postgresql://kanit:s3cr@t/word@db/kanit")
    monkeypatch.setenv("KANIT_EVIDENCE_URL", "s3://bucket?secret=hush&region=tr")
    monkeypatch.setenv("KANIT_KEY", "kanit-key-1:hush")
    monkeypatch.setenv("KANIT_ISSUER_TOKEN", "hush")
    monkeypatch.setenv("KANIT_ISSUER_URL", "https://gateway.example/check?api_key=hush")
    shown = {line.name: line.value for line in settings_with_origin()}
    assert shown["database_url"] == "postgresql://kanit:***@db/kanit"
    assert shown["evidence_url"] == "s3://bucket?secret=***&region=tr"
    assert "hush" not in "".join(shown.values())


@pytest.mark.parametrize(
    "url", ["sqlite:////var/lib/kanit/registry.db", "postgresql://kanit@db/kanit", "/srv/a b"]
)
def test_urls_without_secrets_are_shown_whole(url: str) -> None:
    assert hide_passwords(url) == url


def test_unknown_key_in_the_file_is_refused_by_name() -> None:
    Path("kanit.toml").write_text('databse_url = "sqlite:///x.db"\n')
    with pytest.raises(SettingsInvalid, match=r"kanit\.toml: unknown setting 'databse_url'"):
        load_settings()


@pytest.mark.parametrize(("name", "instead"), [("key", "key_file"), ("issuer_token", "issuer_token_file")])
def test_a_secret_may_not_stand_in_the_file(name: str, instead: str) -> None:
    Path("kanit.toml").write_text(f'{name} = "hush"\n')
    with pytest.raises(SettingsInvalid, match="may not stand in this file") as refused:
        load_settings()
    assert name.replace("_", " ") in str(refused.value)
    assert instead in refused.value.remedy
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example/check",
        "http://127.0.0.1:8080/check",
        "http://[::1]/check",
        "http://localhost/check",
    ],
)
def test_the_issuer_is_asked_over_tls_or_on_this_machine(url: str) -> None:
    assert load_settings(issuer_url=url).issuer_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.example/check",
        "http://127.0.0.1.example/check",
        "http://10.0.0.1/check",
        "ftp://gateway.example/check",
        "gateway.example/check",
        "https://",
        "https://somebody:hush@gateway.example/check",
        "https://[::1/check",
    ],
)
def test_another_address_of_the_issuer_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="issuer_url") as refused:
        load_settings(issuer_url=url)
    assert "hush" not in str(refused.value)


def test_the_issuer_is_off_by_default_and_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().issuer_url == ""
    Path("kanit.toml").write_text('issuer_url = "https://gateway.example/check"\n')
    monkeypatch.setenv("KANIT_ISSUER_URL", "off")
    assert load_settings().issuer_url == ""


@pytest.mark.parametrize(
    "url",
    [
        "review.example",
        "ftp://review.example",
        "https://",
        "https://somebody:hush@review.example",
        "https://[::1",
    ],
)
def test_a_review_application_that_is_no_page_or_has_a_secret_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="review_url") as refused:
        load_settings(review_url=url)
    assert "hush" not in str(refused.value)


def test_the_review_application_s_address_needs_no_slash_at_its_end() -> None:
    assert load_settings(review_url="http://127.0.0.1:8321/").review_url == "http://127.0.0.1:8321"
    assert load_settings().review_url == ""


def test_a_file_that_is_not_toml_is_refused() -> None:
    Path("kanit.toml").write_text("workers = = 3\n")
    with pytest.raises(SettingsInvalid, match="is not TOML"):
        load_settings()


def test_a_bad_value_is_refused_with_its_origin_and_without_the_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KANIT_WORKERS", "hush")
    with pytest.raises(SettingsInvalid, match=r"environment KANIT_WORKERS: workers: ") as refused:
        load_settings()
    assert "hush" not in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize("clock", ["25:00", "6:30", "06:60", "06.30", "morning"])
def test_an_hour_that_no_clock_shows_is_refused(clock: str) -> None:
    assert load_settings(night_until="06:30").night_until == "06:30"
    with pytest.raises(SettingsInvalid, match="night_until"):
        load_settings(night_until=clock)
