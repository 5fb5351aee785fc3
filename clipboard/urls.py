from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler500 = "clipboard.teams.views.server_error"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="source_list"), name="home"),
    path("admin/", admin.site.urls),
    path("", include("clipboard.teams.urls")),
    path("", include("clipboard.media.urls")),
    path("", include("clipboard.clips.urls")),
    path("", include("clipboard.review.urls")),
    path("", include("clipboard.sharing.urls")),
]
