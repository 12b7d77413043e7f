"""Keys."""

from __future__ import annotations

from typing import Iterator, Optional

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page


class Keys(Sender):
    """Keys."""

    def create_key(self, request: types.CreateKey) -> types.KeyView:
        """Makes a key."""
        return self._post("create_key", read=types.KeyView.from_json, body=request)

    def get_key(self, key: types.KeyName) -> types.KeyView:
        """A key and its versions, without material."""
        return self._get("get_key", key, read=types.KeyView.from_json)

    def list_keys(self, limit: Optional[int] = None, cursor: Optional[str] = None) -> types.KeyViewList:
        """One page of the tenant's keys."""
        return self._get("list_keys", read=types.KeyViewList.from_json, query=of_page(limit, cursor))

    def keys(self, page_size: Optional[int] = None) -> Iterator[types.KeyView]:
        """All of the tenant's keys."""
        return all_pages(lambda cursor: self.list_keys(page_size, cursor))

    def rotate_key(self, key: types.KeyName) -> types.KeyView:
        """Makes a new version of a key, which protects from then on."""
        return self._post("rotate_key", key, read=types.KeyView.from_json)
