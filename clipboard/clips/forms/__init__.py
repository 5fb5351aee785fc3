from __future__ import annotations

from .account import AccountForm
from .recording import JobForm, OptionsForm, SourceForm, TimecodeField, TitleForm

__all__ = ["AccountForm", "JobForm", "OptionsForm", "SourceForm", "TimecodeField", "TitleForm"]
