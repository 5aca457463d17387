"""What the database holds for those who look after the server."""

from moxsite.models.audit_entry import AuditEntry
from moxsite.models.configuration_version import ConfigurationVersion

__all__ = ["AuditEntry", "ConfigurationVersion"]
