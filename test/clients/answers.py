"""Calls of an API by boto3 whose raw answers are checked against botocore's model.

Types, enumerations, lengths, what is required, what is unknown; each error has to be one that the model has for that action.
TAP on standard output.
"""
import json
import sys
import time

import botocore.exceptions
import botocore.httpsession
from botocore import xform_name

# what any action may answer, whatever its model says
COMMON = {'ValidationException', 'AccessDeniedException', 'ThrottlingException', 'UnknownOperationException', 'SerializationException',
          'InvalidSignatureException', 'UnrecognizedClientException', 'MissingAuthenticationTokenException', 'IncompleteSignatureException'}

count = 0
failed = 0
last = {}


def ok(condition, name):
    global count, failed
    count += 1
    failed += not condition
    print(f"{'ok' if condition else 'not ok'} {count} - {name}", flush=True)
    return condition


def end():
    print(f'1..{count}')
    sys.exit(1 if failed else 0)


def until(condition, seconds=60):
    deadline = time.time() + seconds
    while time.time() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return None


def keep_raw(send):
    def wrapper(self, request):
        response = send(self, request)
        last['status'], last['headers'], last['body'] = response.status_code, response.headers, response.content
        return response
    return wrapper


botocore.httpsession.URLLib3Session.send = keep_raw(botocore.httpsession.URLLib3Session.send)


def problems_of(shape, value, path):
    kind = shape.type_name
    if kind == 'structure':
        if not isinstance(value, dict):
            return [f'{path}: no object']
        found = [f'{path}: {name} is missing' for name in shape.required_members if name not in value]
        for name, member in value.items():
            if name not in shape.members:
                found.append(f'{path}: {name} is unknown')
            else:
                found += problems_of(shape.members[name], member, f'{path}.{name}')
        return found
    if kind == 'list':
        if not isinstance(value, list):
            return [f'{path}: no list']
        return [p for i, item in enumerate(value) for p in problems_of(shape.member, item, f'{path}[{i}]')]
    if kind == 'map':
        if not isinstance(value, dict):
            return [f'{path}: no map']
        return [p for key, item in value.items() for p in problems_of(shape.value, item, f'{path}.{key}')]
    types = {'string': str, 'integer': int, 'long': int, 'boolean': bool, 'timestamp': (int, float), 'double': (int, float), 'float': (int, float)}
    if not isinstance(value, types[kind]) or (kind != 'boolean' and isinstance(value, bool)):
        return [f'{path}: {value!r} is no {kind}']
    if kind != 'string':
        return []
    found = []
    if shape.enum and value not in shape.enum:
        found.append(f'{path}: {value!r} is none of {shape.enum}')
    if len(value) < shape.metadata.get('min', 0) or len(value) > shape.metadata.get('max', sys.maxsize):
        found.append(f'{path}: its length is {len(value)}')
    return found


def plain_value(shape):
    """A value that the model takes, as short as can be."""
    kind = shape.type_name
    if kind == 'structure':
        return {name: plain_value(shape.members[name]) for name in shape.required_members}
    if kind == 'list':
        return [plain_value(shape.member)]
    values = {'integer': max(shape.metadata.get('min', 1), 1), 'long': 1, 'boolean': False, 'timestamp': 1700000000, 'map': {}}
    return shape.enum[0] if getattr(shape, 'enum', None) else values.get(kind, 'x' * max(shape.metadata.get('min', 1), 1))


def wrong_values(shape, path=()):
    """(path, value) of each member whose bounds, characters or enumeration the value breaks; 0 in a path: in a list."""
    about, kind = shape.metadata, shape.type_name
    if kind == 'string':
        if getattr(shape, 'enum', None):
            yield path, 'NONSENSE'
        if 'max' in about:
            yield path, 'x' * (about['max'] + 1)
        if about.get('min', 0) > 0:
            yield path, ''
        if 'pattern' in about:
            yield path, 'a b'
    if kind == 'integer':
        yield from ((path, about[bound] + by) for bound, by in (('min', -1), ('max', 1)) if bound in about)
    if kind == 'list':
        if about.get('min', 0) > 0:
            yield path, []
        if 'max' in about:
            yield path, [plain_value(shape.member)] * (about['max'] + 1)
        yield from wrong_values(shape.member, (*path, 0))
    if kind == 'structure':
        for name, member in shape.members.items():
            yield from wrong_values(member, (*path, name))


def put(request, shape, path, value):
    """Puts the value at the path of the request, with what else its objects need."""
    if not path:
        return value
    if path[0] == 0:
        return [put(plain_value(shape.member), shape.member, path[1:], value)]
    member = shape.members[path[0]]
    begun = request.get(path[0])
    return {**request, path[0]: put(plain_value(member) if begun is None else begun, member, path[1:], value)}


class Checked:
    """A client whose calls are checked."""

    def __init__(self, client, content_type, may_lack=()):
        """may_lack: members that the service leaves out although the model requires them."""
        self.client = client
        self.content_type = content_type
        self.may_lack = may_lack
        self.model = client.meta.service_model
        self.called = set()
        self.has_failed = set()

    def operation(self, method):
        operation = self.client.meta.method_to_api_mapping[method]
        self.called.add(operation)
        return operation

    def not_called(self):
        return sorted(set(self.model.operation_names) - self.called)

    def not_failed(self):
        return sorted(set(self.model.operation_names) - self.has_failed)

    def refuses(self, operations, is_known_otherwise):
        """Whatever breaks the model is refused with ValidationException, but for is_known_otherwise(operation, path, value)."""
        for operation in operations:
            shape = self.model.operation_model(operation).input_shape
            method = getattr(self.client, xform_name(operation))
            taken = []
            for path, value in wrong_values(shape) if shape is not None else []:
                if is_known_otherwise(operation, path, value):
                    continue
                try:
                    method(**put(plain_value(shape), shape, path, value))
                    taken.append(f'{path}: {str(value)[:40]!r} is taken')
                except botocore.exceptions.ClientError as error:
                    if error.response['Error']['Code'] != 'ValidationException':
                        taken.append(f'{path}: {str(value)[:40]!r}: {str(error)[:200]}')
            ok(not taken, f'{operation}: what its model refuses is refused' + ''.join('\n# ' + line for line in taken))

    def check_answer(self, operation):
        shape = self.model.operation_model(operation).output_shape
        body = json.loads(last['body'])
        problems = problems_of(shape, body, operation) if shape is not None else []
        problems = [p for p in problems if p not in [f'{operation}: {name} is missing' for name in self.may_lack]]
        if last['headers'].get('Content-Type') != self.content_type:
            problems.append('its type is ' + str(last['headers'].get('Content-Type')))
        if not last['headers'].get('x-amzn-RequestId'):
            problems.append('it has no request id')
        ok(not problems, f'{operation}: the answer is as the model has it' + ''.join('\n# ' + p for p in problems))

    def call(self, method, **arguments):
        operation = self.operation(method)
        try:
            answer = getattr(self.client, method)(**arguments)
        except Exception as error:
            ok(False, f'{operation}: {type(error).__name__}: {error}')
            raise
        self.check_answer(operation)
        return answer

    def fails(self, code, method, text=None, **arguments):
        """text: what the message has to be, if it matters."""
        operation = self.operation(method)
        self.has_failed.add(operation)
        known = {shape.name: shape for shape in self.model.operation_model(operation).error_shapes}
        try:
            getattr(self.client, method)(**arguments)
        except botocore.exceptions.ClientError as error:
            got = error.response['Error']['Code']
            wanted = known[got].metadata.get('error', {}).get('httpStatusCode', 400) if got in known else 400
            ok(got == code, f'{operation}: fails with {code}' + ('' if got == code else f'\n# {got}: {error}'))
            ok(got in known or got in COMMON, f'{operation}: {got} is in its model')
            status = error.response['ResponseMetadata']['HTTPStatusCode']
            ok(status == wanted, f'{operation}: its status is {wanted}' + ('' if status == wanted else f'\n# {status}'))
            if got in known and hasattr(self.client.exceptions, got):
                ok(isinstance(error, getattr(self.client.exceptions, got)), f'{operation}: {got} is typed')
            said = error.response['Error']['Message']
            if text is not None:
                ok(said == text, f'{operation}: ... in its words' + ('' if said == text else f'\n# {said}'))
            return error
        ok(False, f'{operation}: does not fail with {code}')
        return None
