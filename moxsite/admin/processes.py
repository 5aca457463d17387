"""The processes of this machine, the jobs that come round again, and what all runs on."""

import os
import platform
import shutil
from typing import Final

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from delivery.models import Worker
from mail import clock
from mail.models import PeriodicJob
from moxsite.admin.cards.disk import database_size
from moxsite.admin.cards.processes import missing_roles, running_roles
from moxsite.models import BackupRecord
from moxsite.version import VERSION

_LISTED: Final = 10


@require_safe
def processes_page(request: HttpRequest) -> HttpResponse:
    """The page."""
    running = running_roles()
    usage = shutil.disk_usage(settings.DATA)
    context = {
        **admin.site.each_context(request),
        "title": "Processes",
        "running": sorted(running.items()),
        "missing": missing_roles(running),
        "workers": Worker.objects.filter(heartbeat__gt=clock.now() - clock.HOUR).order_by("name"),
        "jobs": PeriodicJob.objects.order_by("name"),
        "now": clock.now(),
        "backups": BackupRecord.objects.all()[:_LISTED],
        "facts": (
            ("Version", f"moxsite {VERSION}, Python {platform.python_version()}"),
            (
                "Machine",
                f"{platform.node()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}",
            ),
            ("Data directory", str(settings.DATA)),
        ),
        "sizes": (("Database", database_size()), ("Free on the disk", usage.free), ("Disk", usage.total)),
    }
    return TemplateResponse(request, "admin/processes.html", context)
