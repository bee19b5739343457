"""The settings that only the sandbox has, from the environment or `.env`."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.settings import ROOT


class Options(BaseSettings):
    """SANDBOX_PUSH_FORMAT, SANDBOX_MAX_FOLLOWERS, SANDBOX_HINTS."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_ignore_empty=True, env_prefix="SANDBOX_", extra="ignore"
    )

    push_format: Literal["xml", "json"] = "xml"
    max_followers: int = Field(default=2000, ge=1)
    hints: str = Field(
        default="创业担保贷款能贷多少？|申请创业担保贷款要什么材料？|怎么算小微企业？|你能做什么？",
        description="questions to begin with, shown in an empty chat, separated by |",
    )
