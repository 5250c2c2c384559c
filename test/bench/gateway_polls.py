"""What requests cost that wait for an activity's task: memory, CPU while nothing comes, and how long a task takes to one of them.

gateway_polls.py PORT PID CLIENTS ARN-PREFIX

A task is timed from the answer to the start of its execution to the answer that hands it out, so a turn of an executor is in it.
"""
import base64
import json
import os
import resource
import select
import socket
import sys
import time

TASKS = 200
port, pid, clients, prefix = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
secret = base64.b64encode(b"test:test").decode()


def request(action, body):
    text = json.dumps(body)
    return ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic %s\r\nX-Amz-Target: AWSStepFunctions.%s\r\nContent-Length: %d\r\n\r\n%s"
            % (secret, action, len(text), text)).encode()


def connect():
    return socket.create_connection(("127.0.0.1", port))


def metric(name):
    with connect() as one:
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: one.recv(65536), b"")).decode()
    return int(next(line for line in text.splitlines() if line.startswith("sfn_gateway_%s " % name)).split()[1])


def ticks():
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def resident_kb():
    with open("/proc/%d/status" % pid) as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
if limit != resource.RLIM_INFINITY:
    clients = min(clients, limit - 100)
poll = request("GetActivityTask", {"activityArn": prefix + ":activity:work"})
waiting = select.epoll()
parked = {}
deadline = time.monotonic() + 120
for n in range(clients):
    one = connect()
    one.sendall(poll)
    parked[one.fileno()] = one
    waiting.register(one.fileno(), select.EPOLLIN)
while metric("parked") < clients:
    if time.monotonic() > deadline:
        sys.exit("gateway_polls.py: only %d of %d requests wait" % (metric("parked"), clients))
    time.sleep(0.1)
memory = resident_kb()
before = ticks()
time.sleep(5)
idle = (ticks() - before) / os.sysconf("SC_CLK_TCK") / 5

starter = connect()
start = request("StartExecution", {"stateMachineArn": prefix + ":stateMachine:asks", "input": "{}"})
times = []
for n in range(min(TASKS, clients)):
    starter.sendall(start)
    starter.recv(65536)
    began = time.perf_counter()
    ready = waiting.poll(60)
    if not ready:
        sys.exit("gateway_polls.py: a task reached nobody within a minute")
    times.append((time.perf_counter() - began) * 1000)
    for descriptor, _ in ready:
        parked[descriptor].recv(65536)
        waiting.unregister(descriptor)
times.sort()
median, worst = times[len(times) // 2], times[int(len(times) * 0.99)]
print("%9.2f  %d requests that wait take %.0f MB: <= %.0f" % (clients * 30 / memory * 1.024, clients, memory / 1024, clients * 30 / 1000))
print("%9.2f  ... and %.1f %% of a processor while no task comes: <= 1" % (0.01 / max(idle, 0.002), idle * 100))
print("%9.2f  one has a task %.1f ms after its execution was started, at the median: <= 5" % (5 / median, median))
print("%9.2f  ... %.1f ms, at the 99th of a hundred: <= 25" % (25 / worst, worst))
