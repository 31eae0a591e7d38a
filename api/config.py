"""Everything that can be set, from the environment only. docs/configuration.md has the table."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _listed(value: object) -> object:
    """A list as it is written in an environment variable."""
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


class Settings(BaseSettings):
    """The service's settings; each field's alias is its environment variable."""

    model_config = SettingsConfigDict(env_file=None, populate_by_name=True, extra="ignore")

    database_url: str = Field(
        "sqlite:///var/tagger.sqlite3",
        alias="DATABASE_URL",
        description="Where datasets are stored: sqlite:///FILE or postgresql://USER@HOST/NAME",
    )
    environment: Literal["production", "development"] = Field(
        "production",
        alias="TAGGER_ENVIRONMENT",
        description="production refuses to serve with settings that are unsafe; development does not",
    )
    secret_key: str | None = Field(
        None,
        alias="SECRET_KEY",
        description="Signs page cursors and cookies; 32 characters or more, the same on every host. "
        "Default, in development only: random at each start",
    )
    secret_key_fallbacks: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        alias="SECRET_KEY_FALLBACKS",
        description="Former keys, with commas between, whose signatures still hold",
    )
    model_directory: Path | None = Field(
        None,
        alias="TAGGER_MODEL",
        description="Directory of the model. Default: the one shipped with the package",
    )
    engine: str = Field(
        "default",
        alias="TAGGER_ENGINE",
        description="NLP engine that looks for new terms: default, ckip, or none",
    )
    engine_data: Path | None = Field(
        None, alias="TAGGER_ENGINE_DATA", description="Data directory of the ckip engine"
    )
    max_body_bytes: int = Field(
        8 * 1024 * 1024,
        ge=1024,
        alias="TAGGER_MAX_BODY_BYTES",
        description="Largest request body, in bytes",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s<>\"{}|\\^`]+$",
        alias="TAGGER_PUBLIC_URL",
        description="Address of the service as others see it; in production https is needed. "
        "Default, in development only: that of the request",
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        alias="TAGGER_TRUSTED_HOSTS",
        description="Further names, with commas between, that requests may call the service by in production",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=10,
        alias="TAGGER_TRUSTED_PROXIES",
        description="How many proxies in a row stand in front, whose X-Forwarded-For, -Proto and -Host are believed",
    )
    catalog_publisher: str = Field(
        "本服務的營運機關",
        min_length=1,
        alias="TAGGER_CATALOG_PUBLISHER",
        description="Who publishes the catalogue, for DCAT",
    )
    random_share: float = Field(
        0.05,
        ge=0,
        le=1,
        alias="TAGGER_RANDOM_SHARE",
        description="Share of a reviewer's items that are drawn from the confident ones, to measure precision",
    )
    second_share: float = Field(
        0.1,
        ge=0,
        le=1,
        alias="TAGGER_SECOND_SHARE",
        description="Share of decisions that somebody else is asked for again, without seeing the first",
    )
    webhook_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        alias="TAGGER_WEBHOOK_HOSTS",
        description="Hosts, with commas between, that webhooks may reach in the inner network and by http",
    )
    sync_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        alias="TAGGER_SYNC_HOSTS",
        description="Hosts, with commas between, that tagger sync may fetch from in the inner network and by http",
    )
    broker_url: str | None = Field(
        None,
        pattern=r"^(redis|rediss|amqp|amqps)://",
        alias="TAGGER_BROKER_URL",
        description="Redis (redis://…) or RabbitMQ (amqp://…) that tells workers of chunks. Default: none is needed",
    )
    broker_queue: str = Field(
        "tagger",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        alias="TAGGER_BROKER_QUEUE",
        description="Queue in the broker; another one for each store that shares the broker",
    )
    job_lease_seconds: float = Field(
        120,
        gt=0,
        le=86_400,
        alias="TAGGER_JOB_LEASE_SECONDS",
        description="Seconds after which a worker that says nothing of its chunk is taken for dead",
    )
    limit_anonymous: int = Field(
        1_200,
        ge=0,
        alias="TAGGER_LIMIT_ANONYMOUS",
        description="Points that one address may use up in a minute without signing in; 0 for no limit",
    )
    limit_account: int = Field(
        30_000,
        ge=0,
        alias="TAGGER_LIMIT_ACCOUNT",
        description="Points that one token, or one account signed in, may use up in a minute; 0 for no limit",
    )
    limits_url: str | None = Field(
        None,
        pattern=r"^rediss?://",
        alias="TAGGER_LIMITS_URL",
        description="Redis (redis://…) that counts points for all processes. Default: each worker counts for itself",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="LOG_LEVEL", description="Least severity that is logged"
    )
    workers: int = Field(
        2,
        ge=1,
        le=256,
        alias="WEB_CONCURRENCY",
        description="Web worker processes; one a core is a good start",
    )
    threads: int = Field(4, ge=1, le=64, alias="TAGGER_THREADS", description="Threads of each web worker")
