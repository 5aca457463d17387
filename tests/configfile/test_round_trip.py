"""Whatever is configured can be exported, and an exported file says exactly what is configured."""

import pytest
from hypothesis import HealthCheck, given, settings

from delivery.configfile.delivery_section import DeliverySection
from delivery.configfile.values import DeliveryConfiguration
from mail.configfile.mail_section import MailSection
from mail.configfile.values import MailConfiguration
from moxsite.configfile import export_text
from tests.configfile.applying import apply
from tests.configfile.generated import configurations, file_text
from tests.world.world import World
from webserver.configfile.web_section import WebSection
from webserver.configuration.values import WebConfiguration

pytestmark = pytest.mark.long


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(configuration=configurations())
def test_export_then_apply_then_export_is_identical(
    world: World, configuration: tuple[MailConfiguration, DeliveryConfiguration, WebConfiguration]
) -> None:
    """Each example is applied to what the one before has left, so changes of all kinds are met."""
    apply(file_text(configuration), remove_accounts=True)
    assert (MailSection().stored(), DeliverySection().stored(), WebSection().stored()) == configuration
    exported = export_text()
    assert apply(exported) == []
    assert export_text() == exported
