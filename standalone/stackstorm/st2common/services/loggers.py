"""Loggers of actions and sensors: they write to stderr."""

from __future__ import annotations

import logging
import os

_FORMAT = "%(asctime)s %(levelname)-8s %(name)s: %(message)s"


def stderr_logger(name: str) -> logging.Logger:
    """The logger of this name, writing to stderr at the level the runner was given."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)
        logger.setLevel(os.environ.get("ST2_ACTION_LOG_LEVEL", "DEBUG"))
        logger.propagate = False
    return logger
