"""An issuer's keys (JWKS, RFC 7517), from a file or over HTTP, kept up to date beside everything else (KIP-768)."""

import json
import logging
import re
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit

import trio
from jwt import PyJWK

from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0
MAX_BYTES = 4 << 20
MISSING_KEY_S = 60.0  # a key id that wasn't there is not looked for again before
MAX_MISSING = 16
MAX_KEY_ID = 1000
_URL = "sasl.oauthbearer.jwks.endpoint.url"


class Jwks:
    """The keys at one URL."""

    def __init__(self, values: TypedValues) -> None:
        """Take `sasl.oauthbearer.jwks.endpoint.…` of a listener. Raises StartupError for a URL that is none."""
        self._url = values.str(_URL)
        self._refresh_s = values.int("sasl.oauthbearer.jwks.endpoint.refresh.ms") / 1000
        self._backoff_s = values.int("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms") / 1000
        self._max_backoff_s = values.int("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms") / 1000
        self._keys: Sequence[PyJWK] = ()
        self._missing: dict[str, float] = {}  # key id to when it was looked for
        self._wanted = trio.Event()
        try:
            parts = urlsplit(self._url)
            usable = parts.scheme in ("file", "http", "https") and bool(parts.netloc or parts.path)
        except ValueError:  # brackets that are no address
            usable = False
        if not usable:
            raise StartupError(f"{_URL} is {self._url!r}, but must be a URL of file, http or https")
        self._file = Path(unquote(parts.path)) if parts.scheme == "file" else None

    @property
    def keys(self) -> Sequence[PyJWK]:
        """The keys as they were last read."""
        return self._keys

    def look_for(self, key_id: str) -> None:
        """Read the keys soon: a token has one that isn't known. Clients can't make this happen at will."""
        now = trio.current_time()
        self._missing = {one: at for one, at in self._missing.items() if now - at < MISSING_KEY_S}
        if len(key_id) <= MAX_KEY_ID and key_id not in self._missing and len(self._missing) < MAX_MISSING:
            self._missing[key_id] = now
            self._wanted.set()

    async def load(self) -> None:
        """Read the keys once. Raises OSError, ValueError or HTTPException."""
        self._wanted = trio.Event()  # whoever asks from now on may want newer ones
        self._keys = parse_keys(await trio.to_thread.run_sync(self._read, abandon_on_cancel=True))

    async def run(self) -> None:
        """Keep the keys up to date; when they can't be read, those that are known stay. Cancel to end it."""
        backoff = self._backoff_s
        while True:
            try:
                await self.load()
            except (OSError, ValueError, HTTPException) as error:
                log.warning("can't read keys of %s: %s", self._url, error)
                await trio.sleep(backoff)
                backoff = min(max(2 * backoff, 0.1), max(self._max_backoff_s, 0.1))
                continue
            backoff = self._backoff_s
            with trio.move_on_after(self._refresh_s):
                await self._wanted.wait()

    def _read(self) -> bytes:
        if self._file is not None:
            return self._file.read_bytes()
        request = urllib.request.Request(self._url, headers={"Accept": "application/json"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - http and https only
                data: bytes = answer.read(MAX_BYTES + 1)
        except HTTPError as error:
            error.close()
            raise
        if len(data) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        return data


def parse_keys(data: bytes) -> list[PyJWK]:
    """The keys to check signatures with; those of unknown kinds, and for encryption, are left out.

    Raises ValueError.
    """
    try:
        document = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("it has no list of keys")
    keys = []
    for each in document["keys"]:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig" or each.get("kty") == "oct":
            continue
        try:
            keys.append(PyJWK(each))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are needed
            log.warning(
                "a key with id %s is left out: %s", re.sub(r"[^ -~]", "?", str(each.get("kid"))), error
            )
    return keys
