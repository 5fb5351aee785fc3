from __future__ import annotations

from .grid import clip_list

__all__ = ["clip_list"]
