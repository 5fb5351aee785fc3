from __future__ import annotations

from .account import (
    account_check,
    account_create,
    account_delete,
    account_disable,
    account_edit,
    account_list,
)
from .delete import (
    clip_delete,
    deletion_dismiss,
    deletion_list,
    deletion_retry,
    job_delete,
    source_delete,
)
from .health import healthz
from .job import (
    job_cancel,
    job_detail,
    job_fetch,
    job_list,
    job_loosen,
    job_outcome,
    job_poll,
    job_progress,
    job_retry,
    job_retry_failed,
)
from .order import order_create, order_estimate, order_form, preset_create, preset_delete
from .rail import job_count
from .source import (
    job_create,
    sample_add,
    source_add,
    source_detail,
    source_list,
    source_progress,
    source_rename,
    source_retry,
)
from .webhook import webhook_receive

__all__ = [
    "account_check",
    "account_create",
    "account_delete",
    "account_disable",
    "account_edit",
    "account_list",
    "clip_delete",
    "deletion_dismiss",
    "deletion_list",
    "deletion_retry",
    "healthz",
    "job_cancel",
    "job_count",
    "job_create",
    "job_delete",
    "job_detail",
    "job_fetch",
    "job_list",
    "job_loosen",
    "job_outcome",
    "job_poll",
    "job_progress",
    "job_retry",
    "job_retry_failed",
    "order_create",
    "order_estimate",
    "order_form",
    "preset_create",
    "preset_delete",
    "sample_add",
    "source_add",
    "source_delete",
    "source_detail",
    "source_list",
    "source_progress",
    "source_rename",
    "source_retry",
    "webhook_receive",
]
