from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from clipboard.lib.seal import new_secret
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_seals_every_key_with_the_first_secret(team, settings, capsys):
    account = factories.make_account(team=team, key="rb_live_0123456789abcdef")
    settings.PROVIDER_SECRETS = [new_secret(), *settings.PROVIDER_SECRETS]
    call_command("rotate_keys")
    assert "1 key sealed" in capsys.readouterr().out
    settings.PROVIDER_SECRETS = settings.PROVIDER_SECRETS[:1]
    account.refresh_from_db()
    account.connection()


def test_it_names_the_accounts_whose_key_is_lost(team, settings):
    factories.make_account(team=team, name="Lost one")
    settings.PROVIDER_SECRETS = [new_secret()]
    with pytest.raises(CommandError, match="Lost one"):
        call_command("rotate_keys")


def test_it_prints_a_secret_that_will_do(capsys):
    call_command("rotate_keys", "--new")
    assert len(capsys.readouterr().out.strip()) == 44
