"""httpx for servers of our own on loopback, which speak no TLS: the certificates that it would load
each time take longer than the answer.

    loopback.get(url), loopback.post(url, json=…), loopback.Client(base_url=…)
"""

from __future__ import annotations

import ssl
from functools import partial

import httpx

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Client = partial(httpx.Client, verify=NO_CERTIFICATES)
get = partial(httpx.get, verify=NO_CERTIFICATES)
post = partial(httpx.post, verify=NO_CERTIFICATES)
request = partial(httpx.request, verify=NO_CERTIFICATES)
