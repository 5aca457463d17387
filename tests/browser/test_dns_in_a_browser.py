"""The pages about DNS fit every screen."""

import pytest
from django.test import override_settings
from selenium.webdriver.common.by import By

from mail.configuration.dkim import make_keys
from mail.dkim.keys import ALGORITHMS
from tests.browser.visitor import Visitor
from tests.world.dns import FakeDns
from tests.world.world import PASSWORD, World

pytestmark = [pytest.mark.only_database("sqlite"), pytest.mark.external, pytest.mark.long]


def test_records_check_and_what_if_fit_every_screen(world: World, visitor: Visitor) -> None:
    make_keys(world.example_org, ALGORITHMS)
    world.b_example  # noqa: B018
    assert world.admin
    visitor.log_in("admin", PASSWORD)
    url = f"/admin/mail/domain/{world.example_org.pk}/dns/"
    with FakeDns({"com": {"NS": ["ns.com."]}}) as dns, override_settings(MOXSITE_RESOLVER=dns.address):
        visitor.go(url)
        visitor.driver.find_element(By.CSS_SELECTOR, "#check button").click()
        visitor.wait_for("#check-heading .chip", ["errors"])
    for width in (1440, 360):
        visitor.resize(width)
        visitor.check(url, "dns-domain")
        visitor.check("/admin/dns/", "dns")
        visitor.check(f"/admin/mail/domain/{world.example_org.pk}/change/", "domain")
