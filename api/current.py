"""What belongs to the application that answers the present request."""

from flask import current_app

from api.services import Services


def services() -> Services:
    """The use cases of the present application."""
    found: Services = current_app.extensions["services"]
    return found
