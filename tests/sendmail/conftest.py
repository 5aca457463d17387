from pathlib import Path

import pytest

from tests.sendmail.calling import Sendmail


@pytest.fixture
def sendmail(tmp_path: Path) -> Sendmail:
    """sendmail with an empty home directory and no configuration yet."""
    return Sendmail(tmp_path)
