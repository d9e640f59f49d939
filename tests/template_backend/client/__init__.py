"""Client library for the controller that does not exist, free of Home Assistant."""

from .api import TemplateClient
from .models import Status

__all__ = ["Status", "TemplateClient"]
