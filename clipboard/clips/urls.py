from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("sources/", views.source_list, name="source_list"),
    path("healthz", views.healthz, name="healthz"),
    path("sources/add/", views.source_add, name="source_add"),
    path("sources/sample/", views.sample_add, name="sample_add"),
    path("sources/progress/", views.source_progress, name="source_progress"),
    path("sources/<int:pk>/", views.source_detail, name="source_detail"),
    path("sources/<int:pk>/jobs/", views.job_create, name="job_create"),
    path("sources/<int:pk>/title/", views.source_rename, name="source_rename"),
    path("sources/<int:pk>/retry/", views.source_retry, name="source_retry"),
    path("sources/<int:pk>/delete/", views.source_delete, name="source_delete"),
    path("jobs/", views.job_list, name="job_list"),
    path("jobs/count/", views.job_count, name="job_count"),
    path("jobs/progress/", views.job_progress, name="job_progress"),
    path("jobs/retry/", views.job_retry_failed, name="job_retry_failed"),
    path("jobs/<int:pk>/", views.job_detail, name="job_detail"),
    path("jobs/<int:pk>/poll/", views.job_poll, name="job_poll"),
    path("jobs/<int:pk>/outcome/", views.job_outcome, name="job_outcome"),
    path("jobs/<int:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/retry/", views.job_retry, name="job_retry"),
    path("jobs/<int:pk>/loosen/", views.job_loosen, name="job_loosen"),
    path("sources/<int:pk>/order/", views.order_create, name="order_create"),
    path("sources/<int:pk>/order/form/", views.order_form, name="order_form"),
    path("sources/<int:pk>/order/cost/", views.order_estimate, name="order_estimate"),
    path("sources/<int:pk>/order/presets/", views.preset_create, name="preset_create"),
    path("presets/<int:pk>/delete/", views.preset_delete, name="preset_delete"),
    path("webhooks/<str:token>/", views.webhook_receive, name="webhook_receive"),
    path("providers/", views.account_list, name="account_list"),
    path("providers/new/", views.account_create, name="account_create"),
    path("providers/<int:pk>/", views.account_edit, name="account_edit"),
    path("providers/<int:pk>/check/", views.account_check, name="account_check"),
    path("providers/<int:pk>/disabled/", views.account_disable, name="account_disable"),
    path("providers/<int:pk>/delete/", views.account_delete, name="account_delete"),
]
