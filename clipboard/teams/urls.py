from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("favicon.ico", views.favicon, name="favicon"),
    path("sign-in/", views.sign_in, name="login"),
    path("sign-in/<str:token>/", views.login_link, name="login_link"),
    path("sign-out/", views.sign_out, name="logout"),
    path("teams/<int:pk>/choose/", views.team_choose, name="team_choose"),
    path("theme/", views.theme_choose, name="theme_choose"),
]
