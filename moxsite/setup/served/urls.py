"""The paths of what hosts of a domain serve."""

from django.urls import path

from moxsite.setup.served import hosts, views

urlpatterns = [
    path(hosts.MTA_STS_PATH.removeprefix("/"), views.mta_sts_view),
    *(path(place.removeprefix("/"), views.autoconfig_view) for place in hosts.AUTOCONFIG_PATHS),
    path(hosts.AUTODISCOVER_PATH.removeprefix("/"), views.autodiscover_view),
    path("Autodiscover/Autodiscover.xml", views.autodiscover_view),
    path(hosts.PROFILE_PATH.removeprefix("/"), views.profile_view),
]
