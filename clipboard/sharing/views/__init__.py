from __future__ import annotations

from .guest import share_captions, share_media, share_page, share_poster
from .link import share_link_create, share_link_list, share_link_revoke

__all__ = [
    "share_captions",
    "share_link_create",
    "share_link_list",
    "share_link_revoke",
    "share_media",
    "share_page",
    "share_poster",
]
