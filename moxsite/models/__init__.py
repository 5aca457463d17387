"""What the database holds for those who look after the server."""

from moxsite.models.acme import AcmeAccount, AcmeChallenge, AcmeName
from moxsite.models.audit_entry import AuditEntry
from moxsite.models.backup_record import BackupRecord
from moxsite.models.configuration_version import ConfigurationVersion
from moxsite.models.second_factor import RecoveryCode, SecondFactor

__all__ = [
    "AcmeAccount",
    "AcmeChallenge",
    "AcmeName",
    "AuditEntry",
    "BackupRecord",
    "ConfigurationVersion",
    "RecoveryCode",
    "SecondFactor",
]
