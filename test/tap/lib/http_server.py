"""An HTTP server for tests: answers as the path says, well or badly.

Usage: http_server.py DIRECTORY [CERTIFICATES]; writes its port to DIRECTORY/port and a line of JSON for each request to
DIRECTORY/requests.  With a directory of certificates it speaks TLS; where that holds ca.pem, it wants a certificate of
its clients.
"""
import asyncio
import gzip
import json
import os
import random
import struct
import socket
import ssl
import sys

DIRECTORY = sys.argv[1]
LOG = open(os.path.join(DIRECTORY, "requests"), "a", buffering=1)
HELD = 0
SEEN = set()


def answer(status, text, body, headers=()):
    head = ["HTTP/1.1 %d %s" % (status, text), "Content-Length: %d" % len(body)]
    return ("\r\n".join(head + list(headers)) + "\r\n\r\n").encode("latin-1") + body


JSON = "Content-Type: application/json"

FIXED = {
    "/json": answer(200, "OK", b'{"a": [1, 2.50]}', [JSON]),
    "/text": answer(200, "OK", b"plain", ["Content-Type: text/plain", "X-Two: one", "X-Two: two"]),
    "/keyed": answer(200, "OK", b"{}", [JSON]),
    "/basic": answer(200, "OK", b"{}", [JSON]),
    "/empty": answer(204, "No Content", b""),
    "/bad-json": answer(200, "OK", b'{"a": ', [JSON]),
    "/nul": answer(200, "OK", b"a\0b", ["Content-Type: text/plain"]),
    "/nul-json": answer(200, "OK", b'"a\\u0000b"', [JSON]),
    "/latin": answer(200, "OK", b"caf\xe9", ["Content-Type: text/plain"]),
    "/binary": answer(200, "OK", bytes(range(256)), ["Content-Type: application/octet-stream"]),
    "/image": answer(200, "OK", b"GIF89a", ["Content-Type: image/gif"]),
    "/deep": answer(200, "OK", b"[" * 100000 + b"]" * 100000, [JSON]),
    "/gzip": answer(200, "OK", gzip.compress(b'{"zipped": true}'), [JSON, "Content-Encoding: gzip"]),
    "/bomb": answer(200, "OK", gzip.compress(b" " * 50000000), [JSON, "Content-Encoding: gzip"]),
    "/large": answer(200, "OK", b"x" * 300000, ["Content-Type: text/plain"]),
    "/large-500": answer(500, "Broken", b"x" * 300000, ["Content-Type: text/plain"]),
    "/garbage": b"\x00\xff\xfe garbage \r\n\r\n",
    "/partial": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    "/half-header": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "/nothing": b"",
    "/bad-status": b"HTTP/1.1 xyz OK\r\nContent-Length: 0\r\n\r\n",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    "/bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello",
    "/negative-length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "/nul-header": b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "/long-header": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 90000 + b"\r\nContent-Length: 0\r\n\r\n",
    "/odd-header": b"HTTP/1.1 200 OK\r\n: nameless\r\nX-B\xff: \xff\xfe\r\nX-C: c\r\nContent-Length: 0\r\n\r\n",
    "/interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n" + answer(200, "OK", b"late"),
    "/redirect": answer(302, "Found", b"", ["Location: http://169.254.169.254/latest/meta-data/"]),
    "/busy": answer(503, "Service Unavailable", b"", ["Retry-After: 2"]),
    "/function-error": answer(200, "OK", b'{"errorType": "OutOfTea", "errorMessage": "none"}', [JSON, "X-Amz-Function-Error: Unhandled"]),
}


async def endless(writer, line):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(line * 100)
        await writer.drain()


async def respond(path, request, reader, writer):
    global HELD
    if path in FIXED:
        writer.write(FIXED[path])
        await writer.drain()
        return path in ("/json", "/text", "/busy", "/interim", "/gzip")
    if path.startswith("/status/"):
        writer.write(answer(int(path.split("/")[2]), "Said So", b"{}", [JSON]))
    elif path == "/reset":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False
    elif path == "/bytewise":
        for byte in answer(200, "OK", b"slow but sure"):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.002)
    elif path == "/chunks":
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n")
        writer.write(b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n")
    elif path == "/endless-headers":
        await endless(writer, b"X-More: header\r\n")
    elif path == "/endless-body":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        await endless(writer, b"x" * 1000)
    elif path == "/slow-loris":
        while True:
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(1)
    elif path == "/hang":
        HELD += 1
        try:
            await reader.read()             # until the client gives up
        finally:
            HELD -= 1
    elif path == "/first" and request["path"] not in SEEN:
        SEEN.add(request["path"])           # later ones are echoed
        await reader.read()
    elif path.startswith("/drop/") and request["nth"] > 1:
        return False                        # a connection that was used before dies without a word
    elif path == "/held":
        writer.write(answer(200, "OK", b"%d" % HELD, [JSON]))
    elif path == "/second":
        await asyncio.sleep(1)
        writer.write(answer(200, "OK", b"{}", [JSON]))
    elif path.startswith("/after/"):
        await asyncio.sleep(float(path.split("/")[2]))
        writer.write(answer(200, "OK", b"{}", [JSON]))
    elif path == "/whim":                   # as a service on a bad day
        whim = random.random()
        if whim < 0.1:
            return False
        await asyncio.sleep(2 if whim < 0.2 else whim / 10)
        writer.write(answer(500, "Broken", b"{}", [JSON]) if whim > 0.85 else answer(200, "OK", b"{}", [JSON]))
    elif path == "/token":
        FIXED["count"] = FIXED.get("count", 0) + 1
        writer.write(answer(200, "OK", b'{"access_token": "tok-%d", "token_type": "Bearer", "expires_in": 3600}' % FIXED["count"], [JSON]))
    elif path == "/bearer":
        good = request["headers"].get("authorization") == "Bearer tok-%d" % FIXED.get("count", 0)
        writer.write(answer(200 if good else 401, "OK" if good else "Unauthorized", b"{}", [JSON]))
    elif path == "/expire-token":
        FIXED["count"] = FIXED.get("count", 0) + 10
        writer.write(answer(200, "OK", b"{}", [JSON]))
    else:
        writer.write(answer(200, "OK", json.dumps(request).encode(), [JSON]))
    await writer.drain()
    return True


async def serve(reader, writer):
    count = 0
    patience = None
    try:
        while True:
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), patience)).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ", 2)
            pairs = [line.split(":", 1) for line in head[1:] if line]
            headers = {name.lower(): value.strip() for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            count += 1
            request = {"nth": count, "method": method, "path": path, "headers": headers, "names": [name for name, _ in pairs],
                       "body": body.decode("utf-8", "replace")}
            LOG.write(json.dumps(request) + "\n")
            if not await respond(path.split("?")[0], request, reader, writer):
                break
            patience = 5 if path.startswith("/impatient") else None     # then an idle connection is closed
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass
    finally:
        writer.close()


def tls():
    if len(sys.argv) < 3:
        return None
    authority = os.path.join(sys.argv[2], "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.path.join(sys.argv[2], "server.pem"), os.path.join(sys.argv[2], "server.key"))
    if os.path.exists(authority):
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096, ssl=tls())
    with open(os.path.join(DIRECTORY, "port.new"), "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(os.path.join(DIRECTORY, "port.new"), os.path.join(DIRECTORY, "port"))
    async with server:
        await server.serve_forever()


asyncio.run(main())
