"""Who a session belongs to."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from .models import User


class MemberBackend(ModelBackend):
    def get_user(self, user_id: int) -> User | None:
        """The person, if still active, with their teams at hand. Django checks the session's hash
        against the person's password after this."""
        person = User.objects.with_teams(user_id)
        return person if person and self.user_can_authenticate(person) else None
