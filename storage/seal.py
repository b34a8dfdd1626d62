"""Words and bytes at rest: AES-256-GCM under a key of each customer's own.

A sealed value is ``mark (1 byte) | nonce (12) | ciphertext | tag (16)``: 29 bytes more than the plain one. The Redis
key is authenticated with it, so a value moved under another key (another customer's, say) does not open.

The mark is made of the key's hash, so that two keys that were both called 1 cannot be taken for one another. Values of
releases before bear the number that the key has in the settings; they open, and a rotation marks them anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.keys import customer_of
from storage.redis import StorageError

NONCE = 12  # bytes, random: NIST SP 800-38D allows 2**32 values under one key, and each customer has one
TAG = 16  # bytes
PIECE = 2**20  # bytes
CUSTOMERS_CACHED = 4096  # derived keys held in memory, about 1 kB each


class SealError(StorageError):
    """A value does not open, or the keys cannot be read. The message holds no key and no content."""


class Sealer:
    """Seals with the key ``current`` and opens with any of ``keys`` (id 1..255 → 32 bytes)."""

    def __init__(self, keys: Mapping[int, bytes], current: int) -> None:
        if current not in keys or not all(1 <= key_id <= 255 and len(key) == 32 for key_id, key in keys.items()):
            raise SealError("Every seal key is `id:key` with an id from 1 to 255 and 32 bytes in base64.")
        self.current = current
        self._keys = dict(keys)
        self._marks = {number: mark_of(key) for number, key in keys.items()}
        self._cipher = lru_cache(CUSTOMERS_CACHED)(self._derive)

    @classmethod
    def from_text(cls, text: str) -> Sealer:
        """``"1:base64key,2:base64key"``: the last one seals, the others still open what they sealed."""
        keys: dict[int, bytes] = {}
        current = 0
        for entry in text.strip().split(","):
            key_id, _, key = entry.strip().partition(":")
            try:
                current = int(key_id)
                raw = base64.b64decode(key, validate=True)
            except (ValueError, binascii.Error):
                raise SealError("Seal keys are written as `1:base64key,2:base64key`.") from None
            if current in keys:
                raise SealError(f"The key id {current} is there twice. Give the new key its own id.")
            keys[current] = raw
        return cls(keys, current)

    @classmethod
    def load_or_create(cls, path: Path) -> Sealer:
        """The keys in ``path`` (mode 600). Where it is missing it is made with one new key, whole or not at all."""
        with suppress(FileNotFoundError):
            return cls._load(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first: its key is the key
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        return cls._load(path)

    @classmethod
    def _load(cls, path: Path) -> Sealer:
        if path.stat().st_mode & 0o077:
            raise SealError(f"Others can read the seal keys in {path}. Run `chmod 600 {path}`.")
        return cls.from_text(path.read_text())

    def seal(self, key: str, plain: bytes) -> bytes:
        """``plain`` for the Redis key ``key``, which must be a customer's (else ValueError)."""
        head, nonce = self._head()
        return head + self._cipher(self.current, customer_of(key)).encrypt(nonce, plain, key.encode())

    def pieces(self, key: str, plain: Sequence[bytes]) -> tuple[int, Iterator[bytes]]:
        """What ``seal`` makes of all ``plain`` together: its size, and pieces of about a megabyte, each made when it
        is asked for. So what may be 20 MB is nowhere twice."""
        return sum(map(len, plain)) + 1 + NONCE + TAG, self._pieces(key, plain)

    def _pieces(self, key: str, plain: Sequence[bytes]) -> Iterator[bytes]:
        head, nonce = self._head()
        cipher = Cipher(AES(self._key(self.current, customer_of(key))), GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(key.encode())
        piece = head
        for part in plain:
            view = memoryview(part)
            for at in range(0, len(part), PIECE):
                sealed = cipher.update(view[at : at + PIECE])
                if len(piece) + len(sealed) <= PIECE:  # a usual photo is one piece: each is a write to the store
                    piece += sealed
                else:
                    yield piece
                    piece = sealed
        yield piece + cipher.finalize() + cipher.tag

    def _head(self) -> tuple[bytes, bytes]:
        """(what stands before the ciphertext, the nonce in it)."""
        nonce = os.urandom(NONCE)
        return bytes([self._marks[self.current]]) + nonce, nonce

    def pseudonyms(self, customer: int) -> list[str]:
        """Names that tell nobody without the keys who it is: the current key's first, then those of older ones."""
        keys = [self._keys[self.current], *(key for number, key in self._keys.items() if number != self.current)]
        return [hmac.new(key, b"photodesk name %d" % customer, hashlib.sha256).hexdigest() for key in keys]

    def open(self, key: str, sealed: bytes) -> bytes:
        """What was sealed for ``key``. Raises SealError for anything else."""
        mark = sealed[0] if sealed else 0
        candidates = self._candidates(mark)
        if not candidates:
            raise SealError(f"{key} is sealed with a key (mark {mark}) that is not here. Add it to STORAGE_SEAL_KEYS.")
        for number in candidates:
            with suppress(SealError):
                return self._opened(number, key, sealed)
        raise SealError(f"{key} does not open: it was changed, moved from another key, or sealed elsewhere.")

    def is_current(self, key: str, sealed: bytes) -> bool:
        """Whether ``sealed`` was made by the key that seals now, and opens with it."""
        if not sealed or sealed[0] != self._marks[self.current]:
            return False
        with suppress(SealError):
            self._opened(self.current, key, sealed)
            return True
        return False

    def _candidates(self, mark: int) -> list[int]:
        """Numbers of the keys that may have made a value with this first byte."""
        marked = [number for number, own in self._marks.items() if own == mark]
        return [*marked, *([mark] if mark in self._keys and mark not in marked else [])]

    def _opened(self, number: int, key: str, sealed: bytes) -> bytes:
        nonce, body = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            return self._cipher(number, customer_of(key)).decrypt(nonce, body, key.encode())
        except (InvalidTag, ValueError):  # ValueError: a nonce cut short
            raise SealError(key) from None

    def _derive(self, key_id: int, customer: int) -> AESGCM:
        return AESGCM(self._key(key_id, customer))

    def _key(self, key_id: int, customer: int) -> bytes:
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"photodesk customer %d" % customer)
        return hkdf.derive(self._keys[key_id])


def mark_of(key: bytes) -> int:
    """1..255, of the key's hash: says which key it is, and nothing of it."""
    return 1 + hashlib.sha256(b"photodesk seal key\0" + key).digest()[0] % 255
