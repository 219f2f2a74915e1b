// As much of VS Code as the client asks for: what it registers is kept, so that a test can ask it
// as the editor does. What nobody looks at is a class without anything in it.
const { EventEmitter: Emitter } = require("node:events");
const path = require("node:path");
const { pathToFileURL, fileURLToPath } = require("node:url");

class Position {
  constructor(line, character) { Object.assign(this, { line, character }); }
}
class Range {
  constructor(...at) {
    const [start, end] = at.length === 4 ? [new Position(at[0], at[1]), new Position(at[2], at[3])] : at;
    Object.assign(this, { start, end });
  }
}
class Uri {
  constructor(text) { this.text = text; }
  static parse(text) { return new Uri(text); }
  static file(name) { return new Uri(pathToFileURL(name).href); }
  get scheme() { return this.text.split(":")[0]; }
  get fsPath() { return fileURLToPath(this.text); }
  get path() { return new URL(this.text).pathname; }
  with() { return this; }
  toString() { return this.text; }
}
class Diagnostic {
  constructor(range, message, severity) { Object.assign(this, { range, message, severity }); }
}
class CompletionItem {
  constructor(label) { this.label = label; }
}
class CompletionList {
  constructor(items, isIncomplete) { Object.assign(this, { items, isIncomplete }); }
}
class Hover {
  constructor(contents, range) { Object.assign(this, { contents, range }); }
}
class MarkdownString {
  constructor(value = "") { this.value = value; }
  appendCodeblock(text) { this.value += text; return this; }
}
class CodeActionKind {
  constructor(value) { this.value = value; }
  append(part) { return new CodeActionKind(this.value ? `${this.value}.${part}` : part); }
  static Empty = new CodeActionKind("");
  static QuickFix = new CodeActionKind("quickfix");
}
class Disposable {
  constructor(done) { this.done = done; }
  static from(...all) { return new Disposable(() => all.forEach((one) => one.dispose())); }
  dispose() { this.done?.(); }
}
class EventEmitter {
  #events = new Emitter();
  event = (listener, self) => {
    const bound = self ? listener.bind(self) : listener;
    this.#events.on("it", bound);
    return new Disposable(() => this.#events.off("it", bound));
  };
  fire(value) { this.#events.emit("it", value); }
  dispose() { this.#events.removeAllListeners(); }
}
class CancellationTokenSource {
  #emitter = new EventEmitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event };
  cancel() { this.token.isCancellationRequested = true; this.#emitter.fire(); }
  dispose() {}
}

/** An editor with a folder open and settings. */
exports.host = function host(folder, settings) {
  const held = { diagnostics: new Map(), providers: {}, commands: new Map(), errors: [], events: {}, output: [] };
  const event = (name) => (held.events[name] ??= new EventEmitter()).event;
  const channel = () => {
    const write = (text) => held.output.push(text);
    const nothing = () => {};
    return { append: write, appendLine: write, show: nothing, hide: nothing, clear: nothing, dispose: nothing,
      replace: nothing, trace: write, debug: write, info: write, warn: write, error: write, logLevel: 1, onDidChangeLogLevel: event("log") };
  };
  const documents = [];
  const known = {
    Position, Range, Uri, Diagnostic, CompletionItem, CompletionList, Hover, CodeActionKind, MarkdownString, Disposable, EventEmitter, CancellationTokenSource,
    __esModule: true,
    version: "1.91.0",
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    TextDocumentSaveReason: { Manual: 1 },
    env: { language: "en", appName: "a minimal host", appRoot: folder, onDidChangeTelemetryEnabled: event("telemetry") },
    workspace: {
      workspaceFolders: [{ uri: Uri.file(folder), name: path.basename(folder), index: 0 }],
      textDocuments: documents,
      notebookDocuments: [],
      getWorkspaceFolder: () => known.workspace.workspaceFolders[0],
      getConfiguration: (section) => ({
        get: (name, otherwise) => settings[`${section}.${name}`] ?? otherwise,
        inspect: () => undefined,
      }),
      createFileSystemWatcher: () => ({
        onDidCreate: event("created"), onDidChange: event("changed"), onDidDelete: event("deleted"), dispose() {},
      }),
    },
    window: {
      createOutputChannel: channel,
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: event("tabs"), onDidChangeTabGroups: event("groups") },
      showErrorMessage: async (message) => { held.errors.push(message); },
      showWarningMessage: async () => {},
      showInformationMessage: async () => {},
    },
    commands: {
      registerCommand: (name, run) => {
        held.commands.set(name, run);
        return new Disposable(() => held.commands.delete(name));
      },
      executeCommand: async () => {},
    },
    languages: {
      createDiagnosticCollection: () => ({
        set: (uri, found) => held.diagnostics.set(uri.toString(), found ?? []),
        delete: (uri) => held.diagnostics.delete(uri.toString()),
        clear: () => held.diagnostics.clear(),
        get: (uri) => held.diagnostics.get(uri.toString()),
        forEach: (each) => held.diagnostics.forEach((found, uri) => each(Uri.parse(uri), found)),
        dispose() {},
      }),
      match: (selector, document) =>
        [selector].flat().some((one) => one.language === document.languageId) ? 10 : 0,
    },
  };
  // A function for each kind of provider and each event; a class for all else.
  const open = (own, make) =>
    new Proxy(own, { get: (_, name) => (typeof name !== "string" || name in own ? own[name] : (own[name] = make(name))) });
  known.workspace = open(known.workspace, (name) => (name.startsWith("on") ? event(name) : undefined));
  known.window = open(known.window, (name) => (name.startsWith("on") ? event(name) : undefined));
  known.languages = open(known.languages, (name) =>
    name.startsWith("register")
      ? (...given) => {
          held.providers[name] = given[1];
          return new Disposable(() => delete held.providers[name]);
        }
      : name.startsWith("on") ? event(name) : undefined);
  // A module that says so is taken as it is; of others what they have of their own is copied.
  const others = new Map();
  const other = (name) => others.get(name) ?? others.set(name, class {}).get(name);
  const plain = ["then", "default"];
  const get = (_, name) => (typeof name !== "string" || plain.includes(name) ? undefined : other(name));
  const vscode = Object.setPrototypeOf(known, new Proxy({}, { get }));

  /** Opens a file as an editor does. */
  const openFile = (name, text) => {
    const lines = () => document.text.split("\n");
    const document = {
      uri: Uri.file(name), fileName: name, languageId: "yaml", version: 1, text, isClosed: false, isDirty: true,
      getText: () => document.text,
      get lineCount() { return lines().length; },
      lineAt: (line) => ({ text: lines()[line] }),
      positionAt: (offset) => {
        const before = document.text.slice(0, offset).split("\n");
        return new Position(before.length - 1, before.at(-1).length);
      },
      offsetAt: ({ line, character }) => lines().slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + character,
    };
    documents.push(document);
    held.events.onDidOpenTextDocument?.fire(document);
    return document;
  };
  return { vscode, held, openFile };
};
