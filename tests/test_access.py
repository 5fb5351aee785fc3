"""Closed by default: who reaches what, for every route there is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import resolve, reverse

from clipboard.media.views import SIGNED_OUT
from clipboard.teams.models import Membership
from tests import factories
from tests.routes import ANY, ROUTES, address, patterns
from tests.standing import editor, foreign, rows, standing, team

__all__ = ["editor", "foreign", "rows", "standing", "team"]
pytestmark = pytest.mark.django_db
FOR_PROGRAMS = ("upload_list", "upload_detail")  # strangers get a 401 there
TUS = {"Tus-Resumable": "1.0.0"}
PRIVATE = sorted(name for name, route in ROUTES.items() if not route.public)
ABOUT_ROWS = [name for name in PRIVATE if ROUTES[name].about]
FOR_ADMINS = [name for name in PRIVATE if ROUTES[name].admins]
FOR_EDITORS = [name for name in PRIVATE if ROUTES[name].editors]
CHANGING = [
    (name, method)
    for name, route in sorted(ROUTES.items())
    for method in route.takes
    if method in ("POST", "PATCH", "DELETE", "PUT") and not route.signed
]


def send(client, method, path, **headers):
    return client.generic(method, path, headers=TUS | headers)


def promote(name, person):
    """An owner where the route is for those who manage the team."""
    if ROUTES[name].admins:
        person.memberships.update(role=Membership.Role.OWNER)


@pytest.fixture
def viewer_client(team):
    client = Client()
    factories.sign_in(client, factories.make_member(team=team, role=Membership.Role.VIEWER))
    return client


def test_every_route_has_a_row():
    assert {pattern.name for pattern in patterns()} == set(ROUTES)


def test_the_public_routes_are_exactly_these():
    public = {p.name for p in patterns() if not getattr(p.callback, "login_required", True)}

    assert public == {
        "favicon",
        "healthz",
        "login",
        "login_link",
        "media_serve",
        "share_captions",
        "share_media",
        "share_page",
        "share_poster",
        "webhook_receive",
    }
    assert public == {name for name, route in ROUTES.items() if route.public}


@pytest.mark.parametrize("name", [name for name in PRIVATE if name not in FOR_PROGRAMS])
def test_it_sends_strangers_to_the_sign_in_page(name, client, rows):
    path = address(name, rows)

    for method in ROUTES[name].takes:
        response = send(client, method, path)
        assert response.status_code == 302, method
        assert response.url.startswith(reverse("login")), method


@pytest.mark.parametrize("name", PRIVATE)
def test_it_gives_strangers_no_fragment(name, client, rows):
    path = address(name, rows)

    for method in ROUTES[name].takes:
        response = send(client, method, path, **{"HX-Request": "true"})
        assert response.status_code == 401, method
        assert response.content in (b"", SIGNED_OUT.encode()), method


@pytest.mark.parametrize("name", ABOUT_ROWS)
def test_it_hides_other_teams_rows_as_if_they_did_not_exist(name, editor_client, editor, foreign):
    promote(name, editor)
    for method in ROUTES[name].takes:
        if method == "OPTIONS":
            continue
        theirs = send(editor_client, method, address(name, foreign))
        nobodys = send(editor_client, method, address(name))
        assert theirs.status_code == nobodys.status_code == 404, method
        assert theirs.content == nobodys.content, method


@pytest.mark.parametrize("name", ABOUT_ROWS)
def test_it_serves_the_teams_own_rows(name, editor_client, editor, rows):
    promote(name, editor)
    method = ROUTES[name].takes[0]

    assert send(editor_client, method, address(name, rows)).status_code not in (403, 404, 405, 500)


@pytest.mark.parametrize("name", FOR_EDITORS)
def test_it_refuses_people_who_may_only_look(name, viewer_client, rows):
    for method in ROUTES[name].takes:
        if method in ("GET", "HEAD", "OPTIONS") and name != "upload_detail":
            continue
        if method != "OPTIONS":
            response = send(viewer_client, method, address(name, rows))
            assert response.status_code == 403, method


@pytest.mark.parametrize("name", FOR_ADMINS)
def test_it_refuses_editors_what_is_for_owners_and_admins(name, editor_client, rows):
    for method in ROUTES[name].takes:
        assert send(editor_client, method, address(name, rows)).status_code == 403, method


@pytest.mark.parametrize("name", [name for name in PRIVATE if not ROUTES[name].editors])
def test_it_lets_everyone_of_the_team_look(name, viewer_client, rows):
    method = ROUTES[name].takes[0]

    assert send(viewer_client, method, address(name, rows)).status_code not in (403, 404, 405, 500)


@pytest.mark.parametrize("name", [name for name in ROUTES if name != "home"])
def test_it_takes_no_other_method(name, editor_client, rows):
    for method in ANY:
        if method not in ROUTES[name].takes:
            assert send(editor_client, method, address(name, rows)).status_code == 405, method


@pytest.mark.parametrize(("name", "method"), CHANGING)
def test_it_changes_nothing_for_a_form_of_another_site(name, method, editor, rows):
    client = Client(enforce_csrf_checks=True)
    if not ROUTES[name].public:
        factories.sign_in(client, editor)

    assert send(client, method, address(name, rows)).status_code == 403
    assert send(client, method, address(name, rows), Origin="null").status_code == 403


def test_it_serves_no_one_who_was_removed_from_the_team(editor_client, editor, rows):
    editor.memberships.all().delete()

    response = editor_client.get(address("clip_detail", rows))

    assert response.status_code == 403
    assert "You are in no team yet" in response.content.decode()


def test_people_without_a_team_can_still_sign_out(editor_client, editor):
    editor.memberships.all().delete()

    assert editor_client.post(reverse("logout")).url == reverse("login")


def test_it_serves_no_one_who_was_deactivated(editor_client, editor):
    editor.is_active = False
    editor.save()

    assert editor_client.get(reverse("source_list")).status_code == 302


def test_a_team_is_chosen_only_by_its_members(editor_client, editor, rows):
    second = factories.make_team(name="West")
    Membership.objects.create(team=second, user=editor, role=Membership.Role.VIEWER)

    editor_client.post(reverse("team_choose", args=[second.pk]))

    assert "West" in editor_client.get(reverse("source_list")).content.decode()
    assert editor_client.get(address("clip_detail", rows)).status_code == 404


@pytest.mark.parametrize("pk", ["0", str(2**63), "9" * 400, "-1", "1e3", "%00", "٣"])
def test_it_answers_absurd_numbers_with_a_404(pk, editor_client, team):
    for prefix in ("clips", "sources", "renditions"):
        assert editor_client.get(f"/{prefix}/{pk}/").status_code == 404
    for act in ("teams/{}/choose", "share-links/{}/revocation", "clips/{}/share-links"):
        assert editor_client.post(f"/{act.format(pk)}/").status_code == 404


FORMS_ALONE = sorted(name for name, route in ROUTES.items() if "GET" not in route.takes)


def test_what_takes_forms_alone_leads_on_to_a_page(editor_client, editor, rows):
    editor.memberships.update(role=Membership.Role.OWNER)

    for name in FORMS_ALONE:
        response = editor_client.get(address(name, rows))
        assert response.status_code == 405, name
        assert "opening it changes nothing" in response.text, name
        above = response.text.partition('<a class="button" href="')[2].partition('"')[0]
        assert ROUTES[resolve(above).url_name].page, (name, above)
        assert editor_client.get(above, follow=True).status_code == 200, name


def test_it_leads_on_to_where_it_belongs(editor_client, rows):
    for name, page in {
        "job_retry": "job_detail",
        "deletion_retry": "job_list",
        "rendition_create": "clip_detail",
        "order_form": "order_create",
        "share_link_revoke": "share_link_list",
    }.items():
        assert f'href="{address(page, rows)}"' in editor_client.get(address(name, rows)).text, name


def test_programs_are_told_by_the_status_alone(editor_client):
    headers = {"Accept": "application/json"}

    assert editor_client.get(reverse("logout"), headers=headers).content == b""
    assert editor_client.get(reverse("logout"), headers={"HX-Request": "true"}).content == b""
