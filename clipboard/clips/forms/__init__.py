from __future__ import annotations

from .account import AccountForm
from .order import Sheet
from .recording import JobForm, OptionsForm, SourceForm, TimecodeField, TitleForm

__all__ = [
    "AccountForm",
    "JobForm",
    "OptionsForm",
    "Sheet",
    "SourceForm",
    "TimecodeField",
    "TitleForm",
]
