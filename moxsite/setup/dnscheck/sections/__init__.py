"""The sections of the check. Each looks for itself and shares nothing with the others."""
