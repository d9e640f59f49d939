"""Base of all HTTP clients, free of Home Assistant.

``HttpTransport`` sends requests to one server and translates failures into the error
family. ``Authenticator`` keeps a login. ``TlsPolicy`` defines which certificates are
trusted, ``fetch_certificate`` reads a server's certificate. ``json_fields`` reads
fields of an answer.
"""

from . import json_fields
from .address import base_url, find_in_parents
from .answer import Answer, Check, check_status
from .auth import Authenticator
from .certificate import fetch_certificate
from .errors import (
    AnswerTooLargeError,
    CertificateChangedError,
    CertificateNotTrustedError,
    ConnectionLostError,
    ConnectRefusedError,
    EmptyAnswerError,
    HostUnknownError,
    HtmlAnswerError,
    HttpsNeededError,
    InvalidAddressError,
    InvalidHeaderError,
    InvalidJsonError,
    NoRouteError,
    NotFoundError,
    NotHttpError,
    NotHttpsError,
    PermissionDeniedError,
    RedirectedError,
    ServerError,
    TimedOutError,
    TlsFailedError,
    UnexpectedJsonError,
    show_fingerprint,
)
from .instruments import Clock, Counters, ServerPause
from .tls import Certificate, TlsPolicy, build_context
from .transport import HttpTransport

__all__ = [
    "Answer",
    "AnswerTooLargeError",
    "Authenticator",
    "Certificate",
    "CertificateChangedError",
    "CertificateNotTrustedError",
    "Check",
    "Clock",
    "ConnectRefusedError",
    "ConnectionLostError",
    "Counters",
    "EmptyAnswerError",
    "HostUnknownError",
    "HtmlAnswerError",
    "HttpTransport",
    "HttpsNeededError",
    "InvalidAddressError",
    "InvalidHeaderError",
    "InvalidJsonError",
    "NoRouteError",
    "NotFoundError",
    "NotHttpError",
    "NotHttpsError",
    "PermissionDeniedError",
    "RedirectedError",
    "ServerError",
    "ServerPause",
    "TimedOutError",
    "TlsFailedError",
    "TlsPolicy",
    "UnexpectedJsonError",
    "base_url",
    "build_context",
    "check_status",
    "fetch_certificate",
    "find_in_parents",
    "json_fields",
    "show_fingerprint",
]
