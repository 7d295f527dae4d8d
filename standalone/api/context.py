"""What a request is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask

if TYPE_CHECKING:
    from standalone.app import App

KEY = "standalone"


def app() -> App:
    """The App whose API this is."""
    found: App = flask.current_app.config[KEY]
    return found
