from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("clips/", views.clip_list, name="clip_list"),
    path("clips/news/", views.clip_news, name="clip_news"),
    path("clips/progress/", views.clip_progress, name="clip_progress"),
    path("clips/<int:pk>/favourite/", views.favourite, name="favourite"),
    path("clips/<int:pk>/", views.clip_detail, name="clip_detail"),
    path("clips/<int:pk>/state/", views.clip_state, name="clip_state"),
    path("clips/<int:pk>/fetch/", views.clip_fetch, name="clip_fetch"),
    path("clips/<int:pk>/media/", views.clip_media, name="clip_media"),
    path("clips/<int:pk>/preview/", views.clip_preview, name="clip_preview"),
    path("clips/<int:pk>/captions.vtt", views.clip_captions, name="clip_captions"),
    path("clips/<int:pk>/download/", views.clip_download, name="clip_download"),
    path("clips/<int:pk>/renditions/", views.rendition_list, name="rendition_list"),
    path("clips/<int:pk>/renditions/new/", views.rendition_create, name="rendition_create"),
    path("renditions/<int:pk>/download/", views.rendition_download, name="rendition_download"),
]
