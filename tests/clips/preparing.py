"""What the tests of preparing share: a worker's view of a source, and what lies on the disk."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from clipboard.clips import prepare
from clipboard.clips.models import Lease, Source
from clipboard.media.models import Upload
from tests import factories


def claimed(source, owner="worker"):
    """The source as a worker gets it."""
    assert Source.claim(source.pk, owner=owner, now=timezone.now())
    return Lease(Source.objects.get(pk=source.pk), owner=owner)


def prepared(source):
    lease = claimed(source)
    prepare.prepare_source(lease.row, lease=lease)
    source.refresh_from_db()
    return source


def uploaded(team, path, **fields):
    upload = Upload(team=team, user=factories.make_member(team=team), file_name=path.name)
    upload.size = upload.offset = path.stat().st_size
    upload.finished_at = timezone.now()
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    upload.path.write_bytes(path.read_bytes())
    upload.save()
    return upload


def files():
    root = settings.MEDIA_ROOT
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
