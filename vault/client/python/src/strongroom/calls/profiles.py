"""Token profiles."""

from __future__ import annotations

from typing import Iterator, Optional

from strongroom import types
from strongroom.calls.sender import Sender, all_pages, of_page


class Profiles(Sender):
    """Token profiles."""

    def create_profile(self, request: types.CreateProfile) -> types.ProfileView:
        """Makes a token profile."""
        return self._post("create_profile", read=types.ProfileView.from_json, body=request)

    def get_profile(self, profile: types.ProfileName) -> types.ProfileView:
        """What a token profile says."""
        return self._get("get_profile", profile, read=types.ProfileView.from_json)

    def list_profiles(
        self, limit: Optional[int] = None, cursor: Optional[str] = None
    ) -> types.ProfileViewList:
        """One page of the tenant's token profiles."""
        query = of_page(limit, cursor)
        return self._get("list_profiles", read=types.ProfileViewList.from_json, query=query)

    def profiles(self, page_size: Optional[int] = None) -> Iterator[types.ProfileView]:
        """All of the tenant's token profiles."""
        return all_pages(lambda cursor: self.list_profiles(page_size, cursor))
