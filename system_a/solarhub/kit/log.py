"""One log for our own lines and for those of the libraries: readable on a terminal, JSON everywhere else."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Sets up structlog and the standard library's logging alike. Lines go to `stream` (standard error by default)."""
    out = stream or sys.stderr
    terminal = out.isatty()
    # plain: drawing a traceback with rich takes two seconds, in which nobody is answered
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Processor = console if terminal else structlog.processors.JSONRenderer()
    # A terminal draws tracebacks itself; in JSON a traceback is one field of its line. Local variables stay out of it:
    # tokens and passwords are among them.
    frames = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20))
    last: list[Processor] = [renderer] if terminal else [frames, renderer]

    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
