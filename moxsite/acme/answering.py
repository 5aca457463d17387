"""What is answered to an authority that looks whether a name is ours."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from moxsite.models import AcmeChallenge

LONGEST_TOKEN = 200


def answer_for(token: str) -> bytes | None:
    """The answer to a challenge that is open. Reads the database: not for event loops."""
    if not 0 < len(token) <= LONGEST_TOKEN:
        return None
    found = AcmeChallenge.objects.filter(token=token).values_list("answer", flat=True).first()
    return None if found is None else str(found).encode("ascii")


@require_safe
def challenge_page(request: HttpRequest, token: str) -> HttpResponse:
    """The same, where the pages process is asked itself."""
    answer = answer_for(token)
    if answer is None:
        raise Http404
    return HttpResponse(answer, content_type="application/octet-stream")
