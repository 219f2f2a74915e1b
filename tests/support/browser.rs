//! A browser without a window.
#![allow(dead_code, reason = "no test program uses all of it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

const PLACES: [&str; 2] = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

const PATIENCE: Duration = Duration::from_mins(3);

/// A browser with a profile of its own.
pub(crate) struct Browser {
    program: &'static str,
    profile: PathBuf,
}

impl Browser {
    /// The browser of this machine, if it has one; its profile goes into the folder.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        let program = PLACES.into_iter().find(|place| Path::new(place).exists())?;
        Some(Self { program, profile: folder.join("profile") })
    }

    /// The page as it is once its script has run.
    pub(crate) fn document(&self, address: &str) -> String {
        let output = Command::new(self.program)
            .args(FLAGS)
            .args(["--timeout=30000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", self.profile.display()))
            .arg(address)
            .stdin(Stdio::null())
            .output()
            .expect("the browser starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the browser failed: {errors}");
        String::from_utf8(output.stdout).expect("a document is UTF-8")
    }
}

/// A page in a browser that is steered over a pipe, by the protocol of its own tools, so that a
/// click is one of a user's, who may use the clipboard.
pub(crate) struct Steered {
    process: Child,
    orders: ChildStdin,
    answers: Receiver<Json>,
    session: Option<String>,
    last: u64,
}

impl Browser {
    /// Opens a page.
    pub(crate) fn steer(&self, address: &str) -> Steered {
        // The browser takes orders from descriptor 3 and answers on 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 >/dev/null 2>&1", "sh", self.program])
            .args(FLAGS)
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", self.profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let orders = process.stdin.take().expect("a pipe");
        let output = process.stdout.take().expect("a pipe");
        let (sender, answers) = channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0) {
                let Ok(message) = message else { return };
                let message = serde_json::from_slice(&message).expect("a message is JSON");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut steered = Steered { process, orders, answers, session: None, last: 0 };
        let made = steered.order("Target.createTarget", &json!({"url": address}));
        let target = json!({"targetId": made["targetId"], "flatten": true});
        let attached = steered.order("Target.attachToTarget", &target);
        steered.session = attached["sessionId"].as_str().map(str::to_owned);
        steered.order("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
        steered
    }
}

impl Steered {
    /// Gives an order and waits for what comes of it.
    fn order(&mut self, method: &str, parameters: &Json) -> Json {
        let answer = self.answer(method, parameters);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn answer(&mut self, method: &str, parameters: &Json) -> Json {
        self.last += 1;
        let mut order = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            order["sessionId"] = session.as_str().into();
        }
        write!(self.orders, "{order}\0").expect("the browser listens");
        loop {
            let answer = self.answers.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|_| panic!("no answer to {method}"));
            if answer["id"] == self.last {
                return answer;
            }
        }
    }

    /// Lets the page use the clipboard without asking anybody.
    pub(crate) fn allow_clipboard(&mut self) {
        let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        self.order("Browser.grantPermissions", &permissions);
    }

    /// What an expression of JavaScript, or what it promises, comes to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Json {
        let expression =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.order("Runtime.evaluate", &expression);
        assert!(result["exceptionDetails"].is_null(), "{result}");
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE;
        let asked = json!({"expression": expression, "returnByValue": true});
        // A page that is on its way to another one answers with an error.
        while self.answer("Runtime.evaluate", &asked)["result"]["result"]["value"] != true {
            assert!(Instant::now() < until, "{expression} does not come true");
            thread::yield_now();
        }
    }

    /// Keeps in that folder what is downloaded.
    pub(crate) fn download_into(&mut self, folder: &Path) {
        let place = json!({"behavior": "allow", "downloadPath": folder.display().to_string()});
        self.order("Browser.setDownloadBehavior", &place);
    }

    /// How wide and high the page is, and whether it is dark around it.
    pub(crate) fn look(&mut self, width: u32, height: u32, scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.order("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.order("Emulation.setEmulatedMedia", &scheme);
    }

    /// Presses a key that writes nothing, such as `ArrowDown`.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.order("Input.dispatchKeyEvent", &event);
        }
    }

    /// Writes a text where the focus is.
    pub(crate) fn write(&mut self, text: &str) {
        self.order("Input.insertText", &json!({"text": text}));
    }

    /// Clicks on the middle of the element that an expression gives.
    pub(crate) fn click(&mut self, element: &str) {
        let place = format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{block: 'center'}}); \
             const box = element.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let place = self.evaluate(&place);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.order("Input.dispatchMouseEvent", &event);
        }
    }
}

impl Drop for Steered {
    fn drop(&mut self) {
        let asked = write!(self.orders, "{}\0", json!({"id": 0, "method": "Browser.close"}));
        // The pipe ends with the last of its processes, so that none still writes its profile.
        let ends = |answers: &Receiver<Json>| loop {
            match answers.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(end) => return end == RecvTimeoutError::Disconnected,
            }
        };
        if asked.is_err() || !ends(&self.answers) {
            self.process.kill().ok();
        }
        self.process.wait().ok();
    }
}
