"""An S3 of one bucket for tests: GET, HEAD, PUT and DELETE of objects, lists of two objects a page.

The version "old" of every object is the text "old".

It is there thrice: below /bucket/; below /locked/, where requests must have a header X-Key; and below /signed/, where they
must be signed for the region eu-test-1 by the key access:secret.

Usage: s3_server.py DIRECTORY; objects are files below DIRECTORY/objects, the port is written to DIRECTORY/port.
"""
import hashlib
import hmac
import os
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

DIRECTORY = sys.argv[1]
ROOT = os.path.join(DIRECTORY, "objects")
PAGE = 2


def keys():
    found = []
    for folder, _, names in os.walk(ROOT):
        found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(found)


def page(prefix, token):
    rest = [key for key in keys() if key.startswith(prefix) and key > token]
    text = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult>"]
    text.append("<IsTruncated>%s</IsTruncated>" % ("true" if len(rest) > PAGE else "false"))
    if len(rest) > PAGE:
        text.append("<NextContinuationToken>%s</NextContinuationToken>" % escape(rest[PAGE - 1]))
    for key in rest[:PAGE]:
        size = os.path.getsize(os.path.join(ROOT, key))
        text.append("<Contents><Key>%s</Key><LastModified>2024-02-29T12:00:00.000Z</LastModified>"
                    "<ETag>&quot;abc&quot;</ETag><Size>%d</Size></Contents>" % (escape(key), size))
    return "".join(text + ["</ListBucketResult>"]).encode()


def signature(method, host, path, query, time):
    scope = time[:8] + "/eu-test-1/s3/aws4_request"
    pairs = sorted(pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
    request = "\n".join([method, path, "&".join(pairs), "host:" + host, "", "host", "UNSIGNED-PAYLOAD"])
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4secret"
    for part in scope.split("/") + [text]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


class Handler(BaseHTTPRequestHandler):
    def refused(self):
        path, _, query = self.path.partition("?")
        values = dict(urllib.parse.parse_qsl(query))
        made = signature(self.command, self.headers["Host"], path, query, values.get("X-Amz-Date", ""))
        good = values.get("X-Amz-Credential", "").startswith("access/") and values.get("X-Amz-Signature") == made
        if path.startswith("/locked/"):
            good = self.headers.get("X-Key") == "secret"
        if path.startswith("/bucket/") or good and "Authorization" not in self.headers:
            return False
        self.answer(403)
        return True

    def answer(self, status, body=b"", etag=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
            self.send_header("Last-Modified", "Thu, 29 Feb 2024 12:00:00 GMT")
            self.send_header("Content-Type", "text/plain")
            self.send_header("x-amz-meta-colour", "blue")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.refused():
            return
        path, _, query = self.path.partition("?")
        values = dict(urllib.parse.parse_qsl(query))
        name = urllib.parse.unquote(path)[len("/bucket/"):]
        if "list-type" in values:
            self.answer(200, page(values.get("prefix", ""), values.get("continuation-token", values.get("start-after", ""))))
        elif name == "forbidden":
            self.answer(403)
        elif os.path.isfile(os.path.join(ROOT, name)):
            with open(os.path.join(ROOT, name), "rb") as file:
                body = b"old" if values.get("versionId") == "old" else file.read()
                self.answer(200, body, '"%s"' % hashlib.md5(body).hexdigest())
        else:
            self.answer(404)

    do_HEAD = do_GET

    def do_DELETE(self):
        if self.refused():
            return
        name = os.path.join(ROOT, urllib.parse.unquote(self.path.partition("?")[0])[len("/bucket/"):])
        if os.path.isfile(name):
            os.remove(name)
        self.answer(204)

    def do_PUT(self):
        name = os.path.join(ROOT, urllib.parse.unquote(self.path.partition("?")[0])[len("/bucket/"):])
        os.makedirs(os.path.dirname(name), exist_ok=True)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.refused():
            return
        with open(name, "wb") as file:
            file.write(body)
        self.answer(200)

    def log_message(self, *args):
        pass


os.makedirs(ROOT)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(os.path.join(DIRECTORY, "port.new"), "w") as file:
    file.write(str(server.server_address[1]))
os.rename(os.path.join(DIRECTORY, "port.new"), os.path.join(DIRECTORY, "port"))
server.serve_forever()
