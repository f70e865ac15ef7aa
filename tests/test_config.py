"""Settings from the environment."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from cutfarm.config import FontSettings, Settings


@pytest.fixture(autouse=True)
def no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing_from_outside(tmp_path: Path) -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.s3(), settings.ray_address) == ("127.0.0.1", 30000, None, None)
    assert settings.database() == f"sqlite:///{tmp_path}/cutfarm-data/cutfarm.sqlite"
    assert settings.fetch_limits().size_bytes == 2 << 30
    assert not settings.fetch_policy().permits("localhost", 80, "127.0.0.1")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "8080",
        "ALLOWED_HOSTS": "Drafts.internal:30000, 10.0.0.5:80",
        "ALWAYS_HTTP_200": "1",
        "DATABASE_URL": "postgresql+psycopg://u:secret@db/farm",
        "API_KEYS": "first-key,second-key",
        "S3_ENDPOINT": "store:9000",
        "S3_ACCESS_KEY": "access",
        "S3_SECRET_KEY": "hidden",
    }.items():
        monkeypatch.setenv(f"CUTFARM_{name}", value)
    settings = Settings()
    assert (settings.port, settings.always_http_200) == (8080, True)
    assert settings.fetch_policy().permits("drafts.internal", 30000, "10.0.0.9")
    assert settings.database().endswith("u:secret@db/farm")
    assert [key.get_secret_value() for key in settings.api_keys] == ["first-key", "second-key"]
    bucket = settings.s3()
    assert bucket is not None
    assert (bucket.endpoint, bucket.secret_key, bucket.bucket) == ("store:9000", "hidden", "cutfarm")
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert not {"secret", "hidden", "first-key"} & set(repr(settings).replace("'", " ").replace(":", " ").split())


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTFARM_RAY_ADDRESS", "")
    monkeypatch.setenv("CUTFARM_PORT", "")
    assert (Settings().ray_address, Settings().port) == (None, 30000)


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "0"), ("QUEUE_LIMIT", "-1"), ("S3_ENDPOINT", "store:9000"), ("JOB_TIME_LIMIT_S", "x")]
)
def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CUTFARM_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_settings_load_neither_ray_nor_a_server() -> None:
    code = "import sys, cutfarm.config; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "pydantic" in loaded
    assert not {"ray", "fastapi", "torch", "httpx", "minio", "sqlalchemy"} & set(loaded)


def test_fonts_lie_below_the_users_data_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CUTFARM_FONT_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert FontSettings().font_dir == Path("/home/somebody/.local/share/cutfarm/fonts")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert Settings().font_dir == Path("/data/cutfarm/fonts")
    (tmp_path / ".env").write_text("CUTFARM_FONT_DIR=/from/file\nCUTFARM_S3_ENDPOINT=store:9000\n")
    assert FontSettings().font_dir == Path("/from/file")
    monkeypatch.setenv("CUTFARM_FONT_DIR", "/from/environment")
    assert FontSettings().font_dir == Path("/from/environment")
