from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("shared/", views.share_link_list, name="share_link_list"),
]
