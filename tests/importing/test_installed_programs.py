import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from mail.mailformats.flags import MessageFlags
from tests.importing.reading import contents, letter

pytestmark = pytest.mark.external

TAGGED = MessageFlags(seen=True, keywords=frozenset(("Private", "$Forwarded")))
DOVECOT = """\
mail_location = {layout}
mail_home = {home}
base_dir = {home}/run
ssl = no
log_path = /dev/stderr
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


UNPRIVILEGED = 65534  # Dovecot keeps no mail of root


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@pytest.mark.parametrize("kind", ["mbox", "Maildir"])
def test_what_mutt_keeps_is_read(tmp_path: Path, kind: str) -> None:
    needs("mutt")
    settings = (
        f'set mbox_type={kind} record="{tmp_path}/out" copy=yes sendmail=/bin/true hostname=example.org'
    )
    for subject in ("one", "two"):
        subprocess.run(
            ["mutt", "-n", "-F", "/dev/null", "-e", settings, "-s", subject, "bob@example.org"],
            input=b"Hi\n\nFrom me\n>From you\n",
            check=True,
            timeout=60,
            env={"HOME": str(tmp_path), "PATH": os.defpath},
        )
    found = contents(tmp_path / "out")
    assert {subject: flags.seen for subject, (_, flags) in found.by_subject().items()} == {
        "one": True,
        "two": True,
    }
    assert {text.partition(b"\r\n\r\n")[2] for text in found.texts()} == {
        b"Hi\r\n\r\nFrom me\r\n>From you\r\n"
    }
    assert found.problems == []


@pytest.mark.parametrize(
    "layout", ["maildir:~/mail", "maildir:~/mail:LAYOUT=fs", "mbox:~/mail:INBOX=~/mail/inbox"]
)
def test_what_dovecot_keeps_is_read(request: pytest.FixtureRequest, layout: str) -> None:
    needs("doveadm")
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    request.addfinalizer(lambda: shutil.rmtree(home))
    config = home / "dovecot.conf"
    uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (UNPRIVILEGED, UNPRIVILEGED)
    config.write_text(DOVECOT.format(layout=layout, home=home, uid=uid, gid=gid))

    (home / "mail").mkdir()
    for path in (home, home / "mail"):
        os.chown(path, uid, gid)

    def doveadm(*arguments: str, stdin: bytes = b"") -> None:
        subprocess.run(
            ["doveadm", "-c", str(config), *arguments],
            input=stdin,
            check=True,
            timeout=60,
            cwd=home,
            env={"USER": "alice", "HOME": str(home), "PATH": os.defpath},
        )

    for name in ("INBOX", "Entwürfe", "Work/x"):
        if name != "INBOX":
            doveadm("mailbox", "create", name)
        doveadm("save", "-m", name, stdin=letter(name, body="Hi\n\nFrom me\n"))
        doveadm("flags", "add", r"\Seen Private $Forwarded", "mailbox", name, "ALL")
    found = contents(home / "mail")
    assert {folder.casefold(): flags for folder, flags in found.by_subject().values()} == {
        "inbox": TAGGED,
        "entwürfe": TAGGED,
        "work/x": TAGGED,
    }
    assert all(text.endswith(b"\r\n\r\nHi\r\n\r\nFrom me\r\n") for text in found.texts())
    assert found.problems == []
