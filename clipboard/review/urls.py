from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("clips/", views.clip_list, name="clip_list"),
]
