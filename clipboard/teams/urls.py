from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="login"),
    path("sign-in/<str:token>/", views.login_link, name="login_link"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("teams/<int:pk>/choose/", views.team_choose, name="team_choose"),
]
