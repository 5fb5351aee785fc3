"""People, the teams they belong to, and the one-time links they sign in with."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import connection, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

# What a request needs of its person, in one statement; other columns are read when asked for.
PERSON = ("id", "password", "is_superuser", "is_staff", "is_active", "email", "name")
WITH_TEAMS = f"""
    SELECT {", ".join(f"u.{name}" for name in PERSON)}, m.id, m.team_id, m.role, t.name
    FROM teams_user AS u
    LEFT JOIN teams_membership AS m ON m.user_id = u.id
    LEFT JOIN teams_team AS t ON t.id = m.team_id
    WHERE u.id = %s ORDER BY m.id
"""  # noqa: S608 (all of it is constant)


class PeopleManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def with_teams(self, pk: int) -> User | None:
        """The person with `joined` at hand."""
        with connection.cursor() as cursor:
            cursor.execute(WITH_TEAMS, [pk])
            rows = cursor.fetchall()
        if not rows:
            return None
        pk, password, *flags, email, name = rows[0][: len(PERSON)]
        columns = (pk, password, *map(bool, flags), email, name)  # SQLite's flags are 0 and 1
        person = self.model.from_db(connection.alias, PERSON, columns)
        person.joined = [joined(person, row[len(PERSON) :]) for row in rows if row[-1] is not None]
        return person


class User(AbstractUser):
    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = PeopleManager()  # type: ignore[assignment,misc]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def joined(self) -> list[Membership]:
        """Memberships with their teams, the first one first."""
        return list(self.memberships.select_related("team").order_by("pk"))


class Team(models.Model):
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name

    def managers(self) -> models.QuerySet[User]:
        """Whom to ask for what only they may do."""
        chosen = self.memberships.filter(role__in=Membership.MANAGING, user__is_active=True)
        return User.objects.filter(memberships__in=chosen).order_by("pk")


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        EDITOR = "editor"
        VIEWER = "viewer"

    MANAGING = (Role.OWNER, Role.ADMIN)

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"

    @property
    def can_edit(self) -> bool:
        return self.role != self.Role.VIEWER

    @property
    def can_manage(self) -> bool:
        """Whether this member answers for the team's accounts, keys and money."""
        return self.role in self.MANAGING


def joined(person: User, row: tuple[Any, ...]) -> Membership:
    """From the last columns of WITH_TEAMS."""
    pk, team_id, role, team_name = row
    team = Team.from_db(connection.alias, ("id", "name"), (team_id, team_name))
    columns = ("id", "team_id", "user_id", "role")
    membership = Membership.from_db(connection.alias, columns, (pk, team_id, person.pk, role))
    membership.team, membership.user = team, person
    return membership


class LoginLinkQuerySet(models.QuerySet["LoginLink"]):
    def live(self, *, at: datetime) -> LoginLinkQuerySet:
        return self.filter(used_at=None, expires_at__gt=at, user__is_active=True)

    def with_token(self, token: str) -> LoginLinkQuerySet:
        return self.filter(token_hash=LoginLink.hash(token))


class LoginLink(models.Model):
    """A link that signs one person in, once. Only a hash of its token is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="login_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = LoginLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Sign-in link of {self.user}"

    @staticmethod
    def hash(token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

    @classmethod
    def issue(cls, user: User) -> str:
        """Make a link and return its token, which is not stored."""
        token = secrets.token_urlsafe(24)
        lifetime = timedelta(minutes=settings.LOGIN_LINK_MINUTES)
        cls.objects.create(
            user=user, token_hash=cls.hash(token), expires_at=timezone.now() + lifetime
        )
        return token

    def use(self) -> bool:
        """Spend the link. False if someone else was faster or it has run out."""
        now = timezone.now()
        spent = LoginLink.objects.live(at=now).filter(pk=self.pk).update(used_at=now)
        return spent == 1


@transaction.atomic
def found_team(*, team_name: str, owner_email: str) -> Membership:
    """The first team and its owner, who may also use the admin site. Safe to run twice."""
    owner = User.objects.filter(email__iexact=owner_email).first()
    owner = owner or User.objects.create_superuser(owner_email)
    membership = Membership.objects.filter(user=owner).first()
    return membership or Membership.objects.create(
        team=Team.objects.create(name=team_name), user=owner, role=Membership.Role.OWNER
    )
