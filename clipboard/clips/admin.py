"""Recordings, jobs, clips and what the workers say. Rows that machines write are read here; what
changes them are the same verbs that the pages use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet

from clipboard.lib.redact import redact
from clipboard.lib.wording import plural
from clipboard.teams.site import RemovedWhole

from .deletion import HERE, ClipDeletion, Deletion, JobDeletion, SourceDeletion
from .models import (
    LONG,
    Account,
    Clip,
    Delivery,
    Download,
    Errand,
    Heartbeat,
    Job,
    JobEvent,
    Preset,
    RemoteCopy,
    Rendition,
    Source,
    note,
)
from .tasks import ask_later, look_later


class WrittenByMachines(admin.ModelAdmin):
    """Nothing is added here: the pages do that, with the files that belong to it."""

    show_full_result_count = False
    list_per_page = 50
    heavy: tuple[str, ...] = ()
    people_write: tuple[str, ...] = ()

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.heavy)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        names = [field.name for field in self.opts.fields if field.name not in self.heavy]
        return [name for name in names if name not in (self.exclude or ())]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [name for name in self.get_fields(request) if name not in self.people_write]

    def has_add_permission(self, request: Any) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """What machines have written since the row was read stays."""
        obj.save(update_fields=form.changed_data)


class DeletedThereToo(RemovedWhole, WrittenByMachines):
    """As on the pages: what goes here with its files goes at its providers too if that is said."""

    deletion: type[Any]
    AT_PROVIDERS = "At providers too"  # the template knows it

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:
        rows, counts, lacking, protected = super().get_deleted_objects(objs, request)
        deletions: list[Deletion] = [self.deletion(obj) for obj in objs]
        if there := sum(bool(deletion.places) for deletion in deletions):
            counts[self.AT_PROVIDERS] = there
        closed = [f"{each.title}: {each.problem}" for each in deletions if each.problem]
        return rows, counts, lacking, [*protected, *closed]

    def delete_model(self, request: Any, obj: Any) -> None:
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        for row in queryset:
            deletion = self.deletion(row)
            there = deletion.places if "there" in request.POST else set()
            deletion.go({HERE, *there}, by=request.user)
        ask_later()


@admin.register(Source)
class SourceAdmin(DeletedThereToo):
    deletion = SourceDeletion
    list_display = ("title", "team", "state", "origin", "duration", "clip_count", "created_at")
    list_filter = ("state", "origin")
    list_select_related = ("team",)
    search_fields = ("title", "team__name", "error")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    people_write = ("title",)
    heavy = ("transcript", "waveform", "strip")


@admin.register(Job)
class JobAdmin(DeletedThereToo):
    deletion = JobDeletion
    list_display = ("source", "team", "state", "stage", "provider", "attempts", "created_at")
    list_filter = ("state", "provider")
    list_select_related = ("team", "source")
    search_fields = ("source__title", "team__name", "error")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    actions = ("retry", "cancel")
    heavy = ("sealed_order", *(f"source__{name}" for name in LONG))

    @admin.action(description="Try again", permissions=["change"])
    def retry(self, request: Any, jobs: QuerySet[Job]) -> None:
        self.each(request, jobs, again, "ordered", "Queued again", "cannot be tried again")
        look_later()
        ask_later()

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: Any, jobs: QuerySet[Job]) -> None:
        self.each(request, jobs, Job.cancel, "ended", "Cancelled", "had ended already")

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:
        rows, counts, lacking, closed = super().get_deleted_objects(objs, request)
        running = [f"{job}: it has not ended; cancel it first" for job in objs if job.is_open]
        return rows, counts, lacking, running or closed

    def each(
        self,
        request: Any,
        jobs: QuerySet[Job],
        verb: Callable[[Job], bool],
        kind: str,
        did: str,
        refused: str,
    ) -> None:
        done = [job for job in jobs if verb(job)]
        for job in done:
            self.log_change(request, job, did)
            note(job, kind, f"{did}.", by=request.user)
        left = len(jobs) - len(done)
        if done:
            self.message_user(request, f"{did}: {plural(len(done), 'job')}.", messages.SUCCESS)
        if left:
            self.message_user(request, f"{plural(left, 'job')} {refused}.", messages.WARNING)


def again(job: Job) -> bool:
    """As with all that failed on the pages: what may be done there by now is not bought again."""
    return job.look_again() if job.was_given_up else job.retry()


@admin.register(Clip)
class ClipAdmin(DeletedThereToo):
    deletion = ClipDeletion
    list_display = ("__str__", "team", "status", "score", "duration", "provider", "created_at")
    list_filter = ("status", "provider", "aspect")
    list_select_related = ("team",)
    search_fields = ("title", "reason")
    ordering = ("-pk",)
    people_write = ("title",)
    heavy = ("transcript", "words", "strip", "crop", "evidence")


@admin.register(Rendition)
class RenditionAdmin(WrittenByMachines):
    list_display = ("clip", "state", "aspect", "height", "is_preview", "attempts", "created_at")
    list_filter = ("state", "aspect", "is_preview")
    list_select_related = ("clip",)
    search_fields = ("clip__title", "error")
    ordering = ("-pk",)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class OnlyRead(WrittenByMachines):
    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Heartbeat)
class HeartbeatAdmin(OnlyRead):
    list_display = ("name", "beat_at")
    ordering = ("name",)


@admin.register(Account)
class AccountAdmin(OnlyRead):
    """Keys are entered and changed on the team's own pages, and shown nowhere."""

    list_display = ("__str__", "team", "is_disabled", "trouble", "checked_at", "created_at")
    list_filter = ("provider", "is_disabled")
    list_select_related = ("team",)
    search_fields = ("name", "team__name")
    ordering = ("-pk",)
    heavy = ("sealed_key", "sealed_webhook_secret")


@admin.register(Errand)
class ErrandAdmin(OnlyRead):
    """What is deleted, or marked as a favourite, at a provider."""

    list_display = ("title", "kind", "account", "state", "error", "by", "asked_at")
    list_filter = ("kind", "state")
    list_select_related = ("account", "by")
    search_fields = ("title", "remote_id", "error")
    ordering = ("-pk",)


@admin.register(RemoteCopy)
class RemoteCopyAdmin(OnlyRead):
    list_display = ("name", "account", "state", "progress", "remote_id", "error", "created_at")
    list_filter = ("state",)
    list_select_related = ("account",)
    search_fields = ("name", "remote_id", "error")
    ordering = ("-pk",)


@admin.register(Preset)
class PresetAdmin(OnlyRead):
    list_display = ("name", "team", "provider", "created_at")
    list_filter = ("provider",)
    list_select_related = ("team",)
    search_fields = ("name", "team__name")
    ordering = ("-pk",)


@admin.register(JobEvent)
class JobEventAdmin(OnlyRead):
    list_display = ("at", "job_id", "kind", "words", "by")
    list_filter = ("kind",)
    list_select_related = ("by",)
    search_fields = ("words",)
    ordering = ("-pk",)


@admin.register(Download)
class DownloadAdmin(OnlyRead):
    """Addresses without their signatures: whoever has one can fetch the file."""

    list_display = ("clip", "state", "progress", "attempts", "size", "error")
    list_filter = ("state",)
    list_select_related = ("clip",)
    search_fields = ("clip__title", "error")
    ordering = ("-pk",)
    heavy = ("url",)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "address"]

    def address(self, row: Download) -> str:
        return redact(row.url)


@admin.register(Delivery)
class DeliveryAdmin(OnlyRead):
    list_display = ("received_at", "account", "verdict", "remote_id", "times")
    list_filter = ("verdict",)
    list_select_related = ("account",)
    search_fields = ("remote_id",)
    ordering = ("-pk",)
    heavy = ("body",)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), "message"]

    def message(self, row: Delivery) -> str:
        return row.shown
