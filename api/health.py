"""Whether the farm can take work."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import anyio.to_thread
from fastapi import APIRouter, Response

from api.context import FarmOf
from api.models import Health
from cutfarm.errors import StorageError

LIMIT_S = 3.0
OK = "ok"

router = APIRouter(tags=["operation"])


@router.get("/healthz", responses={503: {"model": Health, "description": "Something is down"}})
async def healthz(farm: FarmOf, response: Response) -> Health:
    """Whether the job table can be written and the object store answers."""
    states: dict[str, str] = {}

    async def look(name: str, check: Callable[[], object]) -> None:
        states[name] = await _state(check)

    async with anyio.create_task_group() as group:
        group.start_soon(look, "job_table", farm.jobs.ping)
        group.start_soon(look, "object_store", lambda: farm.store.exists("healthz"))
    is_up = all(state == OK for state in states.values())
    response.status_code = 200 if is_up else 503
    return Health(status="ok" if is_up else "down", **states)


async def _state(check: Callable[[], object]) -> str:
    try:
        with anyio.fail_after(LIMIT_S):
            await anyio.to_thread.run_sync(check, abandon_on_cancel=True)
    except TimeoutError:
        return f"no answer within {LIMIT_S:g} s"
    except StorageError as error:
        return str(error)
    return OK
