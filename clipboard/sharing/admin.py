"""Links for people without an account. Their tokens are for those who were sent them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils import timezone

from clipboard.lib.wording import plural

from .models import ShareLink


class StateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Live"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.in_state(self.value() or "", at=timezone.now())


@admin.register(ShareLink)
class ShareLinkAdmin(admin.ModelAdmin):
    list_display = ("clip", "team", "created_by", "created_at", "expires_at", "revoked_at")
    list_filter = (StateFilter, "can_download")
    list_select_related = ("clip", "team", "created_by")
    search_fields = ("clip__title", "team__name", "created_by__email")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    exclude = ("token",)
    readonly_fields = (
        "team",
        "clip",
        "created_by",
        "created_at",
        "revoked_at",
        "revoked_by",
        "view_count",
        "last_viewed_at",
    )
    show_full_result_count = False
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: Any, links: QuerySet[ShareLink]) -> None:
        now = timezone.now()
        live = [link for link in links if link.is_live(at=now)]
        for link in live:
            link.revoke(by=request.user, at=now)
            self.log_change(request, link, "Revoked")
        self.message_user(request, f"Revoked: {plural(len(live), 'link')}.", messages.SUCCESS)

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Nobody reads a token by asking letter after letter."""
        return not lookup.startswith("token") and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
