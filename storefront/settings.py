"""Settings of every environment: what differs comes from environment variables, by name.

ENTREPOT_ENV is development, test or production. Production refuses to start with a default
secret, an embedded server, the payment sandbox, simulated carriers or a public address
without https.
"""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from storefront import env

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.choice(
    "ENTREPOT_ENV", ("development", "test", "production"), default="development"
)
PRODUCTION = ENVIRONMENT == "production"
VAR = Path(env.text("ENTREPOT_VAR", str(BASE_DIR / "var"))).resolve()
PORT = env.integer("PORT", 8000)

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = (
    env.text("SECRET_KEY")
    if PRODUCTION
    else env.text("SECRET_KEY", "not-a-secret-outside-of-production")
)
PUBLIC_URL = env.text("PUBLIC_URL", "" if PRODUCTION else f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,testserver")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", PUBLIC_URL)

INSTALLED_APPS = [
    "modeltranslation",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "djmoney",
    "django_htmx",
    "catalog",
    "markets",
    "orders",
    "payments",
    "fulfillment",
    "storefront",
    "storefront.accounts",
    "storefront.documents",
    "storefront.notifications",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "storefront.middleware.security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "storefront.middleware.market",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "storefront.urls"
WSGI_APPLICATION = "storefront.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the packages' own, which stand earlier among the apps.
        "DIRS": [BASE_DIR / "storefront" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "storefront.context.shop",
            ],
        },
    },
]

# Data ------------------------------------------------------------------------------------------

DATABASES = {"default": env.postgresql("DATABASE_URL")}
# The pool belongs to the process; a connection of its own beside it would be kept for nothing.
DATABASES["default"]["CONN_MAX_AGE"] = 0
if ENVIRONMENT != "test":  # A test's database can be dropped only when nobody keeps a connection.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.integer("DATABASE_POOL_SIZE", 10),
        "timeout": 30,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

_cache_address, _broker_address = env.redis("REDIS_URL")
REDIS_DB = env.integer("REDIS_DB", 0)  # Broker; the cache is in the next one.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{_cache_address}{REDIS_DB + 1}",
        "TIMEOUT": 300,
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"
WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"

# Language, money, time -------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("pt-br", "Português"),
    ("ja", "日本語"),
    ("zh-hans", "简体中文"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
CURRENCIES = (
    "USD", "GBP", "EUR", "CHF", "JPY", "CNY", "BRL", "MXN", "AED", "AUD", "CAD", "SEK", "DKK",
    "NOK", "PLN", "CZK", "HUF", "RON", "KWD", "BHD", "NZD", "SGD", "HKD", "KRW",
)  # fmt: skip

# Rates -----------------------------------------------------------------------------------------

# In order of preference: ecb, openexchangerates. Rates set by hand and pegs are always there.
RATE_PROVIDERS = env.words("RATE_PROVIDERS", "ecb")
ECB_RATES_URL = env.text("ECB_RATES_URL", "https://www.ecb.europa.eu/stats/eurofxref/")
OPEN_EXCHANGE_RATES_URL = env.text("OPEN_EXCHANGE_RATES_URL", "https://openexchangerates.org/api/")
OPEN_EXCHANGE_RATES_APP_ID = env.text("OPEN_EXCHANGE_RATES_APP_ID", "")
if not set(RATE_PROVIDERS) <= {"ecb", "openexchangerates"}:
    raise ImproperlyConfigured("RATE_PROVIDERS may name ecb and openexchangerates.")
if "openexchangerates" in RATE_PROVIDERS and not OPEN_EXCHANGE_RATES_APP_ID:
    raise ImproperlyConfigured("OPEN_EXCHANGE_RATES_APP_ID is required for openexchangerates.")
# How far a rate may move between two quotes before staff is asked; of some currencies farther:
# "TRY:0.25,ARS:0.4".
RATE_JUMP_BAND = env.decimal("RATE_JUMP_BAND", "0.10")
RATE_JUMP_BANDS = env.decimals("RATE_JUMP_BANDS")

# Taxes -----------------------------------------------------------------------------------------

# Who works out what a basket owes, by its dotted path: our dated tables, or a service.
TAX_PROVIDER = env.text("TAX_PROVIDER", "markets.tax.providers.TableProvider")

# VAT ids ---------------------------------------------------------------------------------------

# "off" is a register that is not asked: its ids count as not checked, so VAT is charged. Tests
# never ask the real ones.
VIES_URL = env.text(
    "VIES_URL",
    "off"
    if ENVIRONMENT == "test"
    else "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number",
)
# HMRC's "Check a UK VAT number" wants an application of its developer hub.
HMRC_URL = env.text(
    "HMRC_URL", "off" if ENVIRONMENT == "test" else "https://api.service.hmrc.gov.uk"
).rstrip("/")
HMRC_CLIENT_ID = env.text("HMRC_CLIENT_ID", "")
HMRC_CLIENT_SECRET = env.text("HMRC_CLIENT_SECRET", "")
# How long a shopper may wait for a register in all, tries and pauses included.
TAX_ID_MAX_SECONDS = env.decimal("TAX_ID_MAX_SECONDS", "8")

# Tasks -----------------------------------------------------------------------------------------

CELERY_BROKER_URL = f"{_broker_address}{REDIS_DB}"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 10}
# With no broker a request must go on: what it recorded is in the outbox, and the sweep finds it.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_DEFAULT_QUEUE = "default"
# Beside the `tasks` of each room.
CELERY_IMPORTS = ("markets.tax_ids.tasks", "fulfillment.carriers.tasks")
CELERY_TASK_ROUTES = {
    "markets.tasks.*": {"queue": "rates"},
    "payments.tasks.score_fraud": {"queue": "fraud"},
    "fulfillment.tasks.route_order": {"queue": "routing"},
    "fulfillment.tasks.reoptimise_orders": {"queue": "routing"},
    "fulfillment.carriers.tasks.*": {"queue": "carriers"},
    "storefront.notifications.tasks.*": {"queue": "mail"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Every hour: the task knows when a sheet is due, and asks nobody while none is.
    "refresh-rates": {"task": "markets.tasks.refresh_rates", "schedule": crontab(minute="5")},
    "watch-rates": {"task": "markets.tasks.watch_rates", "schedule": crontab(minute="40")},
    "watch-tax-thresholds": {
        "task": "orders.tasks.watch_tax_thresholds",
        "schedule": crontab(minute="20"),
    },
    "derive-prices": {"task": "markets.tasks.derive_changed_prices", "schedule": 60.0},
    "index-products": {"task": "catalog.tasks.index_changed_products", "schedule": 60.0},
    "sweep-events": {"task": "orders.tasks.sweep_events", "schedule": 15.0},
    "sweep-webhooks": {"task": "payments.tasks.sweep_webhooks", "schedule": 15.0},
    "sweep-payments": {"task": "payments.tasks.sweep_payments", "schedule": 60.0},
    "expire-reservations": {"task": "fulfillment.tasks.expire_reservations", "schedule": 60.0},
    "retry-labels": {"task": "fulfillment.carriers.tasks.retry_labels", "schedule": 15.0},
    "apply-carrier-events": {
        "task": "fulfillment.carriers.tasks.apply_carrier_events",
        "schedule": 30.0,
    },
    "settle-arrived": {"task": "fulfillment.tasks.settle_arrived", "schedule": 60.0},
    "lay-out-hot-levels": {"task": "fulfillment.tasks.lay_out_hot_levels", "schedule": 30.0},
    "reoptimise-orders": {"task": "fulfillment.tasks.reoptimise_orders", "schedule": 180.0},
    "score-lanes": {
        "task": "fulfillment.tasks.score_lanes",
        "schedule": crontab(hour="1", minute="35"),
    },
    "audit-stock": {
        "task": "fulfillment.tasks.audit_stock",
        "schedule": crontab(hour="2", minute="10"),
    },
    "ask-about-silent-parcels": {
        "task": "fulfillment.carriers.tasks.ask_about_silent_parcels",
        "schedule": crontab(minute="35"),
    },
    "forget-tax-ids": {
        "task": "markets.tax_ids.tasks.forget_tax_id_checks",
        "schedule": crontab(minute="25"),
    },
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    # A sweep that waited for a worker as long as its own turn is done by the next one.
    if isinstance(_entry["schedule"], float):
        _entry["options"] = {"expires": _entry["schedule"]}
EVENT_LEASE_SECONDS = env.integer("EVENT_LEASE_SECONDS", 60)

# Payments --------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "" if PRODUCTION else "sk_test_sandbox")
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "https://api.stripe.com")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "" if PRODUCTION else "whsec_sandbox")
STRIPE_ACCOUNT_COUNTRY = env.text("STRIPE_ACCOUNT_COUNTRY", "NL")

# Carriers --------------------------------------------------------------------------------------

# How long one call to a carrier may take, to connect and until it answers.
CARRIER_CONNECT_SECONDS = float(env.decimal("CARRIER_CONNECT_SECONDS", "3"))
CARRIER_READ_SECONDS = float(env.decimal("CARRIER_READ_SECONDS", "10"))
# Where carriers with the adapter "simulated" are; empty: their labels are entered by hand.
SIMULATED_CARRIER_URL = env.text("SIMULATED_CARRIER_URL", "").rstrip("/")
SIMULATED_CARRIER_KEY = env.text("SIMULATED_CARRIER_KEY", "" if PRODUCTION else "carrier_test_key")
SIMULATED_CARRIER_SECRET = env.text(
    "SIMULATED_CARRIER_SECRET", "" if PRODUCTION else "carrier_test_secret"
)

# Mail ------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Entrepot <shop@entrepot.example>")
EMAIL_FILE_PATH = VAR / "mail"  # The mailbox page of development reads here.
if ENVIRONMENT == "development":
    EMAIL_BACKEND = "storefront.notifications.mailbox.FolderBackend"
elif PRODUCTION:
    EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
    EMAIL_PORT = env.integer("EMAIL_PORT", 587)
    EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
    EMAIL_TIMEOUT = 20

# Accounts --------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "storefront.accounts.passwords.LongEnough",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
    )
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "storefront.accounts.adapter.AccountAdapter"
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = "/"
DEMO_PASSWORD = "entrepot-demo"  # noqa: S105 - printed by `make run`; load_demo refuses production

# Proxies -----------------------------------------------------------------------------------------

# How many servers of ours stand before the web process, each adding the address it was called from
# to X-Forwarded-For. 0 believes nothing of that header: anybody can send one.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)

# Security --------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # A form that ends in a redirect to the hosted payment page needs that page's origin.
        "form-action": [SELF, STRIPE_API_BASE, "https://checkout.stripe.com"],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Admin -----------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Entrepot",
    "SITE_HEADER": "Entrepot",
    "SITE_SUBHEADER": _("Merchant admin"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "warehouse",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "storefront.admin_sidebar.navigation"},
    "DASHBOARD_CALLBACK": "storefront.admin_dashboard.dashboard",
    "BORDER_RADIUS": "3px",
    # The shop's oxide red, from paper to ink.
    "COLORS": {
        "primary": {
            "50": "#fbf3f0",
            "100": "#f6e2db",
            "200": "#ecc5b7",
            "300": "#dea08a",
            "400": "#cd7659",
            "500": "#bb5838",
            "600": "#a8442a",
            "700": "#8b3722",
            "800": "#722f20",
            "900": "#5f2a1e",
            "950": "#33130c",
        }
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # What happens every few seconds, and goes well, is not news.
    "loggers": {
        name: {"level": "WARNING"}
        for name in (
            *("celery.beat", "celery.worker.strategy", "stripe", "urllib3"),
            *("factur-x", "fontTools", "weasyprint"),
        )
    },
}

# What production refuses -------------------------------------------------------------------------

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("not-a-secret"):
        raise ImproperlyConfigured("SECRET_KEY must be a secret of 50 characters or more.")
    if not PUBLIC_URL.startswith("https://"):
        raise ImproperlyConfigured("PUBLIC_URL must be an https:// address in production.")
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the shop's hosts in production.")
    if STRIPE_API_BASE != "https://api.stripe.com":
        raise ImproperlyConfigured("STRIPE_API_BASE names a sandbox; production refuses it.")
    if not STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
        raise ImproperlyConfigured("STRIPE_SECRET_KEY is not a secret key of Stripe's.")
    if STRIPE_SECRET_KEY == "sk_test_sandbox":  # noqa: S105 - the sandbox's well-known key
        raise ImproperlyConfigured("STRIPE_SECRET_KEY is the sandbox's; production refuses it.")
    if not STRIPE_WEBHOOK_SECRET or STRIPE_WEBHOOK_SECRET == "whsec_sandbox":  # noqa: S105
        raise ImproperlyConfigured("STRIPE_WEBHOOK_SECRET must be the endpoint's own secret.")
    if SIMULATED_CARRIER_URL:
        raise ImproperlyConfigured("SIMULATED_CARRIER_URL is a simulation; production refuses it.")
    if any(not url.startswith("https://") for url in (ECB_RATES_URL, OPEN_EXCHANGE_RATES_URL)):
        raise ImproperlyConfigured("Exchange rates must come over https:// in production.")
    if any(url != "off" and not url.startswith("https://") for url in (VIES_URL, HMRC_URL)):
        raise ImproperlyConfigured("VAT ids must be checked over https:// in production.")
    if bool(HMRC_CLIENT_ID) != bool(HMRC_CLIENT_SECRET):
        raise ImproperlyConfigured("HMRC_CLIENT_ID and HMRC_CLIENT_SECRET belong together.")
    if env.text("ENTREPOT_EMBEDDED", "") == "1":
        raise ImproperlyConfigured("Production refuses the embedded PostgreSQL and Valkey.")
