"""What is wrong and what to do, as `siskop doctor` finds it."""

from __future__ import annotations

from flask import render_template

from siskop.web.admin import blueprint


@blueprint.get("/kesehatan")
def health() -> str:
    from siskop.pipeline import doctor  # it knows every part, Redis too: a third of a web server's start

    return render_template("admin/health.html", findings=doctor.examine())
