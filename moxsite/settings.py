"""Django's settings, all of them from the environment (docs/settings.md lists the variables)."""

from pathlib import Path

from mail.secrets import load_secret_key, text_key
from moxsite.databases import database_settings
from moxsite.env import Environment
from moxsite.logs.output import read_log_format

environment = Environment()

DATA = environment.folder(
    "MOXSITE_DATA",
    "./data",
    meaning="Where everything that lasts is kept: database, secrets, certificates. Belongs to moxsite alone.",
)
MOXSITE_SECRET_KEY = load_secret_key(
    environment.secret(
        "MOXSITE_SECRET_KEY",
        meaning="The one secret of the installation; all others are derived from it or sealed with it. At "
        "least 32 characters. Unset: the file secrets/key in the data directory, made at the first start.",
    ),
    DATA / "secrets" / "key",
)
SECRET_KEY = text_key(MOXSITE_SECRET_KEY, "django")

MOXSITE_HOSTNAME = environment.text(
    "MOXSITE_HOSTNAME",
    "localhost",
    meaning="The name by which this machine greets others in SMTP, and whose pages it serves.",
).lower()
MOXSITE_IPS = environment.addresses(
    "MOXSITE_IPS",
    meaning="Addresses to listen on. Unset: 0.0.0.0 and, where the machine has IPv6, ::. Where one of a "
    "family is named beside loopback, mail to other servers leaves from it.",
)
MOXSITE_PUBLIC_IPS = environment.addresses(
    "MOXSITE_PUBLIC_IPS",
    meaning="Addresses of this machine as the world sees them, when they are others than MOXSITE_IPS: behind "
    "NAT. For the DNS records and their check.",
)
MOXSITE_MX_HOSTS = environment.hosts(
    "MOXSITE_MX_HOSTS",
    meaning="Other machines of this installation that take and send mail, such as mx2.example.org=192.0.2.2. "
    "For the DNS records and their check.",
)
MOXSITE_REPORT_ADDRESS = environment.text(
    "MOXSITE_REPORT_ADDRESS",
    meaning="Mail address that others shall send reports about DMARC and TLS to. Unset: postmaster of each "
    "domain.",
)
MOXSITE_PORT_OFFSET = environment.integer(
    "MOXSITE_PORT_OFFSET",
    0,
    low=0,
    high=60000,
    meaning="Added to each of the ports 25, 465, 587, 80 and 443; with 1000 no root is needed.",
)
MOXSITE_EDGE_PROCESSES = environment.integer(
    "MOXSITE_EDGE_PROCESSES",
    2,
    low=1,
    high=64,
    meaning="Processes that answer on the web ports. One for each core is as many as help.",
)
MOXSITE_SMTP_PROCESSES = environment.integer(
    "MOXSITE_SMTP_PROCESSES",
    1,
    low=1,
    high=64,
    meaning="Processes that answer on the mail ports. One takes some hundred messages a second; more share "
    "the work among cores. How many connections a network may have is counted in each for itself.",
)
MOXSITE_MESSAGE_SIZE = environment.integer(
    "MOXSITE_MESSAGE_SIZE",
    128 * 1024 * 1024,
    low=64 * 1024,
    high=2 * 1024 * 1024 * 1024,
    meaning="The largest message that is taken, in bytes, as announced in SIZE on all mail ports. A message "
    "is on disk while it arrives, so that more costs room there and time, and little memory; a client that "
    "is too slow for its size is cut off as with any other.",
)
MOXSITE_HTTP2 = environment.switch(
    "MOXSITE_HTTP2",
    meaning="1 lets browsers choose HTTP/2 on the TLS ports. It pays for pages of many parts far away; "
    "HTTP/1.1 takes less time for each request.",
)
MOXSITE_LOOPBACK_HTTP_PORT = environment.integer(
    "MOXSITE_LOOPBACK_HTTP_PORT",
    0,
    low=0,
    high=65535,
    meaning="Port on loopback where another web server finds the pages: then there is plain http at it "
    "alone, and neither port 80 nor 443 is opened. 0: the web ports are opened here.",
)
MOXSITE_RUN_AS = environment.text(
    "MOXSITE_RUN_AS",
    meaning="User whom serve, started as root, hands the data directory to and runs all its processes as. "
    "The option --user of serve comes first.",
)
MOXSITE_DELIVER = environment.choice(
    "MOXSITE_DELIVER",
    "routes",
    ("routes", "self"),
    meaning="routes: mail leaves as the routes say. self: no mail leaves the machine; what would is "
    "delivered to the try-out account instead.",
)
MOXSITE_RESOLVER = environment.server(
    "MOXSITE_RESOLVER",
    53,
    meaning="A DNS resolver whose word that an answer is authentic (the AD bit) is trusted. "
    "Unset: what the system uses.",
)
MOXSITE_REMOTE_SMTP_PORT = environment.integer(
    "MOXSITE_REMOTE_SMTP_PORT",
    25,
    low=1,
    high=65535,
    meaning="The port at which other mail servers are called. For tests.",
)
MOXSITE_ADMIN_TWO_FACTOR = environment.choice(
    "MOXSITE_ADMIN_TWO_FACTOR",
    "optional",
    ("optional", "required"),
    meaning="required: the admin pages open only for logins with two-factor; others are led to the page that "
    "sets it up.",
)
MOXSITE_TRUSTED_PROXIES = environment.networks(
    "MOXSITE_TRUSTED_PROXIES",
    meaning="Networks whose forwarding headers and PROXY protocol are believed. For SMTP a peer there has to "
    "begin with a PROXY header, but for programs on this machine, which may do without. Unset: none, "
    "not even loopback.",
)
MOXSITE_WEB_PROXY_PROTOCOL = environment.words(
    "MOXSITE_WEB_PROXY_PROTOCOL",
    ("http", "https"),
    meaning="Web listeners at which MOXSITE_TRUSTED_PROXIES must begin each connection with a PROXY header, "
    "version 1 or 2, instead of telling of their clients by X-Forwarded-For.",
)
MOXSITE_TLS_CA_FILE = environment.text(
    "MOXSITE_TLS_CA_FILE", meaning="File with certificates to trust beside those of the system, as PEM."
)
MOXSITE_TLS_CERT_FILE = environment.text(
    "MOXSITE_TLS_CERT_FILE",
    meaning="File with the certificate for TLS and its chain, as PEM. Unset: a self-made one.",
)
MOXSITE_TLS_KEY_FILE = environment.text(
    "MOXSITE_TLS_KEY_FILE", meaning="File with the private key of that certificate, as PEM."
)
TLS_CERTIFICATE = Path(MOXSITE_TLS_CERT_FILE or DATA / "secrets" / "self-made-certificate.pem")
TLS_KEY = Path(MOXSITE_TLS_KEY_FILE or DATA / "secrets" / "self-made-key.pem")
MOXSITE_ACME_DIRECTORY = environment.text(
    "MOXSITE_ACME_DIRECTORY",
    meaning="The authority that certificates are obtained from by ACME: letsencrypt, letsencrypt-staging "
    "(for trials; nobody trusts its certificates) or the URL of a directory. Unset: none are obtained. "
    "Setting it means that you agree to the terms of that authority.",
)
MOXSITE_ACME_CONTACT = environment.text(
    "MOXSITE_ACME_CONTACT", meaning="Mail address that the authority may write to about certificates."
)
MOXSITE_ACME_EAB_KEY_ID = environment.text(
    "MOXSITE_ACME_EAB_KEY_ID",
    meaning="Name of the key that ties our account there to one that you have (external account binding), "
    "for authorities that ask for it.",
)
MOXSITE_ACME_EAB_HMAC_KEY = environment.secret(
    "MOXSITE_ACME_EAB_HMAC_KEY", meaning="That key, in base64url as the authority shows it."
)
MOXSITE_LOG_FORMAT = read_log_format(environment)
MOXSITE_REDIS_URL = environment.url(
    "REDIS_URL",
    "",
    ("redis", "rediss", "unix"),
    meaning="Redis server that carries wake-ups between hosts, such as redis://127.0.0.1:6379/0. "
    "Unset: only the processes of one host wake each other at once.",
)
CELERY_BROKER_URL = environment.url(
    "CELERY_BROKER_URL",
    "memory://",
    ("memory", "redis", "rediss", "amqp", "amqps"),
    meaning="Broker between dispatcher and workers: redis:// or amqp:// when there are several workers; "
    "memory:// works inside one worker.",
)

DATABASES = {
    "default": database_settings(
        environment.secret(
            "DATABASE_URL",
            meaning="postgresql://USER:PASSWORD@HOST:PORT/NAME or sqlite:///PATH. "
            "Unset: SQLite, moxsite.sqlite3 in the data directory.",
        ),
        DATA,
    )
}

INSTALLED_APPS = [
    "moxsite.apps.MoxsiteConfig",
    "moxsite.setup.apps.SetupConfig",
    "importer.apps.ImporterConfig",
    "webserver.apps.WebserverConfig",
    "delivery.apps.DeliveryConfig",
    "mail.apps.MailConfig",
    "moxsite.apps.MoxsiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
]

AUTH_USER_MODEL = "mail.Login"
AUTHENTICATION_BACKENDS = ["mail.identity.backend.LoginBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "mail"
LOGOUT_REDIRECT_URL = "login"

MIDDLEWARE = [
    "moxsite.pages.sessions.SessionIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "moxsite.pages.policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "moxsite.audit.middleware.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "moxsite.urls"
ASGI_APPLICATION = "moxsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "moxsite.pages.context.site",
            ],
        },
    },
]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "moxsite.mounting.MountedStatic"},
}
ALLOWED_HOSTS = ["*"]  # whoever routes a request to the pages process has checked its host
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # only the edge reaches the pages process
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "moxsite_session"
CSRF_COOKIE_NAME = "moxsite_csrf"
CSRF_FAILURE_VIEW = "moxsite.pages.errors.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
LOGGING_CONFIG = None  # moxsite.logs sets logging up once, for Django too
TEST_MODE = environment.switch(
    "MOXSITE_TEST_MODE",
    meaning="1 lets tests move the clock of this process through the file run/clock in the data directory.",
)
