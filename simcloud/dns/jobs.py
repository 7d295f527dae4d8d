"""Jobs: the change takes effect when the job ends, and an error is told in a 200."""
from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from simcloud.errors import Refused

if TYPE_CHECKING:
    from simcloud.region import Region

KEPT_SECONDS = 86_400


@dataclass
class Job:
    id: str
    verb: str
    url: str
    request: Any
    status: str = "RUNNING"
    response: Any = None
    error: dict[str, Any] | None = None

    def to_dict(self, callback_url: str, details: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "jobId": self.id, "callbackUrl": callback_url, "status": self.status
        }  # fmt: skip
        if not details:
            return answer
        answer.update(verb=self.verb, requestUrl=self.url)
        if self.request is not None:
            answer["request"] = json.dumps(self.request)
        if self.response is not None:
            answer["response"] = self.response
        if self.error is not None:
            answer["error"] = self.error
        return answer


class Jobs:
    """The jobs of the last 24 hours."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._jobs: dict[str, Job] = {}

    def get(self, job_id: str) -> Job:
        try:
            return self._jobs[job_id]
        except KeyError:
            raise Refused(404, "Object not Found.") from None

    def begin(self, verb: str, url: str, request: Any, effect: Callable[[], Any]) -> Job:
        """A job that will do `effect`, whose result becomes the job's response."""
        region = self._region
        job = Job(str(uuid.UUID(int=region.random.getrandbits(128))), verb, url, request)
        self._jobs[job.id] = job
        doomed = region.twist("job_error")
        message = doomed.message if doomed else ""
        spoiled = None if doomed is None else doomed.after_effect

        def finish() -> None:
            if spoiled is not False:
                self._run(job, effect)
            if spoiled is not None:
                _fail(job, Refused(500, message or "Internal Server Error"))
            region.agenda.at(region.now() + KEPT_SECONDS, lambda: self._jobs.pop(job.id, None))

        region.agenda.at(region.now() + region.settings.dns_job_seconds, finish)
        return job

    def _run(self, job: Job, effect: Callable[[], Any]) -> None:
        try:
            job.response = effect()
            job.status = "COMPLETED"
        except Refused as refused:
            _fail(job, refused)


def _fail(job: Job, refused: Refused) -> None:
    job.status = "ERROR"
    job.response = None
    job.error = {
        "code": refused.status,
        "message": refused.message,
        "details": refused.details or refused.message,
    }
