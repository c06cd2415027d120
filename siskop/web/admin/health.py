"""What is wrong and what to do, as `siskop doctor` finds it."""

from __future__ import annotations

from flask import render_template

from siskop.pipeline import doctor
from siskop.web.admin import blueprint


@blueprint.get("/kesehatan")
def health() -> str:
    return render_template("admin/health.html", findings=doctor.examine())
