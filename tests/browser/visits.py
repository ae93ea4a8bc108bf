"""Watches a browser's page and judges each visit: what no page of ours may ever do."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, ConsoleMessage, Dialog, Error, Page

PAGE_BYTES = 300 * 1024  # fonts and scripts included
SETTLE_MS = 10_000
_TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
_KNOWN_SIZES: dict[str, int] = {}  # of assets, for pages that have them from the cache


@dataclass
class Resource:
    url: str
    kind: str
    status: int = 0
    size: int = 0


@dataclass
class Visit:
    """One document and all that it fetched. `server_ms` is the time from the request's end to the answer's head."""

    url: str
    status: int = 0
    server_ms: float = 0.0
    resources: dict[str, Resource] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def size(self) -> int:
        """Bytes on the wire of everything; what came from the cache counts as when it was fetched."""
        return sum(each.size for each in self.resources.values())


class Watch:
    """`visits` in order; `problems` is what is wrong, in sentences."""

    def __init__(self, page: Page, origin: str, *, ignores_cache: bool = False) -> None:
        self.page = page
        self.origin = origin
        self.visits: list[Visit] = []
        self.problems: list[str] = []
        self.expected_hosts: set[str] = {urlsplit(origin).netloc}
        self._under_way: dict[str, str] = {}  # request → the document that asked
        self._document = ""
        self._seen_at = 0
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._tell(f"script error: {error}"))
        page.on("dialog", self._on_dialog)
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.on("Network.requestWillBeSent", self._on_request)
        self._cdp.on("Network.responseReceived", self._on_response)
        self._cdp.on("Network.loadingFinished", self._on_finished)
        self._cdp.on("Network.loadingFailed", self._on_failed)
        self._cdp.send("Network.enable")
        if ignores_cache:
            self._cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
        tree = self._cdp.send("Page.getFrameTree")
        self._frame: str = tree["frameTree"]["frame"]["id"]

    @property
    def visit(self) -> Visit:
        return self.visits[-1]

    def settle(self) -> None:
        """Wait until the page has loaded and nothing is under way any more."""
        self.page.wait_for_load_state("load")
        waited = 0
        quiet_since = 0
        while waited - quiet_since < 40 and waited < SETTLE_MS:
            self.page.wait_for_timeout(10)
            waited += 10
            if self._document in self._under_way.values() or self._seen_at != len(self.visits):
                quiet_since, self._seen_at = waited, len(self.visits)
        if waited >= SETTLE_MS:
            self._tell(f"never comes to rest: {sorted(self._under_way)}")
        self.page.wait_for_load_state("load")

    def judge(self) -> None:
        """Fail with everything that was wrong since the last time."""
        if self.visits:
            self._judge_width()
            if self.visit.size > PAGE_BYTES:
                biggest = sorted(self.visit.resources.values(), key=lambda each: -each.size)[:4]
                told = ", ".join(f"{urlsplit(each.url).path} {each.size // 1024} KB" for each in biggest)
                self._tell(f"{self.visit.size // 1024} KB on the wire: {told}")
        found, self.problems = self.problems, []
        assert not found, "\n".join(found)

    def presses_tab(self) -> None:
        """The key as it goes down, which is what moves the focus: half the work of Playwright's down and up."""
        self._cdp.send("Input.dispatchKeyEvent", _TAB)

    def is_too_wide(self) -> str:
        """What sticks out sideways, if anything."""
        with contextlib.suppress(Error):  # a page that is being left
            return str(self.page.evaluate(_WIDEST))
        self.page.wait_for_load_state("load")
        return str(self.page.evaluate(_WIDEST))

    def _judge_width(self) -> None:
        if widest := self.is_too_wide():
            self._tell(f"scrolls sideways: {widest}")

    def _tell(self, problem: str) -> None:
        where = self.visit.path if self.visits else self.page.url
        self.problems.append(f"{where}: {problem}")

    def _on_console(self, message: ConsoleMessage) -> None:
        # What failed to load is judged by its status below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._tell(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type in {"alert", "prompt"}:
            self._tell(f"a script opened a dialog: {dialog.message}")
            dialog.dismiss()
        else:
            dialog.accept()  # hx-confirm, and leaving a page

    def _on_request(self, event: dict[str, Any]) -> None:
        url, identifier = event["request"]["url"], event["requestId"]
        if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).netloc not in self.expected_hosts:
            self._tell(f"asks another host: {url}")
        if event.get("type") == "Document" and event.get("frameId") == self._frame:
            if "redirectResponse" in event and self.visits:
                self.visits.pop()
            self.visits.append(Visit(url))
            self._document = event["loaderId"]
        # What the page before still asks for dies with it, and nothing tells of it: only the document's own count.
        self._under_way[identifier] = event["loaderId"]
        if self.visits:
            self.visit.resources[identifier] = Resource(url, event.get("type", "Other"))

    def _on_response(self, event: dict[str, Any]) -> None:
        answer, identifier = event["response"], event["requestId"]
        status = int(answer["status"])
        resource = self.visit.resources.get(identifier) if self.visits else None
        if resource is None:
            return
        resource.status = status
        is_document = event["type"] == "Document"
        if is_document:
            timing = answer.get("timing") or {}
            self.visit.status = status
            self.visit.server_ms = timing.get("receiveHeadersEnd", 0) - timing.get("sendEnd", 0)
        if status >= 500 or (status >= 400 and event["type"] not in {"Document", "Fetch", "XHR"}):
            self._tell(f"{status} for {resource.url}")

    def _on_finished(self, event: dict[str, Any]) -> None:
        self._under_way.pop(event["requestId"], None)
        resource = self.visit.resources.get(event["requestId"]) if self.visits else None
        if resource is not None:
            size = int(event["encodedDataLength"])
            resource.size = size or _KNOWN_SIZES.get(resource.url, 0)
            _KNOWN_SIZES[resource.url] = resource.size

    def _on_failed(self, event: dict[str, Any]) -> None:
        self._under_way.pop(event["requestId"], None)
        if not event.get("canceled") and event["errorText"] != "net::ERR_ABORTED":
            self._tell(f"{event['errorText']} {event.get('blockedReason', '')}".strip())


# A page that scrolls sideways; names the innermost elements that reach furthest.
_WIDEST = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return "";
  const scrolls = (element) => {
    for (let each = element.parentElement; each && each !== root; each = each.parentElement)
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  const told = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && (box.right > root.clientWidth + 1 || box.left < -1) && !scrolls(element);
  }).slice(-3).map((element) => element.tagName.toLowerCase() + (element.className ? "." + element.className : ""));
  return `${root.scrollWidth} > ${root.clientWidth}: ${told.join(", ")}`;
}"""
