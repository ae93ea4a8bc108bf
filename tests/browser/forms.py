"""What a page of HTML offers: its links and its forms, found without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

VALUELESS = {"submit", "button", "reset", "image"}


@dataclass(frozen=True)
class Field:
    """`options` are the values of a select or of radio buttons of one name."""

    name: str
    kind: str
    value: str = ""
    options: tuple[str, ...] = ()
    is_checked: bool = False

    @property
    def takes_text(self) -> bool:
        kinds = {"text", "textarea", "email", "url", "search", "password", "tel", "number", "date", "datetime-local"}
        return self.kind in kinds


@dataclass(frozen=True)
class Form:
    """`buttons` are the names and values of what submits it."""

    method: str
    action: str
    fields: tuple[Field, ...]
    buttons: tuple[tuple[str, str], ...] = ()
    has_files: bool = False

    def data(self, **changes: str) -> dict[str, str | list[str]]:
        """What a browser sends when nobody has touched the form, with changes."""
        found: dict[str, str | list[str]] = {}
        for each in self.fields:
            if each.kind == "file" or (each.kind in {"checkbox", "radio"} and not each.is_checked):
                continue
            earlier = found.get(each.name)
            if earlier is None:
                found[each.name] = each.value
            else:
                found[each.name] = [*(earlier if isinstance(earlier, list) else [earlier]), each.value]
        return {**found, **changes}

    def field(self, kind: str) -> Field | None:
        return next((each for each in self.fields if each.kind == kind), None)

    @property
    def text_fields(self) -> list[Field]:
        return [each for each in self.fields if each.takes_text]


@dataclass
class Page:
    """Links are absolute, of this host only, without fragments."""

    url: str
    language: str = ""
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    has_script: bool = False
    handlers: list[str] = field(default_factory=list)
    text: str = field(default="", repr=False)

    def form_with(self, name: str) -> Form:
        """The form with a field of this name."""
        return next(form for form in self.forms if any(each.name == name for each in form.fields))


def read_page(text: str, url: str) -> Page:
    reader = _Reader(Page(url, text=text))
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self._form: dict[str, str] | None = None
        self._fields: list[Field] = []
        self._buttons: list[tuple[str, str]] = []
        self._select: tuple[str, list[str], list[str]] | None = None  # name, all values, those selected
        self._textarea: tuple[str, list[str]] | None = None
        self._heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.page.handlers += [f"{tag} {name}" for name in told if name.startswith("on") or name == "style"]
        handler = getattr(self, f"_start_{tag}", None)
        if handler:
            handler(told)

    def handle_endtag(self, tag: str) -> None:
        handler = getattr(self, f"_end_{tag}", None)
        if handler:
            handler()

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._textarea[1].append(data)
        if self._heading is not None:
            self._heading.append(data)

    def _start_html(self, told: dict[str, str]) -> None:
        self.page.language = told.get("lang", "")

    def _start_script(self, told: dict[str, str]) -> None:
        is_code = told.get("type", "module") in {"module", "text/javascript", "importmap"}  # else it is data
        self.page.has_script |= is_code and "src" not in told

    def _start_h1(self, told: dict[str, str]) -> None:
        del told
        self._heading = []

    def _end_h1(self) -> None:
        self.page.headings.append(" ".join("".join(self._heading or []).split()))
        self._heading = None

    def _start_a(self, told: dict[str, str]) -> None:
        if "href" in told:
            target = urldefrag(urljoin(self.page.url, told["href"])).url
            if target.startswith(urljoin(self.page.url, "/")) and "download" not in told:
                self.page.links.append(target)

    def _start_form(self, told: dict[str, str]) -> None:
        self._form, self._fields, self._buttons = told, [], []

    def _end_form(self) -> None:
        if self._form is None:
            return
        told, self._form = self._form, None
        action = urljoin(self.page.url, told.get("action") or self.page.url)
        has_files = told.get("enctype") == "multipart/form-data"
        method = told.get("method", "get").lower()
        self.page.forms.append(Form(method, action, tuple(self._fields), tuple(self._buttons), has_files))

    def _start_input(self, told: dict[str, str]) -> None:
        kind, name = told.get("type", "text").lower(), told.get("name", "")
        if kind in VALUELESS:
            self._buttons.append((name, told.get("value", "")))
        elif name and "disabled" not in told:
            value = told.get("value", "on" if kind in {"checkbox", "radio"} else "")
            self._fields.append(Field(name, kind, value, is_checked="checked" in told))

    def _start_button(self, told: dict[str, str]) -> None:
        if told.get("type", "submit") == "submit":
            self._buttons.append((told.get("name", ""), told.get("value", "")))

    def _start_textarea(self, told: dict[str, str]) -> None:
        self._textarea = (told.get("name", ""), [])

    def _end_textarea(self) -> None:
        if self._textarea and self._textarea[0]:
            self._fields.append(Field(self._textarea[0], "textarea", "".join(self._textarea[1]).removeprefix("\n")))
        self._textarea = None

    def _start_select(self, told: dict[str, str]) -> None:
        self._select = (told.get("name", ""), [], [])

    def _start_option(self, told: dict[str, str]) -> None:
        if self._select and "disabled" not in told:
            self._select[1].append(told.get("value", ""))
            if "selected" in told:
                self._select[2].append(told.get("value", ""))

    def _end_select(self) -> None:
        if self._select and self._select[0]:
            name, values, chosen = self._select
            value = (chosen or values or [""])[0]
            self._fields.append(Field(name, "select", value, tuple(values)))
        self._select = None
