"""Work on more than fits into a request."""

from __future__ import annotations

from typing import Iterator, Optional, Union

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page
from strongroom.transport import Lines


class Jobs(Sender):
    """Work on more than fits into a request."""

    def import_tokens(self, request: types.ImportTokens) -> types.JobView:
        """Begins to turn the lines of a file into tokens."""
        return self._post("import_tokens", read=types.JobView.from_json, body=request)

    def export_tokens(self, request: types.ExportTokens) -> types.JobView:
        """Begins to take the values of tokens out for the holder of a key."""
        return self._post("export_tokens", read=types.JobView.from_json, body=request)

    def get_job(self, job: types.JobId) -> types.JobView:
        """How far a job is."""
        return self._get("get_job", job, read=types.JobView.from_json)

    def list_jobs(self, limit: Optional[int] = None, cursor: Optional[str] = None) -> types.JobViewList:
        """One page of the caller's jobs."""
        return self._get("list_jobs", read=types.JobViewList.from_json, query=of_page(limit, cursor))

    def jobs(self, page_size: Optional[int] = None) -> Iterator[types.JobView]:
        """All of the caller's jobs."""
        return all_pages(lambda cursor: self.list_jobs(page_size, cursor))

    def import_part(
        self, job: types.JobId, part: int, format: types.LineFormat, lines: Union[bytes, str]
    ) -> types.ImportedPart:
        """Turns the lines of one part into tokens: whole lines, up to 1,000 that are not empty, the first of them the one
        after the part before. The same part again has no second effect and the same answer."""
        sent = Lines.of(format, lines)
        return self._transport.send(
            "import_part", (job, str(part)), (), sent, None, types.ImportedPart.from_json
        )

    def export_part(
        self, job: types.JobId, part: int, purpose: types.DetokenizationPurpose
    ) -> types.ExportedPart:
        """One part of an export, encrypted to its receiver. The same part again is the same."""
        query = (("purpose", purpose),)
        return self._get("export_part", job, str(part), read=types.ExportedPart.from_json, query=query)

    def complete_job(self, job: types.JobId, completion: types.CompleteJob) -> types.JobView:
        """Ends a job if the vault has the same rows."""
        return self._post("complete_job", job, read=types.JobView.from_json, body=completion)

    def cancel_job(self, job: types.JobId) -> types.JobView:
        """Gives a job up."""
        return self._post("cancel_job", job, read=types.JobView.from_json)
