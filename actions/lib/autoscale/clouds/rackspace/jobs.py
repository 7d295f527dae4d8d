"""The jobs of Cloud DNS: every change is accepted first and done later."""
from __future__ import annotations

import json
from typing import Any

from autoscale.clouds.rackspace.errors import error_of
from autoscale.clouds.rackspace.identity import DNS
from autoscale.clouds.rackspace.paging import segment
from autoscale.clouds.rackspace.session import Session
from autoscale.clouds.rackspace.transport import Answer, Params
from autoscale.clouds.rackspace.waiting import pauses, wait_for
from autoscale.seams import CloudError, Uncertain

DONE = ("COMPLETED", "ERROR")


def change(
    session: Session,
    method: str,
    path: str,
    what: str,
    body: object = None,
    params: Params = (),
) -> Any:
    """Change something and wait until the job is done; answer the job's response, {} if none.

    Raises as the session does, and for a job that failed what an answer with the code of its
    error would raise. Uncertain if the job can't be followed to its end within a minute.
    """
    job = session.change(method, DNS, path, dict, what, body, params)
    if _started(job):
        job = _finished(session, job, what)
    if str(job.get("status") or "").upper() == "ERROR":
        raise _error(job.get("error"), what)
    response = job.get("response")
    return response if isinstance(response, dict) else {}


def _started(job: Any) -> bool:
    known = bool(job.get("jobId") or job.get("callbackUrl"))
    return known and str(job.get("status") or "").upper() not in DONE


def _finished(session: Session, job: Any, what: str) -> Any:

    def look() -> Any:
        path = _path(session.endpoint(DNS), job)
        read = session.read(DNS, path, dict, f"see whether to {what}", [("showDetails", "true")])
        return read if str(read.get("status") or "").upper() in DONE else None

    try:
        done = wait_for(look, session.sleep, pauses(first=0.3, longest=5))
    except CloudError as error:
        raise Uncertain(f"could not follow the job to {what}: {error}") from None
    if done is None:
        raise Uncertain(f"could not see the end of the job to {what}: look before trying again")
    return done


def _path(endpoint: str, job: Any) -> str:
    """The job's path on our own endpoint: the token goes to no host but the catalog's."""
    callback = str(job.get("callbackUrl") or "").split("?")[0].rstrip("/")
    if callback.startswith(f"{endpoint}/"):
        return callback[len(endpoint) :]
    return f"/status/{segment(str(job.get('jobId') or callback.rsplit('/', 1)[-1]))}"


def _error(error: Any, what: str) -> CloudError:
    """The error of a job, which comes inside a 200; one over many items holds each one's fault.

    Items that are there already or gone already matter only when nothing else went wrong.
    """
    error = error if isinstance(error, dict) else {}
    items = error.get("failedItems")
    faults = list(items.get("faults") or ()) if isinstance(items, dict) else []
    codes = [_code(fault) for fault in faults or [error]]
    code = next((each for each in codes if each not in (404, 409)), codes[0])
    return error_of(Answer(code, text=json.dumps(error)), what, changes=True)


def _code(fault: Any) -> int:
    try:
        return int(fault["code"])
    except (KeyError, TypeError, ValueError):
        return 500
