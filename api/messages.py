"""Texts that users read, in the two languages of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Message:
    """One text in both languages."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """The text in that language."""
        return self.en if language == "en" else self.zh


SUCCESS = Message("成功", "Success")
SUBMITTED = Message(
    "视频生成任务已提交，请使用draft_url查询进度",
    "Video generation task submitted, please use draft_url to check progress",
)


def preferred_language(accept_language: str | None) -> Language:
    """English when the first entry of `Accept-Language` is a kind of English, Chinese otherwise."""
    first = (accept_language or "").split(",")[0].split(";")[0].split("-")[0]
    return "en" if first.strip().lower() == "en" else "zh"
