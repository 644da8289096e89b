"""What can happen to a WebSocket on its way, from the server's end."""

from __future__ import annotations

import socket
import struct

from websockets.asyncio.server import ServerConnection


def abort(connection: ServerConnection) -> None:
    """TCP reset: no close frame, no FIN."""
    transport = connection.transport
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()
