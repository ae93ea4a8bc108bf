"""The console's first page: what waits, and how the program is today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from propylon.console.access import staff_page
from propylon.console.pages import ChoiceFilter, Filters, console_page, filters, page_query
from propylon.console.queue.figures import ENDING_DAYS, today
from propylon.console.queue.waiting import KINDS, counts, waiting_page


class QueueFilters(Filters):
    kind = ChoiceFilter(label=_("What"), anything=_("Everything"), choices=[(kind.name, kind.title) for kind in KINDS])


@staff_page
def queue(request: HttpRequest) -> HttpResponse:
    form = filters(QueueFilters, request)
    waiting = counts()
    rows, paging = waiting_page(page_query(request), waiting, kind=form.chosen["kind"])
    facts = {"waiting": waiting, "today": today(), "ending_days": ENDING_DAYS}
    return console_page(request, "queue/queue.html", {"rows": rows, "paging": paging, "filters": form, **facts})
