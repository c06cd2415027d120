"""What a browser would send from a page: its forms with what stands in their controls, without running any script."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


class Form:
    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.values: MultiDict[str, Any] = MultiDict()
        self.buttons: list[tuple[str, str]] = []

    def fill(self, **given: Any) -> Form:
        """Type into controls; a list is several ticks; None leaves a control out."""
        for name, value in given.items():
            self.values.poplist(name)
            for each in value if isinstance(value, list) else [] if value is None else [value]:
                self.values.add(name, each)
        return self

    def send(self, browser: FlaskClient, **pressed: str) -> TestResponse:
        data = MultiDict(self.values)
        data.update(pressed)
        return browser.post(self.action, data=data, content_type="multipart/form-data")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.select = self.area = ""
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(has.get("action", ""), has.get("method", "get")))
        elif self.forms and tag == "input":
            self._input(has)
        elif tag == "select":
            self.select = has.get("name", "")
        elif tag == "option" and self.select and (has.get("value") == "" or "selected" in has):
            self.forms[-1].values.setlist(self.select, [has.get("value", "")])
        elif tag == "textarea":
            self.area, self.text = has.get("name", ""), ""
        elif tag == "button" and self.forms and has.get("name"):
            self.forms[-1].buttons.append((has["name"], has.get("value", "")))

    def _input(self, has: dict[str, str]) -> None:
        kind, name = has.get("type", "text"), has.get("name", "")
        if name and kind != "file" and (kind not in ("radio", "checkbox") or "checked" in has):
            self.forms[-1].values.add(name, has.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area and self.forms:
            self.forms[-1].values.add(self.area, self.text)
            self.area = ""
        elif tag == "select":
            self.select = ""


def forms(html: str) -> list[Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form(html: str, part: str = "/isi/") -> Form:
    """The form whose address holds `part`."""
    return next(found for found in forms(html) if part in found.action)
