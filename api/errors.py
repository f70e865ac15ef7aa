"""The one table from what went wrong to what a client is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.messages import Language, Message
from cutfarm.errors import CutfarmError, FarmError, RequestError, StorageError, error_of_kind


class DraftUrlMissing(RequestError):
    """No draft_url was given."""


class DraftUrlInvalid(RequestError):
    """The draft_url is no address of a draft."""


class ApiKeyInvalid(RequestError):
    """Keys are asked for and this one is missing or unknown."""


class UploadTooLarge(RequestError):
    """The request's body passes a limit."""


class JobNotFound(RequestError):
    """No job has this id or this draft."""


class SubmissionFailed(FarmError):
    """A new job could not be written."""


class StatusQueryFailed(FarmError):
    """The job table could not be read."""


class DraftStoreFailed(FarmError):
    """An uploaded draft could not be stored."""


class FontStoreFailed(FarmError):
    """The farm's fonts could not be read or written."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a client is told about one kind of error."""

    status: int  #: of HTTP
    code: int  #: of capcut-mate where it has one
    text: Message

    def reply_text(self, particulars: str, language: Language) -> str:
        """The text of a reply; particulars stand in parentheses, as in capcut-mate."""
        text = self.text.text(language)
        return f"{text}({particulars})" if particulars else text

    def job_text(self, particulars: str, language: Language) -> str:
        """The text of a failed job: the same, followed by the particulars."""
        text = self.text.text(language)
        return f"{text}: {particulars}" if particulars else text


UNEXPECTED = Fault(500, 9998, Message("系统内部错误", "Internal server error"))
RENDERING = Fault(500, 2044, Message("视频渲染失败", "Video rendering failed"))
MATERIAL = Fault(400, 2005, Message("素材无法访问", "Material inaccessible"))

#: By the class name that job rows hold; a class without a row of its own has that of its nearest ancestor.
FAULTS = {
    "DraftUrlMissing": Fault(400, 2001, Message("draft_url是必填项", "draft_url is required")),
    "DraftUrlInvalid": Fault(400, 2001, Message("draft_url格式无效", "Invalid draft_url format")),
    "RequestError": Fault(400, 1001, Message("参数校验失败", "Parameter validation failed")),
    "ApiKeyInvalid": Fault(401, 2036, Message("无效的apiKey", "Invalid apiKey")),
    "UploadTooLarge": Fault(413, 2004, Message("文件大小超出限制", "File size exceeds the limit")),
    "DraftNotFound": Fault(404, 1002, Message("草稿不存在", "Draft does not exist")),
    "DraftEmpty": Fault(400, 2043, Message("草稿内容为空", "Draft content is empty")),
    "DraftError": Fault(400, 2049, Message("草稿无法读取", "Draft cannot be read")),
    "DraftEncrypted": Fault(400, 2050, Message("草稿已加密", "Draft is encrypted")),
    "DraftBelowFidelity": Fault(400, 2051, Message("草稿还原度低于要求", "Draft is below the required fidelity")),
    "AssetError": MATERIAL,
    "FetchError": MATERIAL,
    "JobNotFound": Fault(404, 2031, Message("视频生成任务未找到", "Video generation task not found")),
    "SubmissionFailed": Fault(500, 2030, Message("视频生成任务提交失败", "Video generation task submission failed")),
    "StatusQueryFailed": Fault(500, 2032, Message("视频任务状态查询失败", "Video task status query failed")),
    "DraftStoreFailed": Fault(500, 2002, Message("草稿创建失败", "Draft creation failed")),
    "FontStoreFailed": Fault(500, 2053, Message("字体存储失败", "Font storage failed")),
    "SoundError": Fault(500, 2045, Message("音频处理失败", "Audio processing failed")),
    "EncodeError": Fault(500, 2046, Message("编码失败", "Encoding failed")),
    "FarmError": RENDERING,
    "ServiceBusy": Fault(503, 2047, Message("服务繁忙", "Service busy")),
    "JobTimeout": Fault(504, 2048, Message("处理超时", "Processing timeout")),
    "Cancelled": Fault(409, 2052, Message("视频生成任务已取消", "Video generation task cancelled")),
}


def fault_of(kind: str) -> Fault:
    """The row of an error's class name; a kind that nobody knows is the farm's fault."""
    ancestors = type(error_of_kind(kind, "")).__mro__
    return next((FAULTS[ancestor.__name__] for ancestor in ancestors if ancestor.__name__ in FAULTS), RENDERING)


def particulars_of(error: CutfarmError) -> str:
    """What the reply adds to the fixed text; the two texts about draft_url say it all."""
    return "" if isinstance(error, DraftUrlMissing | DraftUrlInvalid | ApiKeyInvalid | JobNotFound) else str(error)


@contextmanager
def storage_trouble_as(kind: type[FarmError]) -> Iterator[None]:
    """Trouble with the job table or the object store becomes a `kind`, which names what the client wanted."""
    try:
        yield
    except StorageError as error:
        raise kind(str(error)) from error
