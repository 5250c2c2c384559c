#!/usr/bin/env python3
"""Calls of AWS services, compared with botocore.

   aws_models.py AWS_CALLS [SERVICE...]
   -v among the services: also prints what botocore itself refuses

AWS_CALLS is the program test/unit/aws_calls.c.  For each operation of the services (all of botocore's when none is
named) random parameters are written by both sides, and random responses read by both.  Prints each difference and
the counts; the exit status is 1 when there is a difference.
"""
import base64, datetime, gzip, json, random, re, subprocess, sys, tempfile, urllib.parse
import xml.etree.ElementTree as ET
from pathlib import Path

import botocore
from botocore import model, parsers, serialize
from botocore.awsrequest import HeadersDict

DATA = Path(botocore.__file__).parent / 'data'
SPOKEN = ('json', 'rest-json', 'query', 'ec2', 'rest-xml')
RESERVED = {'equals', 'notify', 'notifyAll', 'wait', 'toString', 'hashCode', 'getClass', 'finalize', 'builder',
            'toBuilder', 'sdkFields'}
KEYWORDS = set('''abstract assert boolean break byte case catch char class const continue default do double else enum
    extends false final finally float for goto if implements import instanceof int interface long native new null package
    private protected public return short static strictfp super switch synchronized this throw throws transient true try
    void volatile while'''.split())


def newest(service):
    version = sorted(p.name for p in (DATA / service).iterdir() if p.is_dir())[-1]
    for name in ('service-2.json.gz', 'service-2.json'):
        path = DATA / service / version / name
        if path.exists():
            text = gzip.open(path).read() if name.endswith('gz') else path.read_bytes()
            return text
    return None


def key_of(prefix, member):
    """A1 of the names: what a member is called in results."""
    if prefix == 'DynamoDb' and member == 'NULL':
        return 'Nul'
    run = re.match(r'[A-Z]+', member)
    name = member
    if run:
        end = run.end()
        if end > 1 and member[end:end + 1].islower():
            end -= 1
        name = member[:end].lower() + member[end:]
    if name in RESERVED or name.lower() in KEYWORDS:
        name += 'Value'
    return name[:1].upper() + name[1:]


class Maker:
    """Random values of a shape, small enough to be looked at."""

    def __init__(self, rng):
        self.rng = rng

    def value(self, shape, depth=0, members=3):
        rng = self.rng
        kind = shape.type_name
        if kind == 'structure':
            if getattr(shape, 'is_document_type', False):
                return {'a': [1, 'x', None, True]}
            names = list(shape.members)
            rng.shuffle(names)
            if getattr(shape, 'is_tagged_union', False):
                names = names[:1]
            chosen = {}
            for name in names:
                needed = name in shape.required_members or getattr(shape, 'is_tagged_union', False)
                if needed or (depth < 3 and len(chosen) < members):
                    if depth > 8 and not needed:
                        continue
                    chosen[name] = self.value(shape.members[name], depth + 1)
            return chosen
        if kind == 'list':
            return [] if depth > 6 else [self.value(shape.member, depth + 1) for _ in range(rng.choice((1, 2)))]
        if kind == 'map':
            return {} if depth > 6 else {self.text(True): self.value(shape.value, depth + 1) for _ in range(rng.choice((1, 2)))}
        if kind in ('integer', 'long', 'short', 'byte', 'bigInteger'):
            return rng.choice((0, 1, 42, 100000))
        if kind in ('float', 'double', 'bigDecimal'):
            return rng.choice((0.5, 2.25, 1000000.125))
        if kind == 'boolean':
            return rng.random() < 0.5
        if kind == 'timestamp':
            return datetime.datetime(2026, rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), 7, 9, tzinfo=datetime.timezone.utc)
        if kind == 'blob':
            return self.text(False).encode()
        return self.text(bool(shape.serialization.get('hostLabel')) or shape.serialization.get('location') == 'header')

    def text(self, plain):
        letters = 'abcXYZ-09' if plain else 'ab cX&<>"/+~=%é,Z'
        text = ''.join(self.rng.choice(letters) for _ in range(self.rng.randint(1, 8))).strip() or 'x'
        return 'a' + text.replace('-', '') if plain else text


def plain(value):
    """Values as a definition has them."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%SZ')
    if isinstance(value, bytes):
        return value.decode()
    return value


def run(program, mode, row, lines):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        file.write(row)
        file.flush()
        answer = subprocess.run([program, mode, file.name], input='\n'.join(json.dumps(l) for l in lines) + '\n',
                                capture_output=True, text=True)
    out = answer.stdout.splitlines()
    if len(out) != len(lines):
        raise SystemExit(f'aws_calls {mode}: {answer.stderr[-2000:]}')
    return [json.loads(l) for l in out]


# ---- requests ----

def xml_form(text):
    def form(node):
        return (node.tag, tuple(sorted(node.attrib.items())), node.text or '', tuple(form(child) for child in node))
    return form(ET.fromstring(text))


def body_form(protocol, body, content_type):
    if isinstance(body, dict):
        return sorted((k, str(v)) for k, v in body.items())
    if isinstance(body, str):
        body = body.encode()
    if protocol in ('query', 'ec2'):
        return sorted(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    try:
        if protocol in ('json', 'rest-json'):
            return json.loads(body) if body else ''
        return xml_form(body) if body[:1] == b'<' else body
    except (ValueError, ET.ParseError):
        return body


def query_form(query):
    if isinstance(query, dict):
        pairs = []
        for k, v in query.items():
            pairs += [(k, str(x)) for x in (v if isinstance(v, list) else [v])]
        return sorted(pairs)
    return sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))


# A deprecated operation that botocore misreads, and two shapes with one code.
KNOWN = ('s3 GetBucketNotification response', 'cloudwatch ResourceNotFound error')

OWN_HEADERS = ('x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm')


def expected_request(protocol, wanted):
    path, _, static = wanted['url_path'].partition('?')
    headers = {k.lower(): str(v) for k, v in wanted['headers'].items() if k.lower() not in OWN_HEADERS}
    if protocol == 'rest-xml' or (protocol == 'rest-json'):
        headers.pop('content-type', None)
    return {'method': wanted['method'], 'host': wanted.get('host_prefix') or '', 'path': path,
            'query': sorted(query_form(wanted['query_string'] or {}) + query_form(static)), 'headers': headers,
            'body': body_form(protocol, wanted['body'], '')}


def our_request(protocol, ours):
    if 'error' in ours:
        return ours
    headers = {}
    for line in ours['headers']:
        name, _, value = line.partition(': ')
        if name.lower() not in OWN_HEADERS:
            headers[name.lower()] = value
    if protocol == 'rest-xml' or protocol == 'rest-json':
        headers.pop('content-type', None)
    return {'method': ours['method'], 'host': ours['host_prefix'], 'path': ours['path'],
            'query': query_form(ours['query']), 'headers': headers,
            'body': body_form(protocol, base64.b64decode(ours['body']), '')}


# ---- responses ----

def wire(shape, name):
    return shape.serialization.get('name', name)


def time_text(shape, value, default):
    form = (shape.serialization.get('timestampFormat') or default).lower()
    if form == 'unixtimestamp':
        return int(value.timestamp())
    if form == 'rfc822':
        return value.strftime('%a, %d %b %Y %H:%M:%S GMT')
    return value.strftime('%Y-%m-%dT%H:%M:%SZ')


def to_json(shape, value):
    kind = shape.type_name
    if kind == 'structure':
        if getattr(shape, 'is_document_type', False):
            return value
        return {wire(shape.members[k], k): to_json(shape.members[k], v) for k, v in value.items()
                if not shape.members[k].serialization.get('location')}
    if kind == 'list':
        return [to_json(shape.member, v) for v in value]
    if kind == 'map':
        return {k: to_json(shape.value, v) for k, v in value.items()}
    if kind == 'timestamp':
        return time_text(shape, value, 'unixTimestamp')
    if kind == 'blob':
        return base64.b64encode(value).decode()
    return value


def to_xml(parent, shape, name, value):
    kind = shape.type_name
    flat = shape.serialization.get('flattened')
    if kind == 'structure':
        node = ET.SubElement(parent, name)
        for k, v in value.items():
            member = shape.members[k]
            if member.serialization.get('location'):
                continue
            if member.serialization.get('xmlAttribute'):
                space = (member.serialization.get('xmlNamespace') or shape.serialization.get('xmlNamespace') or {}).get('uri', '')
                node.set('{%s}%s' % (space, wire(member, k).split(':')[-1]) if ':' in wire(member, k) else wire(member, k), str(v))
                continue
            to_xml(node, member, wire(member, k), v)
        return node
    if kind == 'list':
        inner = shape.member.serialization.get('name')
        node = parent if flat else ET.SubElement(parent, name)
        for v in value:
            to_xml(node, shape.member, (inner or name) if flat else (inner or 'member'), v)
        return node
    if kind == 'map':
        node = parent if flat else ET.SubElement(parent, name)
        for k, v in value.items():
            entry = ET.SubElement(node, name if flat else 'entry')
            to_xml(entry, shape.key, wire(shape.key, 'key'), k)
            to_xml(entry, shape.value, wire(shape.value, 'value'), v)
        return node
    node = ET.SubElement(parent, name)
    if kind == 'timestamp':
        node.text = str(time_text(shape, value, 'iso8601'))
    elif kind == 'blob':
        node.text = base64.b64encode(value).decode()
    elif kind == 'boolean':
        node.text = 'true' if value else 'false'
    else:
        node.text = str(value)
    return node


def header_text(shape, value):
    kind = shape.type_name
    if kind == 'timestamp':
        return time_text(shape, value, 'rfc822')
    if kind == 'boolean':
        return 'true' if value else 'false'
    if kind == 'list':
        return ','.join(header_text(shape.member, v) for v in value)
    if shape.serialization.get('jsonvalue'):
        return base64.b64encode(json.dumps({'a': 1}).encode()).decode()
    return str(value)


def response_of(protocol, operation, value):
    shape = operation.output_shape
    headers = {'x-amzn-requestid': 'id-1'}
    if shape is None:
        return 200, headers, b''
    for k, v in value.items() if protocol.startswith('rest') else ():
        member = shape.members[k]
        location = member.serialization.get('location')
        if location == 'header':
            headers[wire(member, k)] = header_text(member, v)
        elif location == 'headers':
            headers.update({wire(member, '') + name: str(text) for name, text in v.items()})
    payload = shape.serialization.get('payload')
    if payload and protocol.startswith('rest'):
        member = shape.members[payload]
        if payload not in value:
            value[payload] = Maker(random.Random(1)).value(member)
        if member.type_name in ('blob', 'string'):
            body = value[payload]
            return 200, headers, body if isinstance(body, bytes) else body.encode()
        if protocol == 'rest-json':
            return 200, headers, json.dumps(to_json(member, value[payload])).encode()
        root = ET.Element('root')
        return 200, headers, ET.tostring(to_xml(root, member, wire(member, payload), value[payload]))
    if protocol in ('json', 'rest-json'):
        return 200, headers, json.dumps(to_json(shape, value)).encode()
    root = ET.Element('root')
    node = to_xml(root, shape, shape.serialization.get('resultWrapper', operation.name + 'Result'), value)
    if protocol == 'query':
        outer = ET.Element(operation.name + 'Response')
        outer.append(node)
        return 200, headers, ET.tostring(outer)
    return 200, headers, ET.tostring(node)


def renamed(prefix, shape, value):
    """What botocore has read, as a result shows it."""
    kind = shape.type_name
    if value is None:
        return None
    if kind == 'structure':
        if getattr(shape, 'is_document_type', False):
            return value
        return {key_of(prefix, k): renamed(prefix, shape.members[k], v) for k, v in value.items()
                if k in shape.members}
    if kind == 'list':
        return [renamed(prefix, shape.member, v) for v in value]
    if kind == 'map':
        return {k: renamed(prefix, shape.value, v) for k, v in value.items()}
    if kind == 'timestamp':
        return value.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return value


# ---- errors ----

def error_response(protocol, code):
    headers = {'x-amzn-requestid': 'id-1'}
    if protocol in ('json', 'rest-json'):
        return 400, headers, json.dumps({'__type': 'a.b#' + code, 'message': 'm'}).encode()
    if protocol == 'ec2':
        return 400, headers, f'<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors><RequestID>id-1</RequestID></Response>'.encode()
    inner = f'<Error><Code>{code}</Code><Message>m</Message></Error>'
    return 400, headers, f'<ErrorResponse>{inner}<RequestId>id-1</RequestId></ErrorResponse>'.encode()


def line_of(action, status, headers, body):
    head = f'HTTP/1.1 {status} X\r\n' + ''.join(f'{k}: {v}\r\n' for k, v in headers.items()) + '\r\n'
    return {'action': action, 'status': status, 'headers': head, 'body': base64.b64encode(body).decode()}


def action_of(operation):
    return operation[0].lower() + operation[1:]


class Counts:
    def __init__(self):
        self.equal = self.different = self.refused = 0

    def compare(self, what, wanted, ours):
        if wanted == ours or what in KNOWN:
            self.equal += 1
            return
        self.different += 1
        if self.different <= 30:
            print(f'not ok {what}\n   wanted {str(wanted)[:700]}\n   ours   {str(ours)[:700]}')

    def __str__(self):
        return f'{self.equal} equal, {self.different} different, {self.refused} that botocore refuses'


def compare_service(program, service, counts):
    text = newest(service)
    if text is None:
        return
    raw = json.loads(text)
    with tempfile.NamedTemporaryFile(suffix='.json') as file:
        file.write(text)
        file.flush()
        row = subprocess.run([program, 'model', file.name], capture_output=True, text=True, check=True).stdout
    facts = json.loads(row)
    protocol = facts['proto']
    if protocol not in SPOKEN:
        return
    loaded = model.ServiceModel(raw, service)
    rng = random.Random(service)
    maker = Maker(rng)
    serializer = serialize.create_serializer(protocol, False)
    parser = parsers.create_parser(protocol)
    requests, wanted_requests, responses, wanted_responses = [], [], [], []
    for name in loaded.operation_names:
        operation = loaded.operation_model(name)
        if 'es' in facts['ops'][name]:
            continue
        given = maker.value(operation.input_shape) if operation.input_shape else {}
        try:
            wanted_requests.append((name, expected_request(protocol, serializer.serialize_to_request(given, operation))))
            requests.append({'action': action_of(name), 'parameters': plain(given)})
        except Exception:
            counts[0].refused += 1
        value = maker.value(operation.output_shape, members=6) if operation.output_shape else {}
        status, headers, body = response_of(protocol, operation, value)
        try:
            read = parser.parse({'status_code': status, 'headers': HeadersDict(headers), 'body': body}, operation.output_shape)
            read.pop('ResponseMetadata', None)
            shown = renamed(facts['prefix'], operation.output_shape, read) if operation.output_shape else {}
            wanted_responses.append((name, shown))
            responses.append(line_of(action_of(name), status, headers, body))
        except Exception as problem:
            if '-v' in sys.argv: print('refused', service, name, repr(problem)[:200])
            counts[1].refused += 1
    for (name, wanted), ours in zip(wanted_requests, run(program, 'requests', row, requests) if requests else []):
        counts[0].compare(f'{service} {name} request', wanted, our_request(protocol, ours))
    for (name, wanted), ours in zip(wanted_responses, run(program, 'responses', row, responses) if responses else []):
        counts[1].compare(f'{service} {name} response', wanted, ours.get('result', ours))
    compare_errors(program, service, raw, row, facts, counts[2])


def compare_errors(program, service, raw, row, facts, counts):
    lines, wanted = [], []
    for name, shape in raw['shapes'].items():
        if not shape.get('exception'):
            continue
        code = shape.get('error', {}).get('code', name)
        base = re.sub(r'Fault$', '', name)
        lines.append(line_of('x', *error_response(facts['proto'], code)))
        wanted.append((name, base))
    for (name, base), ours in zip(wanted, run(program, 'responses', row, lines) if lines else []):
        said = ours.get('error', '')
        same = said.lower() in (f"{facts['prefix']}.{re.sub('[^A-Za-z0-9]', '', base)}".lower() + tail for tail in ('', 'exception'))
        counts.compare(f'{service} {name} error', True, same or said)


def main():
    program = sys.argv[1]
    services = [s for s in sys.argv[2:] if s != '-v'] or sorted(p.name for p in DATA.iterdir() if p.is_dir())
    counts = [Counts(), Counts(), Counts()]
    for service in services:
        compare_service(program, service, counts)
    for name, count in zip(('requests', 'responses', 'errors'), counts):
        print(f'{name}: {count}')
    sys.exit(any(count.different for count in counts))


main()
