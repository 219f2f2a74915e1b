// A server that speaks HTTP/2 and nothing else: node http2.js [KEY CERTIFICATE]
// It writes its URL, and a line for each connection.
const http2 = require("http2");
const zlib = require("zlib");
const fs = require("fs");

const [key, cert] = process.argv.slice(2);
const server = key
  ? http2.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) })
  : http2.createServer();
let connections = 0;
server.on("session", () => { connections += 1; });
server.on("sessionError", () => {});

const LARGE = 8 * 1024 * 1024;

server.on("stream", (stream, head) => {
  stream.on("error", () => {});
  const [path, method] = [head[":path"], head[":method"]];
  const json = (status, value, more = {}) => {
    stream.respond({ ":status": status, "content-type": "application/json", ...more });
    stream.end(JSON.stringify(value));
  };
  if (method === "POST" && path === "/v1/notes") {
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (part) => { text += part; });
    stream.on("end", () => json(201, { id: 41, ...JSON.parse(text) }, { location: "/v1/notes/41" }));
  } else if (path === "/v1/notes/41") {
    stream.respond({ ":status": 200, "content-type": "application/json", "content-encoding": "gzip" });
    stream.end(zlib.gzipSync(JSON.stringify({ id: 41, text: "Buy bread" })));
  } else if (path === "/v1/large") {
    stream.respond({ ":status": 200, "content-type": "application/octet-stream" });
    stream.end(Buffer.alloc(LARGE, "x"));
  } else if (path === "/v1/events") {
    // Its second half comes only once somebody has asked for `/v1/go`.
    stream.respond({ ":status": 200, "content-type": "text/event-stream" });
    stream.write("data: one\n\n");
    waiting = stream;
  } else if (path === "/v1/go") {
    waiting.end("data: two\n\n", () => json(200, { gone: true }));
  } else if (path === "/v1/seen") {
    json(200, { connections, authority: head[":authority"], scheme: head[":scheme"] });
  } else {
    json(404, { error: "there is no such path" });
  }
});
let waiting;

server.listen(0, "127.0.0.1", () => {
  console.log(`${key ? "https" : "http"}://localhost:${server.address().port}/v1`);
});
// It ends with whoever started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit());
