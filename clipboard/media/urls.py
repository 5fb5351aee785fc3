from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("media/<path:name>", views.media_serve, name="media_serve"),
    path("uploads/", views.upload_list, name="upload_list"),
    path("uploads/<uuid:pk>/", views.upload_detail, name="upload_detail"),
]
