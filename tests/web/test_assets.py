"""The bundle: what is served, under which address, and for how long."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from siskop.web import assets

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def bundle() -> Flask:
    app = Flask("siskop", root_path=str(TEMPLATES.parent), template_folder="templates", static_folder=None)
    assets.init_app(app)
    return app


@pytest.fixture
def browser(bundle: Flask) -> FlaskClient:
    return bundle.test_client()


def url(bundle: Flask, name: str) -> str:
    return bundle.extensions["siskop.assets"].url(name)


def test_bootstrap_lies_in_the_lowest_layer_of_one_stylesheet(bundle: Flask, browser: FlaskClient) -> None:
    text = browser.get(url(bundle, "style.css")).get_data(as_text=True)
    assert text.startswith("@layer bootstrap, tokens")
    assert text.index("@layer bootstrap{") < text.index("@layer tokens {")
    assert "@import" not in text
    assert "@charset" not in text
    assert "sourceMappingURL" not in text


def test_the_sprite_holds_every_icon_that_templates_name_and_little_else(bundle: Flask, browser: FlaskClient) -> None:
    answer = browser.get(url(bundle, "icons.svg"))
    symbols = set(re.findall(r' id="([^"]+)"', answer.get_data(as_text=True)))
    for path in TEMPLATES.rglob("*.html"):
        for name in re.findall(r"icon\('([a-z0-9-]+)'", path.read_text("utf-8")):
            assert name in symbols, f"{path.name} names {name}"
    assert len(answer.data) < 60_000


def test_files_are_kept_for_ever_and_sent_packed(bundle: Flask, browser: FlaskClient) -> None:
    address = url(bundle, "style.css")
    plain = browser.get(address)
    packed = browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 45_000
    assert "Set-Cookie" not in plain.headers


def test_the_folder_of_an_older_start_answers_for_a_minute_only(bundle: Flask, browser: FlaskClient) -> None:
    answer = browser.get("/aset/0000000000000000/app.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_what_is_not_in_the_bundle_is_not_found(bundle: Flask, browser: FlaskClient) -> None:
    assert browser.get(f"/aset/{bundle.extensions['siskop.assets'].digest}/theme.css").status_code == 404
    with pytest.raises(KeyError):
        url(bundle, "styel.css")
