from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from clipboard.media.shortcut import media_first

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clipboard.settings")
application = media_first(get_wsgi_application())
