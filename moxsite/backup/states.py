"""States of migration: what a backup's tables look like, and whether this program knows them."""

from collections.abc import Mapping, Sequence

from django.db.migrations.loader import MigrationLoader

from moxsite.backup.errors import BackupError


def check_known(loader: MigrationLoader, migrations: Mapping[str, Sequence[str]]) -> None:
    """Raises BackupError when a backup has tables of a newer program."""
    known = set(loader.disk_migrations or ())
    unknown = [(app, name) for app, names in migrations.items() for name in names if (app, name) not in known]
    if unknown:
        app, name = unknown[0]
        raise BackupError(
            f"The backup was made by a newer moxsite: this one does not know {app} {name}. Update it first."
        )


def newest_of(loader: MigrationLoader, migrations: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The migrations to go to, so that exactly these are applied: of each app those that no other follows."""
    applied = {(app, name) for app, names in migrations.items() for name in names}
    followed = {
        (parent.key[0], parent.key[1])
        for key in applied
        for parent in loader.graph.node_map[key].parents
        if parent.key[0] == key[0]
    }
    return sorted(applied - followed)


def is_up_to_date(migrations: Mapping[str, Sequence[str]]) -> bool:
    """Whether a backup has the tables of this program already."""
    applied = {(app, name) for app, names in migrations.items() for name in names}
    return set(MigrationLoader(None).disk_migrations or ()) <= applied
