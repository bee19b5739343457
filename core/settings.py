"""Every setting of tongqi, read once from the environment or `.env`, typed, in one place."""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from dotenv import dotenv_values
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ("secret_key", "rasa_token")  # secrets that may be random: nobody outside has to know them

AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


class WechatMode(StrEnum):
    """How WeChat's pushes are protected; names as in the platform's own console."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


class WorkingTime(BaseModel):
    """Opening spans of a working day, local time, in order."""

    spans: list[tuple[time, time]] = [(time(9), time(12)), (time(13), time(18))]
    closures: list[str] = Field(default=[], description="ISO dates closed besides the legal holidays")


class District(BaseModel):
    """What differs between districts (`district.yml`)."""

    name: str = "通州区"
    city: str = "北京市"
    service_name: str = "通州区中小微企业智慧服务平台"
    assistant_name: str = "小通"
    office: str = "区级经办部门"
    working_time: WorkingTime = WorkingTime()


class Settings(BaseSettings):
    """Environment variables of every process. Secrets come from here and from nowhere else."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore")

    wechat_app_id: str = ""
    wechat_app_secret: SecretStr = SecretStr("")
    wechat_token: SecretStr = SecretStr("")
    wechat_encoding_aes_key: SecretStr = SecretStr("")
    wechat_previous_aes_key: SecretStr = SecretStr("")
    wechat_mode: WechatMode = WechatMode.PLAIN
    wechat_api_base_url: str = "https://api.weixin.qq.com"

    database_url: str = ""
    redis_url: str = ""
    rasa_urls: Annotated[list[str], NoDecode] = ["http://127.0.0.1:5005"]
    rasa_token: SecretStr = SecretStr("")
    rasa_tracker_url: str = ""
    actions_url: str = "http://127.0.0.1:5055"
    embedding_model: str = Field(default="", description="name or path; empty: the bundled weights")
    knowledge_index: Literal["flat", "hnsw"] = Field(default="flat", description="hnsw beyond 100,000 passages")
    llm_base_url: str = Field(default="", description="OpenAI-compatible endpoint that may word answers; empty: none")
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    llm_timeout: float = Field(default=3.0, gt=0, le=8, description="seconds; after that the extract is sent as it is")
    gateway_bind: str = "127.0.0.1:8000"
    gateway_processes: int = Field(default=1, ge=1)
    sandbox_bind: str = "127.0.0.1:8100"
    secret_key: SecretStr = SecretStr("")
    metrics_token: SecretStr = SecretStr("")
    prometheus_multiproc_dir: Path | None = Field(default=None, description="set by `tongqi run` for the gateway")

    tongqi_var: Path = Path("var")
    tongqi_district: Path = ROOT / "district.yml"
    tongqi_allow_clock: bool = False
    tongqi_log_level: Literal["debug", "info", "warning", "error"] = "info"
    redis_port: int = Field(default=6390, description="port of the embedded Redis")

    @field_validator("rasa_urls", mode="before")
    @classmethod
    def _split_urls(cls, value: object) -> object:
        return [url.strip().rstrip("/") for url in value.split(",") if url.strip()] if isinstance(value, str) else value

    @field_validator("tongqi_var", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else (ROOT / value)

    @model_validator(mode="after")
    def _defaults(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.tongqi_var / 'tongqi.db'}"
        if not self.rasa_tracker_url:
            self.rasa_tracker_url = f"sqlite:///{self.tongqi_var / 'rasa.db'}"
        generated = dotenv_values(self.secrets_file)
        for name in GENERATED:
            if not getattr(self, name).get_secret_value():
                setattr(self, name, SecretStr(generated.get(name.upper()) or ""))
        return self

    @model_validator(mode="after")
    def _account(self) -> Self:
        """An official account is set up completely, or refused here rather than at each of its messages."""
        key, previous = (
            secret.get_secret_value() for secret in (self.wechat_encoding_aes_key, self.wechat_previous_aes_key)
        )
        if self.wechat_mode is not WechatMode.PLAIN and not key:
            raise ValueError(f"WECHAT_ENCODING_AES_KEY is needed in {self.wechat_mode} mode")
        if any(given and not AES_KEY.fullmatch(given) for given in (key, previous)):
            raise ValueError("WECHAT_ENCODING_AES_KEY and WECHAT_PREVIOUS_AES_KEY have 43 letters and digits")
        if self.wechat_app_id and not self.wechat_token.get_secret_value():
            raise ValueError("WECHAT_TOKEN is needed with WECHAT_APP_ID: pushes are signed with it")
        return self

    @property
    def secrets_file(self) -> Path:
        """Where `generate_secrets` keeps what it made up."""
        return self.tongqi_var / "secrets.env"

    @property
    def embedded_redis(self) -> bool:
        """True where no REDIS_URL is set, so that `tongqi run` starts its own server."""
        return not self.redis_url

    @property
    def redis_address(self) -> str:
        """URL of the Redis server in use, embedded or not."""
        return self.redis_url or f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def sandbox_address(self) -> str:
        """Base URL of the WeChat stand-in."""
        return f"http://{self.sandbox_bind}"

    @property
    def sandboxed(self) -> bool:
        """True while no official account is configured: WeChat is then played by the stand-in."""
        return not self.wechat_app_id


def problems_of(error: ValidationError) -> str:
    """What is wrong with the settings or `district.yml`, in one line without the values: some are secret."""
    return "; ".join(": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"]))) for one in error.errors())


@cache
def get_settings() -> Settings:
    """The settings of this process; tests clear them with `get_settings.cache_clear()`."""
    return Settings()


def generate_secrets() -> None:
    """Make up the secrets that are neither set nor made up yet, in a file that only this user can read."""
    settings = get_settings()
    missing = [name for name in GENERATED if not getattr(settings, name).get_secret_value()]
    if not missing:
        return
    settings.tongqi_var.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.secrets_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(descriptor, "a", encoding="utf-8") as file:
        file.writelines(f"{name.upper()}={secrets.token_urlsafe(32)}\n" for name in missing)
    get_settings.cache_clear()


def override(**environment: str) -> None:
    """Set environment variables for this process and for every process that it starts from now on."""
    os.environ.update(environment)  # noqa: TID251
    get_settings.cache_clear()


def environment_with(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with some variables more, for a process that it starts."""
    return {**os.environ, **extra}  # noqa: TID251


@cache
def get_district() -> District:
    """The district's particulars; defaults where `district.yml` says nothing.

    Raises:
        pydantic.ValidationError: the file does not fit the schema.
    """
    path = get_settings().tongqi_district
    return District.model_validate(yaml.safe_load(path.read_text("utf-8")) or {}) if path.exists() else District()
