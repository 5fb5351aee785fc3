"""The admin site: our own models only, and one sign-in page for everything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import CASCADE, Model
from django.db.models.base import ModelBase
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class RemovedWhole(ModelAdmin):
    """Rows that go with all that belongs to them: who may delete one may delete that too."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What belongs to the rows is counted, not listed: it can be thousands of clips."""
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        for relation in self.opts.related_objects:
            if relation.on_delete is CASCADE:
                rows = relation.related_model._base_manager.filter(
                    **{f"{relation.field.name}__in": objs}
                )
                counts[str(relation.related_model._meta.verbose_name_plural)] = rows.count()
        allowed = all(self.has_delete_permission(request, obj) for obj in objs)
        lacking = set() if allowed else {str(self.opts.verbose_name)}
        shown = {name: count for name, count in counts.items() if count}
        return [str(obj) for obj in objs], shown, lacking, []


class Site(AdminSite):
    site_header = site_title = "Clipboard admin"
    index_title = "Everything in this Clipboard"
    site_url = "/"
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Only our models. A schedule of the queue, say, can name any function to be run."""
        given: Any = model_or_iterable
        models = [given] if isinstance(given, ModelBase) else given
        ours = [model for model in models if model.__module__.startswith("clipboard.")]
        super().register(ours, admin_class, **options)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        wanted = request.GET.get("next", reverse("admin:index"))
        return redirect_to_login(wanted, reverse("login"))
