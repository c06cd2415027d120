"""A Flask application that does nothing, for comparison."""

from flask import Flask

application = Flask("hello", static_folder=None)


@application.get("/")
def hello() -> str:
    return "hello"
