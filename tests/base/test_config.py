"""Settings: every fault at once, and nothing secret by default."""

from pathlib import Path

import pytest

from config import ConfigError, Settings

WHOLE = {
    "SECRET_KEY": "k" * 32,
    "DATABASE_URL": "postgresql://app@db/siskop",
    "DATABASE_PUBLIC_URL": "postgresql://public@db/siskop",
    "REDIS_URL": "redis://redis",
    "MAIL_URL": "smtps://user:secret@mail:465",
    "MAIL_FROM": "siskop@office.example",
    "BASE_URL": "https://siskop.office.example/",
}


def test_a_production_environment_is_read() -> None:
    settings = Settings.from_environment(WHOLE)
    assert settings.base_url == "https://siskop.office.example"
    assert settings.trusted_hosts == ("siskop.office.example",)
    assert (settings.demo, settings.testing, settings.database_owner_url) == (False, False, None)


def test_only_a_demo_trusts_the_names_of_this_machine() -> None:
    plain = WHOLE | {"BASE_URL": "http://siskop.office.example"}
    assert Settings.from_environment(plain).trusted_hosts == ("siskop.office.example",)
    assert "localhost" in Settings.from_environment(plain | {"SISKOP_DEMO": "1"}).trusted_hosts


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_outside_a_demo_nothing_that_matters_has_a_default(name: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Settings.from_environment({key: value for key, value in WHOLE.items() if key != name})
    assert raised.value.problems == [f"{name} is not set."]


def test_even_a_demo_has_no_secret_by_default() -> None:
    with pytest.raises(ConfigError) as raised:
        Settings.from_environment({"SISKOP_DEMO": "1"})
    named = {problem.split()[0] for problem in raised.value.problems}
    assert named == {"SECRET_KEY", "DATABASE_URL", "DATABASE_PUBLIC_URL", "REDIS_URL", "MAIL_URL"}


def test_every_problem_is_said_at_once_and_no_password_is_repeated() -> None:
    wrong = WHOLE | {
        "PORT": "web",
        "SECRET_KEY": "short",
        "DATABASE_URL": "mysql://app:hunter2@db/x",
        "LOG_LEVEL": "LOUD",
    }
    with pytest.raises(ConfigError) as raised:
        Settings.from_environment(wrong)
    said = "\n".join(raised.value.problems)
    assert len(raised.value.problems) == 4
    assert "PORT" in said
    assert "32" in said
    assert "postgresql://" in said
    assert "hunter2" not in said


def test_the_data_folder_holds_the_files_unless_they_have_their_own() -> None:
    assert Settings.from_environment(WHOLE | {"SISKOP_VAR": "/srv/siskop"}).files == Path("/srv/siskop/files")
    assert Settings.from_environment(WHOLE | {"SISKOP_FILES": "/srv/uploads"}).files == Path("/srv/uploads")
