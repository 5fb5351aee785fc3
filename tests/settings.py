"""The product's settings with the few differences that tests need."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "VAR_DIR" not in os.environ:  # not in a worker, whose VAR_DIR is that of who started it
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="clipboard-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
# Tests speak TLS to none but themselves, and each client would load all that the world trusts.
os.environ.setdefault("SSL_CERT_DIR", os.environ["VAR_DIR"])
os.environ.setdefault("SECRET_KEY", "a key for tests only, long enough and of no use anywhere else")

from jinja2 import FileSystemBytecodeCache

from clipboard.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_AUTOREFRESH = True
# Each template is compiled once, not by every worker.
compiled = Path(os.environ["VAR_DIR"]) / "templates"
compiled.mkdir(exist_ok=True)
TEMPLATES[0]["OPTIONS"]["bytecode_cache"] = FileSystemBytecodeCache(str(compiled))  # noqa: F405
Q_CLUSTER = Q_CLUSTER | {"sync": True}  # noqa: F405
if "sqlite3" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    # A file, since threads of a live server that share one database in memory find tables locked.
    DATABASES["default"]["TEST"] = {"NAME": f"{VAR_DIR}/test.sqlite3"}  # noqa: F405
    hasty = SQLITE_OPTIONS["init_command"].replace("synchronous=NORMAL", "synchronous=OFF")  # noqa: F405
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS | {"init_command": hasty}  # noqa: F405
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = Path(os.environ["VAR_DIR"]) / "test-media"
# A test that runs for long keeps the transaction it lives in.
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]  # noqa: F405
