"""Settings: one file; the environment decides what varies. Each variable is in docs/settings.md."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from clipboard.lib import env
from clipboard.lib.seal import new_secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")


# --- Who may reach it -----------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY") or env.kept_secret(
    VAR_DIR / "secret_key", make=lambda: secrets.token_urlsafe(64)
)
HTTPS = env.boolean("HTTPS", default=False)
PORT = env.number("PORT", 8000, least=1, most=65535)
HOST = env.text("HOST", "127.0.0.1")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", ["127.0.0.1", "::1"] if HTTPS else [])
ACCESS_LOG = env.boolean("ACCESS_LOG", default=False)
SANDBOX = env.boolean("SANDBOX", default=False)
SANDBOX_PORT = env.number("SANDBOX_PORT", 8010, least=1, most=65535)
SANDBOX_SAMPLE = env.text("SANDBOX_SAMPLE")
OWN_ADDRESS = f"http://[{HOST}]:{PORT}" if ":" in HOST else f"http://{HOST}:{PORT}"
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", OWN_ADDRESS if SANDBOX else "").rstrip("/")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], with_ports=False)
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS", [PUBLIC_BASE_URL] if PUBLIC_BASE_URL else []
)

# --- What it is made of ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "clipboard.teams.apps.SiteConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_q",
    "clipboard.teams",
    "clipboard.media",
    "clipboard.clips",
    "clipboard.review",
    "clipboard.sharing",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clipboard.teams.middleware.PrivateByDefaultMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clipboard.teams.middleware.LoginRequiredMiddleware",
    "clipboard.teams.middleware.CurrentTeamMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "clipboard.teams.middleware.FormsAloneMiddleware",
]
ROOT_URLCONF = "clipboard.urls"
WSGI_APPLICATION = "clipboard.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "clipboard.jinja.environment",
            "context_processors": ["clipboard.clips.context.rail"],
        },
    },
    {
        # The admin site's own templates.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# --- Where it keeps things ------------------------------------------------------------------------

SQLITE_OPTIONS = {
    # WAL and IMMEDIATE: 0 instead of 700 "database is locked" in 900 concurrent writes.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
    "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA foreign_keys=ON;",
}


def database() -> dict[str, Any]:
    url = env.address(
        "DATABASE_URL",
        f"sqlite:///{VAR_DIR / 'clipboard.sqlite3'}",
        schemes=("postgres", "postgresql", "sqlite"),
        example="postgres://user:password@host/name",
    )
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if "sqlite3" in config["ENGINE"]:
        config["OPTIONS"] = SQLITE_OPTIONS
    return config | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": "sqlite3" not in config["ENGINE"]}


def cache() -> dict[str, Any]:
    url = env.address(
        "CACHE_URL",
        # In the file system, so that web and workers see the same entries.
        f"filecache://{VAR_DIR / 'cache'}",
        schemes=("redis", "rediss", "filecache", "locmemcache", "dummycache"),
        example="redis://host:6379/0",
    )
    return dict(environ.Env.cache_url_config(url))


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": cache()}
MEDIA_ROOT = VAR_DIR / "media"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "clipboard.media.storage.SignedFileSystemStorage"},
    "staticfiles": {"BACKEND": "clipboard.static_bundle.BundledStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31536000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "clipboard.teams.backend.MemberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "source_list"
LOGOUT_REDIRECT_URL = "login"
LOGIN_LINK_MINUTES = env.number("LOGIN_LINK_MINUTES", 60, least=1, most=10080)
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1  # hour
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_CLIENT_IP_CALLABLE = "clipboard.teams.access.client_address"
AXES_USERNAME_CALLABLE = "clipboard.teams.access.address_tried"
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Browser-side safety --------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_ENGINE = "clipboard.teams.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clipboard.teams.views.csrf_failure"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked on the machine itself, behind the proxy
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Recordings and clips -------------------------------------------------------------------------

UPLOAD_MAX_GB = env.number("UPLOAD_MAX_GB", 20, least=1, most=10_000)
UPLOAD_KEEP_HOURS = env.number("UPLOAD_KEEP_HOURS", 48, least=1, most=87_600)
MEDIA_URL_SECONDS = env.number("MEDIA_URL_SECONDS", 3600, least=5, most=31_536_000)
MEDIA_SERVE = env.text("MEDIA_SERVE", "python", choices=("python", "accel"))
MEDIA_RANGE_BYTES = 4 * 1024 * 1024  # paused players hold threads unless answers are short
SHARE_LINK_DAYS = env.number("SHARE_LINK_DAYS", 14, least=1, most=3650)
SPEECH_MODEL_DIR = env.text("SPEECH_MODEL_DIR")
PREVIEW_HEIGHT = env.number("PREVIEW_HEIGHT", 960, least=240, most=2160)
OUTBOUND_ALLOW_HOSTS = env.hosts("OUTBOUND_ALLOW_HOSTS", with_ports=True)
if SANDBOX:
    OUTBOUND_ALLOW_HOSTS.append(f"127.0.0.1:{SANDBOX_PORT}")
OUTBOUND_ALLOW_HTTP = env.boolean("OUTBOUND_ALLOW_HTTP", default=True)
IMPORT_MAX_GB = env.number("IMPORT_MAX_GB", UPLOAD_MAX_GB, least=1, most=10_000)

# --- Providers ------------------------------------------------------------------------------------

# The first seals providers' keys, all open them.
PROVIDER_SECRETS = env.secrets("PROVIDER_SECRETS") or [
    env.kept_secret(VAR_DIR / "provider_secret", make=new_secret)
]

# --- Background work: rows are the truth, django-q2 is a nudge --------------------------------

LEASE_SECONDS = env.number("LEASE_SECONDS", 30, least=5, most=3600)
MEDIA_WORKERS = env.number("MEDIA_WORKERS", 2, least=1, most=64)
QUEUE_PATIENCE_SECONDS = env.number("QUEUE_PATIENCE_SECONDS", 12, least=2, most=600)
Q_CLUSTER: dict[str, Any] = {
    "name": "steps",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 120,  # an order and what it asks before may each wait for half a minute
    "retry": 600,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 200,
    "guard_cycle": 0.5,
    "label": "Queue",
    "log_level": "WARNING",
    "ALT_CLUSTERS": {
        "media": {
            "workers": MEDIA_WORKERS,
            "queue_limit": MEDIA_WORKERS,
            "timeout": 6 * 3600,
            "retry": 25 * 3600,
            "recycle": 20,
        }
    },
}

# --- Words and logs -------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = False
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "clipboard.lib.redact.RedactFilter"}},
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        "gunicorn.http.wsgi": {"level": "ERROR"},  # it warns at every HEAD that Django answers
    },
}
