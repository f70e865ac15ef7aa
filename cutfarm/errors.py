"""The one exception tree.

CutfarmError
├── UserError              the user's to mend; never retried
│   ├── RequestError       an option or a request field is wrong
│   ├── DraftError         the draft cannot be rendered
│   │   ├── DraftNotFound
│   │   ├── DraftUnreadable
│   │   ├── DraftEncrypted
│   │   ├── DraftEmpty
│   │   └── DraftBelowFidelity
│   └── AssetError         a material cannot be used
│       ├── AssetMissing
│       ├── AssetRefused
│       ├── AssetTooLarge
│       └── AssetUnreadable
├── FarmError              the farm's; may be retried on another worker
│   ├── RenderError
│   ├── SoundError
│   ├── EncodeError
│   ├── StorageError
│   ├── FetchError         the network failed for now
│   └── ClusterError
├── ServiceBusy            the queue is full for now
├── JobTimeout             a job passed its time limit
└── Cancelled              somebody asked for the work to stop

Every message is one clear sentence that names the thing: the segment, the material, the URL without its secrets.
"""

from __future__ import annotations


class CutfarmError(Exception):
    """Anything that cutfarm raises on purpose."""

    retryable = False

    @property
    def kind(self) -> str:
        """The class name: what job rows store and what the API maps to status codes."""
        return type(self).__name__


class UserError(CutfarmError):
    """Only the user can mend it, so no worker tries again."""


class RequestError(UserError):
    """An option of the command or a field of the request is wrong."""


class DraftError(UserError):
    """The draft cannot be rendered."""


class DraftNotFound(DraftError):
    """No draft is where the user says it is."""


class DraftUnreadable(DraftError):
    """The draft's files are not what a draft holds."""


class DraftEncrypted(DraftError):
    """The timeline is encrypted, as JianYing 6 and later write it."""


class DraftEmpty(DraftError):
    """Nothing in the draft can be exported."""


class DraftBelowFidelity(DraftError):
    """`--strict` forbids what the report found."""


class AssetError(UserError):
    """A material of the draft cannot be used."""


class AssetMissing(AssetError):
    """The material's file is nowhere to be found."""


class AssetRefused(AssetError):
    """The material points where the farm does not read: outside the draft, or into a private network."""


class AssetTooLarge(AssetError):
    """The material passes a configured limit on size or time."""


class AssetUnreadable(AssetError):
    """The material's file is not media, is truncated, or lacks the stream that is asked of it."""


class FarmError(CutfarmError):
    """The farm's own trouble; another attempt may succeed."""

    retryable = True


class RenderError(FarmError):
    """A frame could not be made."""


class SoundError(FarmError):
    """The sound could not be mixed."""


class EncodeError(FarmError):
    """An encoder or a container refused what it was given."""


class StorageError(FarmError):
    """The object store did not answer as it must."""


class FetchError(FarmError):
    """A download failed in a way that time may mend."""


class ClusterError(FarmError):
    """Ray, or a process the farm stands on, is not there."""


class ServiceBusy(CutfarmError):
    """The queue is full; the same request may be accepted later."""

    retryable = True


class JobTimeout(CutfarmError):
    """The job passed its time limit."""


class Cancelled(CutfarmError):
    """The work was stopped on request."""


def first_fault(error: BaseException) -> BaseException:
    """The first leaf of a group of exceptions, the exception itself where it is none: one sentence is enough."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def error_of_kind(kind: str, message: str) -> CutfarmError:
    """The exception that a stored `kind` names; an unknown kind becomes a plain `FarmError`."""

    def find(base: type[CutfarmError]) -> type[CutfarmError] | None:
        for child in base.__subclasses__():
            if child.__name__ == kind:
                return child
            if (found := find(child)) is not None:
                return found
        return None

    return (find(CutfarmError) or FarmError)(message)
