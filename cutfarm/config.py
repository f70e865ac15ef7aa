"""What can be set from outside: environment variables `CUTFARM_…`, a `.env` file, or arguments of a command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, HttpUrl, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from cutfarm.storage.store import S3Settings

if TYPE_CHECKING:
    from cutfarm.storage.fetch import FetchLimits, FetchPolicy

Port = Annotated[int, Field(ge=1, le=65535)]


def _user_fonts() -> Path:
    """Below the user's data folder, by the XDG base directory specification; without a home below this folder."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111
    return Path(data, "cutfarm", "fonts")


class FontSettings(BaseSettings):
    """What a process that only draws has to know; no other setting can be wrong there."""

    model_config = SettingsConfigDict(
        env_prefix="CUTFARM_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    font_dir: Path = Field(default_factory=_user_fonts)  #: fonts added here, searched before all others


class Settings(FontSettings):
    """One process's view of the configuration; frozen, and picklable for the actors."""

    host: str = "127.0.0.1"  #: where the API listens
    port: Port = 30000
    public_url: HttpUrl | None = None  #: the API as its users see it, where a proxy stands before it
    data_dir: Path = Path("cutfarm-data")  #: job table, embedded object store, secrets
    database_url: SecretStr | None = None  #: SQLAlchemy's; SQLite in the data folder by default
    always_http_200: bool = False  #: answer 200 for errors too, as capcut-mate does
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()  #: comma-separated; none means no key is asked for

    s3_endpoint: str | None = None  #: host:port; None starts the embedded object store
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_bucket: str = "cutfarm"
    s3_region: str = "us-east-1"
    s3_secure: bool = False
    s3_public_url: str | None = None  #: scheme://host:port of presigned addresses, where it differs

    ray_address: str | None = None  #: host:port of a cluster's head; None starts a local Ray
    ray_cpus: PositiveInt | None = None  #: of the local Ray; the machine's cores by default
    ray_object_store_mb: Annotated[int, Field(ge=80)] = 200  #: of the local Ray; media never goes through it
    ray_dashboard: bool = True  #: of the local Ray, on loopback; costs about 300 MB
    ray_dashboard_port: Port | None = None  #: 8265 or the next free one by default

    allow_private_network: bool = False  #: let drafts point at private, loopback and link-local addresses
    allowed_hosts: Annotated[frozenset[str], NoDecode] = frozenset()  #: comma-separated host:port, private or not
    asset_bytes_limit: PositiveInt = 2 << 30
    asset_time_limit_s: PositiveFloat = 600.0
    asset_stall_limit_s: PositiveFloat = 30.0

    job_time_limit_s: PositiveFloat = 3600.0
    queue_limit: PositiveInt = 1000  #: jobs pending or processing
    renderers: PositiveInt | None = None  #: at most so many SegmentRenderers; as many as the cluster carries by default
    renderer_threads: PositiveInt | None = None  #: CPU threads of each; 1 by default
    retention_days: PositiveFloat = 7.0
    render_cache: bool = True  #: keep finished chunks for later jobs

    @field_validator("allowed_hosts", mode="after")
    @classmethod
    def _lower(cls, hosts: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in hosts)

    @field_validator("api_keys", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _credentials_with_endpoint(self) -> Self:
        if self.s3_endpoint is not None and (self.s3_access_key is None or self.s3_secret_key is None):
            raise ValueError("CUTFARM_S3_ENDPOINT needs CUTFARM_S3_ACCESS_KEY and CUTFARM_S3_SECRET_KEY.")
        return self

    def database(self) -> str:
        """The SQLAlchemy URL, password included."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / 'cutfarm.sqlite'}"

    def s3(self) -> S3Settings | None:
        """The configured bucket, or None where the embedded object store is to be used."""
        if self.s3_endpoint is None or self.s3_access_key is None or self.s3_secret_key is None:
            return None
        return S3Settings(
            endpoint=self.s3_endpoint,
            access_key=self.s3_access_key.get_secret_value(),
            secret_key=self.s3_secret_key.get_secret_value(),
            bucket=self.s3_bucket,
            region=self.s3_region,
            secure=self.s3_secure,
            public_url=self.s3_public_url,
        )

    def fetch_policy(self) -> FetchPolicy:
        """Which hosts a draft may point at."""
        from cutfarm.storage.fetch import FetchPolicy  # httpx loads only where something is fetched

        return FetchPolicy(self.allow_private_network, self.allowed_hosts)

    def fetch_limits(self) -> FetchLimits:
        """How much of the farm one material may take."""
        from cutfarm.storage.fetch import FetchLimits

        return FetchLimits(self.asset_bytes_limit, self.asset_time_limit_s, self.asset_stall_limit_s)
