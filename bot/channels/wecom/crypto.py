"""WeCom's message encryption (WXBizMsgCrypt): signs, encrypts and decrypts what the callbacks carry.

The self-built app's callback uses it with the corporation's id as receiver, the 智能机器人 with none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import struct
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.errors import BadInput, SettingError

BLOCK = 32
"""Padding fills whole blocks of 32 bytes, twice the block of AES."""
_HEAD = 20
"""16 random bytes, then the length of the message in 4."""

SIGNATURE, XML, RECEIVER = -40001, -40002, -40005
ENCRYPTION, DECRYPTION, BUFFER, BASE64 = -40006, -40007, -40008, -40010


class Refused(BadInput):
    """What came is not from WeCom, not for us, or broken. `code` is the one of WeCom's own libraries.

    `reason` is one English word or two for the log; nothing of the content is kept.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(
            f"企业微信的这条消息没有通过检查（{code}）。", "请核对回调的 Token 和 EncodingAESKey。"
        )
        self.code, self.reason = code, reason


class MessageCrypt:
    """The keys of one callback address. Raises SettingError when a key was not copied whole.

    `receive_id` is the corporation's id for a self-built app and "" for a 智能机器人; `random` gives that many bytes.

    Example:
        crypt = MessageCrypt(token, key, "ww0123456789abcdef")
        crypt.verify(msg_signature, timestamp, nonce, encrypted)
        text = crypt.decrypt(encrypted)
    """

    def __init__(
        self,
        token: str,
        encoding_aes_key: str,
        receive_id: str,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        if re.fullmatch(r"[0-9A-Za-z]{3,32}", token) is None:
            raise SettingError(
                "企业微信的 Token 不对：应当是 3 到 32 位字母和数字。", "到接收消息的设置页再复制一次。"
            )
        if re.fullmatch(r"[0-9A-Za-z]{43}", encoding_aes_key) is None:
            raise SettingError(
                f"企业微信的 EncodingAESKey 不对：应当正好 43 位字母和数字，现在有 {len(encoding_aes_key)} 位。",
                "到接收消息的设置页再复制一次。",
            )
        key = base64.b64decode(encoding_aes_key + "=")  # the two spare bits of the last sign may be anything
        self._token, self._receive_id, self._random = token, receive_id.encode(), random
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """40 hexadecimal digits."""
        parts = sorted(_bytes(part) for part in (self._token, timestamp, nonce, encrypted))
        return hashlib.sha1(b"".join(parts)).hexdigest()  # noqa: S324  WeCom's choice

    def verify(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Raises Refused; takes as long for a signature that is nearly right as for any other."""
        if not hmac.compare_digest(_bytes(self.sign(timestamp, nonce, encrypted)), _bytes(signature)):
            raise Refused(SIGNATURE, "signature")

    def decrypt(self, encrypted: str) -> str:
        """The message, once `verify` has let it pass. Raises Refused."""
        try:
            secret = base64.b64decode(encrypted, validate=True)
        except ValueError:
            raise Refused(BASE64, "base64") from None
        if not secret or len(secret) % BLOCK:
            raise Refused(DECRYPTION, "length of the cipher text")
        decryptor = self._cipher.decryptor()
        plain = _without_padding(decryptor.update(secret) + decryptor.finalize())
        if len(plain) < _HEAD:
            raise Refused(BUFFER, "no length")
        end = _HEAD + struct.unpack(">I", plain[_HEAD - 4 : _HEAD])[0]
        if end > len(plain):
            raise Refused(BUFFER, "length of the message")
        if plain[end:] != self._receive_id:
            raise Refused(RECEIVER, "receiver")
        try:
            return plain[_HEAD:end].decode()
        except UnicodeDecodeError:
            raise Refused(DECRYPTION, "not UTF-8") from None

    def encrypt(self, text: str) -> str:
        """`text` for the receiver, as base64."""
        try:
            message = text.encode()
        except UnicodeEncodeError:
            raise Refused(ENCRYPTION, "half a character") from None
        plain = self._random(16) + struct.pack(">I", len(message)) + message + self._receive_id
        fill = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(
            encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()
        ).decode()


def _without_padding(plain: bytes) -> bytes:
    fill = plain[-1]
    if not 1 <= fill <= BLOCK or plain[-fill:] != bytes([fill]) * fill:
        raise Refused(BUFFER, "padding")
    return plain[:-fill]


def _bytes(text: str) -> bytes:
    """Never fails: JSON and URLs can hold half a character, and it is signed by nobody."""
    return text.encode("utf-8", "surrogatepass")
