from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.utils.crypto import salted_hmac

from mail.identity.passwords import matching_credential, set_main_password
from mail.models.account import Account
from mail.models.fields import MomentField


class Logins(BaseUserManager["Login"]):
    """Finds logins by their name, as Django's authentication asks for it."""


class Login(AbstractBaseUser):
    """Who can log in: to an account, to the admin, or to both.

    The salts and iteration counts stand here and not with each credential: SCRAM sends them before it
    is known which of the passwords is used (RFC 5802 section 5.1).
    """

    password = None  # type: ignore[assignment]
    name = models.CharField(max_length=128, unique=True)
    account = models.OneToOneField(
        Account, models.CASCADE, null=True, blank=True, related_name="login",
        help_text="The account whose mail this login opens. Empty: a login for the admin only.",
    )  # fmt: skip
    is_staff = models.BooleanField("admin", default=False, help_text="May use the admin pages.")
    is_active = models.BooleanField("enabled", default=True)
    scram_sha_256_salt = models.BinaryField(default=b"")
    scram_sha_1_salt = models.BinaryField(default=b"")
    scram_iterations = models.PositiveIntegerField(default=0)

    objects = Logins()

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save, together with the password that `set_password` was given before.

        Raises mail.identity.passwords.PasswordRefused for that password.
        """
        password = self._password
        with transaction.atomic():
            super().save(*args, **options)
            if password is not None:
                set_main_password(self, password)

    def set_password(self, raw_password: str | None) -> None:
        """Set the main password at the next `save`; None does nothing."""
        self._password = raw_password

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the main password. Takes milliseconds of processor time."""
        return bool(raw_password and matching_credential(self, raw_password, main_only=True))

    async def acheck_password(self, raw_password: str | None) -> bool:
        """`check_password` away from the event loop."""
        return await sync_to_async(self.check_password)(raw_password)

    def has_usable_password(self) -> bool:
        """Whether there is a main password."""
        return self.credentials.filter(kind=Credential.Kind.MAIN).exists()

    def set_unusable_password(self) -> None:
        """Take the main password away, at once."""
        self.credentials.filter(kind=Credential.Kind.MAIN).delete()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What sessions depend on: the main password, so that changing it ends them."""
        main = self.credentials.filter(kind=Credential.Kind.MAIN).first()
        key = bytes(main.scram_sha_256_stored_key).hex() if main else ""
        return salted_hmac("mail.models.login", key, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whoever may use the admin may do everything there."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Whoever may use the admin sees all of it."""
        return self.is_active and self.is_staff


class Credential(models.Model):
    """One password of a login: the main one or one of an application. Only verifiers are stored."""

    class Kind(models.TextChoices):
        MAIN = "main", "main password"
        APP = "app", "app password"

    login = models.ForeignKey(Login, models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    label = models.CharField(max_length=100, blank=True)
    created = MomentField()
    last_used = MomentField(null=True, blank=True)
    scram_sha_256_stored_key = models.BinaryField()
    scram_sha_256_server_key = models.BinaryField()
    scram_sha_1_stored_key = models.BinaryField()
    scram_sha_1_server_key = models.BinaryField()
    cram_md5_sealed = models.BinaryField(default=b"")

    class Meta:
        ordering = ["kind", "created"]
        constraints = [
            models.UniqueConstraint(
                fields=["login"], condition=models.Q(kind="main"), name="one_main_password_per_login"
            )
        ]

    def __str__(self) -> str:
        return self.label or self.get_kind_display()
