#!/usr/bin/env python3
"""Requests a second and round trips to the database of one, two and three replicas.

    benches/replicas.py target/release/counterpart-mock HOST:PORT|SOCKET [SECONDS]

The database (user and name `counterpart` and `postgres`) is one that may be written to: sessions
in it begin anew. Each replica reaches it through a counting proxy. A round trip is something sent
after something came.
"""

import asyncio
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SPEC = """
counterpart: 1
vendor: shop
mediaTypes:
  application/json: {wire: json}
collections:
  things:
    key: id
    schema:
      type: object
      properties: {id: {type: integer, generate: sequence}, name: {type: string}}
    fixtures: [{id: 1, name: first}]
errors:
  Missing: {status: 404, body: {message: missing}}
operations:
  - operationId: read
    method: GET
    path: /things/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - find: {in: things, where: {id: "${path.id}"}, as: thing, orElse: Missing}
      - respond: {status: 200, body: "${thing}"}
  - operationId: write
    method: POST
    path: /things
    requestBody: {schema: {type: object, properties: {name: {type: string}}}}
    steps:
      - insert: {in: things, values: "${body}", as: thing}
      - respond: {status: 201, body: "${thing}"}
"""
CLIENTS = 32
BODY = b'{"name":"another"}'


class Proxy:
    """Passes on to the database, and counts."""

    def __init__(self, place):
        self.place, self.trips = place, 0

    async def start(self):
        server = await asyncio.start_server(self.pass_on, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    async def pass_on(self, reader, writer):
        if self.place.startswith("/"):
            there = await asyncio.open_unix_connection(self.place)
        else:
            host, port = self.place.rsplit(":", 1)
            there = await asyncio.open_connection(host, int(port))
        came = [True]

        async def copy(source, target, is_answer):
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    if is_answer:
                        came[0] = True
                    elif came[0]:
                        came[0] = False
                        self.trips += 1
                    target.write(data)
                    await target.drain()
            target.close()

        await asyncio.gather(copy(reader, there[1], False), copy(there[0], writer, True))


async def client(port, session, writes, until):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    at = f"/@{session}" if session else ""
    head = f"Host: 127.0.0.1:{port}\r\n"
    if writes:
        head += f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
        request = f"POST {at}/shop/things HTTP/1.1\r\n{head}\r\n".encode() + BODY
    else:
        request = f"GET {at}/shop/things/1 HTTP/1.1\r\n{head}\r\n".encode()
    count = 0
    while time.monotonic() < until:
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise SystemExit(answer.decode())
        fields = answer.decode().lower().split("\r\n")
        length = [field[15:] for field in fields if field.startswith("content-length:")]
        await reader.readexactly(int(length[0]))
        count += 1
    writer.close()
    return count


async def load(ports, session, writes, clients, seconds):
    until = time.monotonic() + seconds
    clients = [client(ports[n % len(ports)], session, writes, until) for n in range(clients)]
    return sum(await asyncio.gather(*clients))


async def main():
    mock, place = os.path.abspath(sys.argv[1]), sys.argv[2]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 5.0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="counterpart-replicas-"))
    (folder / "shop.yaml").write_text(SPEC)
    print(f"{'':34}{'requests/s':>12}{'round trips each':>18}")
    for count in (1, 2, 3):
        proxy = Proxy(place)
        through = await proxy.start()
        url = f"postgres://counterpart@127.0.0.1:{through}/postgres?sslmode=disable"
        processes, ports = [], []
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                mock, "serve", "shop.yaml", "--listen", "127.0.0.1:0", "-q", "--store", url,
                cwd=folder, stdout=subprocess.PIPE)
            line = (await process.stdout.readline()).decode()
            ports.append(int(line.split("\t")[1].split("/")[2].rsplit(":", 1)[1]))
            processes.append(process)
        for session in ("", "mine"):
            for writes in (False, True):
                for clients in (1, CLIENTS):
                    await load(ports, session, writes, clients, seconds / 5)
                    before = proxy.trips
                    done = await load(ports, session, writes, clients, seconds)
                    trips = (proxy.trips - before) / max(done, 1)
                    what = "writes" if writes else "reads"
                    name = f"{count}, {what}, {session or 'default'}, {clients} clients"
                    print(f"{name:34}{done / seconds:12.0f}{trips:18.2f}", flush=True)
        for process in processes:
            process.terminate()
            await process.wait()


asyncio.run(main())
