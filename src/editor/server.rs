//! The loop: what an editor asks, one message after the other, and what it is told unasked when
//! it asks nothing.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::actions::actions;
use super::complete::complete;
use super::documents::{Documents, path_of};
use super::index::Which;
use super::language::Language;
use super::message::{self, Failure, Message};
use super::places::Spot;
use super::position::{self, Position};
use super::project::Project;
use super::published::Published;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The editor asked for it.
    Asked,
    /// The editor was gone, or did not ask in the right order.
    Lost,
}

/// Serves an editor until it says that it is enough, or is gone. Fails where nothing can be read or
/// written any more.
pub(crate) fn serve(
    mut input: impl BufRead + Send + 'static,
    output: &mut dyn Write,
) -> io::Result<End> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        loop {
            let read = message::read(&mut input);
            let is_last = !matches!(read, Ok(Some(_)));
            if sender.send(read).is_err() || is_last {
                return;
            }
        }
    });
    let mut server = Server {
        output,
        stage: Stage::New,
        documents: Documents::default(),
        project: Project::default(),
        published: Published::default(),
        changed: BTreeSet::new(),
        due: None,
        outdated: BTreeSet::new(),
    };
    server.run(&receiver)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Ready,
    ShutDown,
}

struct Server<'o> {
    output: &'o mut dyn Write,
    stage: Stage,
    documents: Documents,
    project: Project,
    published: Published,
    /// The open files that are to be checked again.
    changed: BTreeSet<PathBuf>,
    /// When that is done, if nobody types.
    due: Option<Instant>,
    /// The open files of which the names are to be read again after that.
    outdated: BTreeSet<PathBuf>,
}

/// A message, or that there are no more.
type Incoming = io::Result<Option<Message>>;

/// How long nobody has to type until what has changed is checked.
const PAUSE: Duration = Duration::from_millis(150);

impl Server<'_> {
    fn run(&mut self, receiver: &Receiver<Incoming>) -> io::Result<End> {
        loop {
            let next = match self.wait(receiver) {
                Ok(next) => Some(next),
                Err(RecvTimeoutError::Timeout) => {
                    self.settle()?;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => None,
            };
            let Some(message) = next.transpose()?.flatten() else {
                let is_asked = self.stage == Stage::ShutDown;
                return Ok(if is_asked { End::Asked } else { End::Lost });
            };
            if let Some(end) = self.take(message)? {
                return Ok(end);
            }
            self.due = Some(Instant::now() + PAUSE);
        }
    }

    /// The next message; or that it is time to check what has changed: who types is not told about
    /// each letter, and is answered first.
    fn wait(&self, receiver: &Receiver<Incoming>) -> Result<Incoming, RecvTimeoutError> {
        let is_settled = self.changed.is_empty() && self.outdated.is_empty();
        match self.due.filter(|_| !is_settled) {
            Some(due) => receiver.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn take(&mut self, message: Message) -> io::Result<Option<End>> {
        match message {
            Message::Response => {}
            Message::Malformed(id, failure) => message::answer(self.output, &id, Err(failure))?,
            Message::Notification(method, _) if method == "exit" => {
                let is_asked = self.stage == Stage::ShutDown;
                return Ok(Some(if is_asked { End::Asked } else { End::Lost }));
            }
            Message::Notification(method, params) => {
                if self.stage == Stage::Ready {
                    self.notified(&method, &params);
                }
            }
            Message::Request(id, method, params) => {
                let result = self.answer(&method, &params)?;
                message::answer(self.output, &id, result)?;
            }
        }
        Ok(None)
    }

    fn answer(&mut self, method: &str, params: &Value) -> io::Result<Result<Value, Failure>> {
        let failed = |code, message: &str| Ok(Err(Failure(code, message.to_owned())));
        match (self.stage, method) {
            (Stage::New, "initialize") => {
                self.stage = Stage::Ready;
                self.begin(params);
                return Ok(Ok(abilities()));
            }
            (Stage::New, _) => {
                return failed(Failure::NOT_INITIALIZED, "`initialize` has to come first");
            }
            (Stage::ShutDown, _) => {
                return failed(Failure::INVALID_REQUEST, "after `shutdown` comes only `exit`");
            }
            (Stage::Ready, "initialize") => {
                return failed(Failure::INVALID_REQUEST, "`initialize` has come already");
            }
            (Stage::Ready, "shutdown") => {
                self.stage = Stage::ShutDown;
                // Who asked for the end waits for nothing else.
                self.changed.clear();
                return Ok(Ok(Value::Null));
            }
            (Stage::Ready, _) => {}
        }
        let about = match method {
            "textDocument/codeAction" => About::range(params),
            "textDocument/completion"
            | "textDocument/hover"
            | "textDocument/definition"
            | "textDocument/references"
            | "textDocument/prepareRename"
            | "textDocument/rename" => About::position(params),
            _ => {
                let message = format!("there is no method `{method}` here");
                return failed(Failure::UNKNOWN_METHOD, &message);
            }
        };
        let Some(about) = about else {
            return failed(Failure::INVALID_PARAMS, "the parameters name no place in a document");
        };
        if matches!(about.place, Place::Range(_)) {
            self.check()?;
        }
        Ok(self.result(method, params, &about))
    }

    fn result(
        &mut self,
        method: &str,
        params: &Value,
        about: &About<'_>,
    ) -> Result<Value, Failure> {
        let path = path_of(about.uri);
        let Some(document) = self.documents.open.get(&path) else { return Ok(Value::Null) };
        let Some(language) = document.language else { return Ok(Value::Null) };
        Ok(match about.place {
            Place::Range(range) => {
                json!(actions(about.uri, &self.published.of(&path), range))
            }
            Place::At(at) if method != "textDocument/completion" => {
                let at = position::offset(&document.text, at);
                let (project, documents) = (&mut self.project, &self.documents);
                let which = match method {
                    "textDocument/hover" | "textDocument/definition" => Which::Last,
                    _ => Which::Now,
                };
                let Some(spot) = Spot::new(project, &path, language, at, which) else {
                    return Ok(Value::Null);
                };
                let given = params.pointer("/context/includeDeclaration") != Some(&json!(false));
                let found = match method {
                    "textDocument/hover" => spot.hover(project),
                    "textDocument/definition" => spot.definition(project, documents),
                    "textDocument/prepareRename" => spot.renamed(project)?,
                    "textDocument/rename" => {
                        let new = params.get("newName").and_then(Value::as_str);
                        let changes = spot.rename(project, documents, new.unwrap_or_default())?;
                        Some(changes)
                    }
                    _ => spot.references(project, documents, given),
                };
                found.unwrap_or_default()
            }
            Place::At(at) => {
                let items = complete(&mut self.project, &path, language, &document.text, at);
                json!({"isIncomplete": false, "items": items})
            }
        })
    }

    fn begin(&mut self, params: &Value) {
        let folder = params.pointer("/workspaceFolders/0/uri").or_else(|| params.get("rootUri"));
        self.project.root = folder.and_then(Value::as_str).map(path_of);
        let specs = params.pointer("/initializationOptions/specs").and_then(Value::as_str);
        let root = self.project.root.clone().unwrap_or_default();
        self.project.specs = specs.map(|specs| root.join(specs));
    }

    fn notified(&mut self, method: &str, params: &Value) {
        let text = |pointer| params.pointer(pointer).and_then(Value::as_str);
        let uri = text("/textDocument/uri").unwrap_or_default();
        match method {
            "textDocument/didOpen" => {
                let Some(text) = text("/textDocument/text") else { return };
                let path = self.documents.open(uri, text);
                self.change(path);
            }
            "textDocument/didChange" => {
                let changes = params.get("contentChanges").and_then(Value::as_array);
                let Some(changes) = changes else { return };
                if let Some(path) = self.documents.change(uri, changes) {
                    self.change(path);
                }
            }
            "textDocument/didClose" => {
                let path = self.documents.close(uri);
                self.published.forget(&path);
                self.change(path);
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.changed.extend(self.documents.open.keys().cloned());
            }
            _ => {}
        }
    }

    /// Notes what has to be checked again when a file has changed: itself, scenarios, which may
    /// be of that spec or include those steps, and the other files of a spec.
    fn change(&mut self, path: PathBuf) {
        for (other, document) in &self.documents.open {
            let is_beside = other.parent() == path.parent();
            if document.language != Some(Language::Spec) || is_beside {
                self.changed.insert(other.clone());
            }
        }
        self.outdated.insert(path.clone());
        self.changed.insert(path);
    }

    /// Does the next thing that waits until nobody types.
    fn settle(&mut self) -> io::Result<()> {
        if !self.changed.is_empty() {
            return self.check();
        }
        if let Some(path) = self.outdated.pop_first() {
            let language = self.documents.open.get(&path).and_then(|document| document.language);
            if let Some(language) = language {
                self.project.index.get(&path, language, Which::Now);
            }
        }
        Ok(())
    }

    /// Checks what has changed, and tells what is new.
    fn check(&mut self) -> io::Result<()> {
        for path in std::mem::take(&mut self.changed) {
            let language = self.documents.open.get(&path).and_then(|document| document.language);
            let Some(language) = language else {
                self.published.forget(&path);
                continue;
            };
            let found = self.project.check(&path, language, true);
            self.published.keep(&path, &found, &self.documents);
        }
        for (path, diagnostics) in self.published.news() {
            let uri = self.documents.uri(&path);
            let params = json!({"uri": uri, "diagnostics": diagnostics});
            message::notify(self.output, "textDocument/publishDiagnostics", &params)?;
        }
        Ok(())
    }
}

/// What a request is about.
struct About<'p> {
    uri: &'p str,
    place: Place<'p>,
}

enum Place<'p> {
    Range(&'p Value),
    At(Position),
}

impl<'p> About<'p> {
    fn range(params: &'p Value) -> Option<Self> {
        let uri = params.pointer("/textDocument/uri")?.as_str()?;
        Some(Self { uri, place: Place::Range(params.get("range")?) })
    }

    fn position(params: &'p Value) -> Option<Self> {
        let uri = params.pointer("/textDocument/uri")?.as_str()?;
        Some(Self { uri, place: Place::At(Position::read(params.get("position")?)?) })
    }
}

/// What the server can do.
fn abilities() -> Value {
    json!({
        "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": {"openClose": true, "change": 2, "save": true},
            "codeActionProvider": {"codeActionKinds": ["quickfix"]},
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "renameProvider": {"prepareProvider": true},
            "completionProvider": {"triggerCharacters": [".", "|"]},
        },
        "serverInfo": {"name": "counterpart", "version": env!("CARGO_PKG_VERSION")},
    })
}
