"""People and teams."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from .links import sign_in_address
from .models import LoginLink, Membership, Team, User
from .site import RemovedWhole

RIGHTS = ("is_staff", "is_superuser", "user_permissions")


class PersonForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")
        field_classes: dict[str, type] = {}


class PersonChangeForm(UserChangeForm):
    password = None  # type: ignore[assignment]  # a hash is nothing to look at

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type] = {}


class TeamsOfPerson(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("team",)
    extra = 0


@admin.register(User)
class PersonAdmin(RemovedWhole, UserAdmin):
    form = PersonChangeForm
    add_form = PersonForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ("user_permissions",)
    readonly_fields = ("signs_in", "last_login", "date_joined")
    inlines = (TeamsOfPerson,)
    show_full_result_count = False
    actions = ("make_login_link",)
    fieldsets = (
        (None, {"fields": ("email", "name", "is_active", "signs_in")}),
        ("This admin site", {"fields": RIGHTS}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    @admin.display(description="signs in with")
    def signs_in(self, person: User) -> str:
        if not person.has_usable_password():
            return "one-time links only"
        return "a password, or one-time links"

    def get_readonly_fields(self, request: Any, obj: User | None = None) -> Any:
        """Rights are given only by those who have them all."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: Any, obj: User | None = None) -> bool:
        return not is_above(obj, request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: Any, obj: User | None = None) -> bool:
        return not is_above(obj, request) and super().has_delete_permission(request, obj)

    def has_make_login_link_permission(self, request: Any) -> bool:
        return request.user.is_superuser

    @admin.action(description="Make a one-time sign-in link", permissions=["make_login_link"])
    def make_login_link(self, request: Any, people: QuerySet[User]) -> HttpResponse | None:
        """The answer is the page that shows the link, so that no cookie or address carries it."""
        if people.count() != 1:
            self.message_user(request, "Select one person.", messages.ERROR)
            return None
        person = people.get()
        if not person.is_active:
            self.message_user(request, f"{person} is not active.", messages.ERROR)
            return None
        self.log_change(request, person, "Made a one-time sign-in link.")
        context = {
            "person": person,
            "address": sign_in_address(LoginLink.issue(person)),
            "minutes": settings.LOGIN_LINK_MINUTES,
            "back": reverse("admin:teams_user_changelist"),
        }
        return render(request, "teams/login_link_made.html", context)


def is_above(person: User | None, request: Any) -> bool:
    return person is not None and person.is_superuser and not request.user.is_superuser


class PeopleOfTeam(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("user",)
    extra = 1


@admin.register(Team)
class TeamAdmin(RemovedWhole):
    list_display = ("name", "people", "created_at")
    search_fields = ("name", "members__email")
    readonly_fields = ("created_at",)
    inlines = (PeopleOfTeam,)
    show_full_result_count = False

    def get_queryset(self, request: Any) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(people=Count("memberships", distinct=True))

    @admin.display(ordering="people")
    def people(self, team: Any) -> int:
        return team.people
