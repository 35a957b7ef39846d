from pathlib import Path

import pytest

from shared.settings import ELSEWHERE, EMBEDDED_BUS, NotConfigured, Settings

ENVIRONMENT = {"YIHU_KEYS": "/keys", "YIHU_DATABASE_URL": "all", "YIHU_URL": "http://all"}


def test_one_address_serves_all_and_a_service_may_have_its_own() -> None:
    settings = Settings.from_environment(
        ENVIRONMENT | {"YIHU_DATABASE_URL_EDUCATION": "own", "YIHU_URL_EDUCATION": "http://own"}
    )
    assert [settings.database_of(name) for name in ("education", "family_case")] == ["own", "all"]
    assert [settings.url_of(name) for name in ("education", "hrss")] == ["http://own", "http://all"]


def test_a_process_needs_only_the_addresses_of_its_own_services() -> None:
    settings = Settings.from_environment({"YIHU_KEYS": "/keys", "YIHU_DATABASE_URL_EDUCATION": "own"})
    assert settings.database_of("education") == "own"
    for ask, missing in ((settings.database_of, "YIHU_DATABASE_URL_HRSS"), (settings.url_of, "YIHU_URL_HRSS")):
        with pytest.raises(NotConfigured) as error:
            ask("hrss")
        assert missing in error.value.zh


def test_a_service_can_be_elsewhere_although_the_others_have_one_address() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"YIHU_DATABASE_URL_EDUCATION": ELSEWHERE})
    assert not settings.reaches("education")
    assert settings.reaches("hrss")
    with pytest.raises(NotConfigured):
        settings.database_of("education")


def test_an_empty_variable_says_nothing() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"YIHU_DATABASE_URL_EDUCATION": "", "YIHU_URL_HRSS": ""})
    assert (settings.databases, settings.urls) == ({}, {})


def test_without_keys_nothing_is_configured() -> None:
    with pytest.raises(NotConfigured):
        Settings.from_environment({"YIHU_DATABASE_URL": "all"})


def test_a_child_process_reads_what_its_parent_has() -> None:
    settings = Settings(
        "all",
        EMBEDDED_BUS,
        Path("/keys"),
        "http://all",
        allow_test_regions=True,
        high_tech_zone=True,
        wake=Path("/wake"),
        databases={"education": ELSEWHERE, "family_case": "own"},
        urls={"education": "http://own"},
    )
    assert Settings.from_environment(settings.environment()) == settings


def test_an_address_with_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "amqp").write_text("amqp://somebody:word@host//\n")
    found = Settings.from_environment(ENVIRONMENT | {"YIHU_AMQP_URI_FILE": str(tmp_path / "amqp")})
    assert found.amqp_uri == "amqp://somebody:word@host//"
    with pytest.raises(NotConfigured) as error:
        Settings.from_environment(ENVIRONMENT | {"YIHU_AMQP_URI_FILE": str(tmp_path / "none")})
    assert "YIHU_AMQP_URI_FILE" in error.value.zh
