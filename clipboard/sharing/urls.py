from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("shared/", views.share_link_list, name="share_link_list"),
    path("clips/<int:pk>/share-links/", views.share_link_create, name="share_link_create"),
    path("share-links/<int:pk>/revocation/", views.share_link_revoke, name="share_link_revoke"),
    path("s/<str:token>/", views.share_page, name="share_page"),
    path("s/<str:token>/media/clip.mp4", views.share_media, name="share_media"),
    path("s/<str:token>/media/poster.webp", views.share_poster, name="share_poster"),
    path("s/<str:token>/media/captions.vtt", views.share_captions, name="share_captions"),
]
