#!/usr/bin/env python3
"""Keeps a mock under mixed load and shows whether its memory, descriptors and latency stay flat.

    tests/soak/soak.py --bin target/release --minutes 120 --out target/soak

Load: all scenarios of `scenarios/` again and again, each in a session of its own; clients that
create, read, list, remove, schedule and register webhooks; clients that break what HTTP asks of
them; watchers of events that go away; sessions that are dropped; a spec that changes. Beside it a
well-behaved client is timed. Each ten seconds a line is added to DIR/soak.csv; in the end DIR/soak.svg
has the curves and a line for each measure says how the last quarter compares with the second one.
Exits with 1 when one has risen, when a healthy client was refused, or when the mock has ended.
Needs Python's standard library alone.
"""

import argparse
import collections
import csv
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTERVAL = 10.0


class Soak:
    def __init__(self, options):
        self.options = options
        self.out = pathlib.Path(options.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="counterpart-soak-"))
        shutil.copytree(ROOT / "specs", self.folder / "specs")
        shutil.copy(ROOT / "tests/soak/soak.yaml", self.folder / "specs/soak.yaml")
        self.over = threading.Event()
        self.counts = collections.Counter()
        self.latencies = []
        self.lock = threading.Lock()
        self.problems = []
        self.log = open(self.out / "mock.log", "wb")
        self.mock = subprocess.Popen(
            [f"{options.bin}/counterpart-mock", "serve", "specs", "--listen", "127.0.0.1:0",
             "--watch", "-q"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.mock.stdout:
            if line.strip() == "ready":
                break
            address = re.search(r"http://([^:/]+):(\d+)", line)
            self.host, self.port = address[1], int(address[2])

    def problem(self, said):
        with self.lock:
            self.problems.append(said)
        print("problem:", said, flush=True)

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def connection(self, timeout=60):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, connection, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, content

    # Those who do as they should.

    def healthy(self):
        connection = self.connection()
        status, content = self.ask(connection, "POST", "/soak/items", {"name": "kept"})
        kept = json.loads(content)["id"]
        while not self.over.wait(0.02):
            start = time.perf_counter()
            path = f"/soak/items/{kept}" if random.random() < 0.8 else "/_counterpart/health"
            status, content = self.ask(connection, "GET", path)
            took = time.perf_counter() - start
            with self.lock:
                self.latencies.append(took)
            self.count("timed")
            if status != 200:
                self.problem(f"a healthy client got {status} for {path}: {content[:200]!r}")

    def items(self):
        connection = self.connection()
        number = 0
        mine = collections.deque()
        while not self.over.wait(0.01):
            session = f"/@soak-{random.randrange(40)}" if random.random() < 0.7 else ""
            drawn = random.random()
            try:
                if drawn < 0.5:
                    body = {"name": f"item {number}"}
                    if random.random() < 0.05:
                        body["tell"] = self.webhook
                    status, content = self.ask(connection, "POST", f"{session}/soak/items", body)
                    if status == 201:
                        mine.append((session, json.loads(content)["id"]))
                    number += 1
                elif drawn < 0.97 and mine:
                    session, item = mine.popleft()
                    path = f"{session}/soak/items/{item}"
                    self.ask(connection, "GET", path)
                    status, _ = self.ask(connection, "DELETE", path)
                elif drawn < 0.98:
                    status, _ = self.ask(connection, "GET", f"{session}/soak/items")
                elif drawn < 0.99:
                    status, _ = self.ask(connection, "POST", f"{session}/_counterpart/clock/advance", {"by": "PT1M"})
                else:
                    name = session.removeprefix("/@")
                    body = {"names": [name]} if name else None
                    path = "/_counterpart/sessions/drop" if name else f"/_counterpart/outbox/soak"
                    method = "POST" if name else "DELETE"
                    status, _ = self.ask(connection, method, path, body)
                self.count(f"items {status // 100}xx")
                if status >= 500:
                    self.problem(f"{status} for an item")
            except (OSError, http.client.HTTPException) as error:
                self.problem(f"a connection failed: {error!r}")
                connection = self.connection()

    def scenarios(self):
        while not self.over.is_set():
            result = subprocess.run(
                [f"{self.options.bin}/counterpart-test", "run", str(ROOT / "scenarios"), "--specs",
                 str(ROOT / "specs"), "--base-url", f"http://{self.host}:{self.port}",
                 "--test-threads", "2", "--color", "never"],
                cwd=self.folder, capture_output=True, text=True)
            self.count("suites")
            if result.returncode != 0:
                file = self.out / f"suite-{self.counts['suites']}.log"
                file.write_text(result.stdout + result.stderr)
                self.problem(f"scenarios: exit {result.returncode}: see {file}")
            self.over.wait(5)

    # Those who do not.

    def hostile(self):
        while not self.over.wait(0.05):
            try:
                with socket.create_connection((self.host, self.port), timeout=5) as raw:
                    self.fault(raw)
            except OSError:
                pass

    def fault(self, raw):
        kind = random.randrange(8)
        self.count(f"fault {kind}")
        post = b"POST /soak/items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        if kind == 0:
            raw.sendall(random.randbytes(random.randrange(2000)))
        elif kind == 1:
            raw.sendall(post + b"Content-Length: 1000\r\n\r\n{\"name\":")
        elif kind == 2:
            raw.sendall(post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
            raw.recv(1000)
        elif kind == 3:
            body = b"[" * 100_000
            raw.sendall(post + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            raw.recv(1000)
        elif kind == 4:
            body = b"{\"name\": \"" + b"x" * random.randrange(2_000_000) + b"\"}"
            raw.sendall(post.replace(b"items", b"nothing") + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            raw.recv(1000)
        elif kind == 5:
            raw.sendall(b"GET /soak/items/1 HTTP/1.1\r\nHost: x\r\n" * 3)
            self.over.wait(random.random() * 3)
        elif kind == 6:
            raw.sendall(b"GET /_counterpart/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            raw.recv(100)
            self.over.wait(random.random() * 3)
        else:
            raw.sendall(b"GET /soak/items HTTP/1.1\r\nHost: x\r\n\r\n" * 20)

    def reloads(self):
        spec = self.folder / "specs/soak.yaml"
        text = spec.read_text()
        revision = 0
        while not self.over.wait(15):
            revision += 1
            # Every third time it is saved half-written, and then whole.
            if revision % 3 == 0:
                spec.write_text(text[: len(text) // 2])
                self.over.wait(2)
            spec.write_text(text.replace("revision 0", f"revision {revision}"))
            self.count("reloads")

    def receive(self):
        soak = self

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(204 if random.random() < 0.9 else 500)
                self.end_headers()
                soak.count("webhooks")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.webhook = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    # What is measured.

    def sample(self):
        process = pathlib.Path(f"/proc/{self.mock.pid}")
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        with self.lock:
            latencies, self.latencies = sorted(self.latencies), []
        part = lambda share: latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000 if latencies else 0.0
        return {
            "seconds": round(time.monotonic() - self.began, 1),
            "memory MiB": round(int(status["VmRSS"].split()[0]) / 1024, 1),
            "descriptors": len(os.listdir(process / "fd")),
            "threads": int(status["Threads"]),
            "p50 ms": round(part(0.5), 2),
            "p99 ms": round(part(0.99), 2),
            "requests": sum(count for what, count in self.counts.items() if what.startswith(("items", "timed"))),
        }

    def run(self):
        self.receive()
        work = [self.healthy, self.scenarios, self.reloads] + [self.items] * 3 + [self.hostile] * 3
        threads = [threading.Thread(target=one, daemon=True) for one in work]
        self.began = time.monotonic()
        for thread in threads:
            thread.start()
        samples = []
        end = self.began + self.options.minutes * 60
        with open(self.out / "soak.csv", "w", newline="") as file:
            writer = None
            while time.monotonic() < end and not self.over.wait(INTERVAL):
                if self.mock.poll() is not None:
                    self.problem(f"the mock has ended: {self.mock.returncode}")
                    break
                sample = self.sample()
                samples.append(sample)
                if writer is None:
                    writer = csv.DictWriter(file, sample)
                    writer.writeheader()
                writer.writerow(sample)
                file.flush()
        self.over.set()
        for thread in threads:
            thread.join(30)
        if self.mock.poll() is None:
            self.mock.send_signal(signal.SIGTERM)
            if self.mock.wait(60) != 0:
                self.problem(f"the mock ended with {self.mock.returncode}")
        shutil.rmtree(self.folder)
        return self.judge(samples)

    def judge(self, samples):
        flat = True
        quarter = len(samples) // 4
        for measure, factor, room in [("memory MiB", 1.1, 8), ("descriptors", 1.1, 8), ("threads", 1.0, 4), ("p99 ms", 1.5, 5)]:
            values = lambda part: sorted(sample[measure] for sample in part)
            middle = lambda part: values(part)[len(part) // 2]
            before, after = middle(samples[quarter : 2 * quarter]), middle(samples[3 * quarter :])
            good = after <= before * factor + room
            flat = flat and good
            print(f"{measure}: {before} in the second quarter, {after} in the last one{'' if good else ': it has risen'}")
        print(dict(sorted(self.counts.items())))
        print(f"{len(self.problems)} problems")
        (self.out / "soak.svg").write_text(plot(samples))
        return 0 if flat and not self.problems else 1


def plot(samples):
    """The curves, one below the other."""
    width, height, gap = 900, 110, 34
    measures = ["memory MiB", "descriptors", "p50 ms", "p99 ms"]
    most_time = samples[-1]["seconds"] or 1
    parts = []
    for row, measure in enumerate(measures):
        top = row * (height + gap) + gap
        most = max(sample[measure] for sample in samples) or 1
        points = " ".join(
            f"{60 + sample['seconds'] / most_time * (width - 80):.1f},{top + height - sample[measure] / most * height:.1f}"
            for sample in samples)
        parts.append(f'<text x="60" y="{top - 8}">{measure}, at most {most}</text>'
                     f'<rect x="60" y="{top}" width="{width - 80}" height="{height}" fill="none" stroke="#ccc"/>'
                     f'<polyline points="{points}" fill="none" stroke="#06c"/>')
    total = len(measures) * (height + gap) + gap
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{total}" font-family="sans-serif" font-size="13">'
            f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}'
            f'<text x="60" y="{total - 8}">0 to {most_time / 60:.0f} minutes</text></svg>\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=str(ROOT / "target/release"), help="where the programs are")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--out", default=str(ROOT / "target/soak"))
    sys.exit(Soak(parser.parse_args()).run())


if __name__ == "__main__":
    main()
