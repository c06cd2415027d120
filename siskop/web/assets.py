"""One stylesheet, one icon sprite and our scripts, made at start from packages and served for ever under a digest.

All files of one start share one folder, `/aset/<digest>/`, so a script may import its neighbour by a relative name.
The folder of an older start still answers, with what is there now and without a long memory: during a rolling start
nobody sees a page without its style.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import flask_bootstrap
from flask import Blueprint, Flask, Response, abort, current_app, request

OURS = Path(__file__).parent / "static"
PACKAGE = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=60"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

blueprint = Blueprint("assets", __name__, url_prefix="/aset")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: `body` plain, `packed` gzipped."""

    body: bytes
    packed: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Assets:
    """Everything that pages load, by name. `digest` changes when any of it does."""

    files: Mapping[str, Asset]
    digest: str

    def url(self, name: str) -> str:
        """Address of `name`, the same in every language; a KeyError shows a typo at once."""
        self.files[name]
        return f"/aset/{self.digest}/{name}"


def build(templates: Path) -> Assets:
    """Read the packages and our own folder; `templates` tells which icons are in use."""
    files = {"style.css": stylesheet(), "icons.svg": sprite(icons_in(templates))}
    files |= {path.name: path.read_text("utf-8") for path in sorted([*OURS.glob("*.js"), *OURS.glob("*.svg")])}
    ready = {name: _asset(name, text) for name, text in files.items()}
    digest = hashlib.sha256(b"".join(name.encode() + asset.body for name, asset in sorted(ready.items())))
    return Assets(ready, digest.hexdigest()[:16])


def stylesheet() -> str:
    """Bootstrap in the lowest layer, then the theme: one request on a weak network."""
    bootstrap = (PACKAGE / "css" / "bootstrap.min.css").read_text("utf-8")
    bootstrap = re.sub(r'^@charset "[^"]*";|/\*# sourceMappingURL=[^*]*\*/', "", bootstrap).strip()
    theme = re.sub(r"/\*.*?\*/", "", (OURS / "theme.css").read_text("utf-8"), flags=re.DOTALL)
    theme = re.sub(r"\s*\n\s*", "\n", theme).strip()
    order, rest = theme.split(";", 1)  # the statement that fixes the order of the layers comes before the first of them
    return f"{order};\n@layer bootstrap{{{bootstrap}}}\n{rest}\n"


def sprite(names: frozenset[str]) -> str:
    """The package's sprite (1.1 MB) cut to the symbols in use (a few KB)."""
    kept = "".join(symbol for name, symbol in _symbols() if name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{kept}</svg>\n'


def icons_in(templates: Path) -> frozenset[str]:
    """Icons that templates and pages may ask for: every quoted word in them that is the name of a symbol."""
    known = {name for name, _ in _symbols()}
    sources = [*templates.rglob("*.html"), *Path(__file__).parent.rglob("*.py")]
    quoted = {word for path in sources for word in re.findall(r"""["']([a-z0-9-]+)["']""", path.read_text("utf-8"))}
    return frozenset(quoted & known)


def _symbols() -> Iterator[tuple[str, str]]:
    text = (PACKAGE / "icons" / "bootstrap-icons.svg").read_text("utf-8")
    for found in re.finditer(r'<symbol[^>]*?viewBox="([^"]+)"[^>]*?id="([^"]+)"[^>]*>(.*?)</symbol>', text, re.DOTALL):
        box, name, body = found.groups()
        yield name, f'<symbol viewBox="{box}" id="{name}">{body}</symbol>'


def _asset(name: str, text: str) -> Asset:
    body = text.encode()
    return Asset(body, gzip.compress(body, 9, mtime=0), KINDS[Path(name).suffix])


def init_app(app: Flask) -> None:
    """Build, register the address, and give templates `asset(name)`."""
    assets = build(Path(app.root_path) / (app.template_folder or "templates"))
    app.extensions["siskop.assets"] = assets
    app.jinja_env.globals["asset"] = assets.url
    app.register_blueprint(blueprint)


@blueprint.get("/<digest>/<name>")
def send(digest: str, name: str) -> Response:
    """One file of the bundle; 404 for a name that is not in it. Never a cookie."""
    assets: Assets = current_app.extensions["siskop.assets"]
    asset = assets.files.get(name)
    if asset is None:
        abort(404)
    packed = request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if packed else asset.body, content_type=asset.kind)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVER if digest == assets.digest else FOR_NOW
    return response
