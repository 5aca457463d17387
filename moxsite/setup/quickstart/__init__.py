"""From an empty machine to an installation: looking around, writing settings, making domain and account."""
