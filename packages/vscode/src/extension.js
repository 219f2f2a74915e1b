// The client of `counterpart-mock lsp` in VS Code. What is a spec or a scenario is for the server
// to say: it leaves other YAML alone.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

const settings = () => vscode.workspace.getConfiguration("counterpart");

function make(channel) {
  const run = { command: settings().get("command") || "counterpart-mock", args: ["lsp"] };
  const specs = settings().get("specs");
  return new LanguageClient(
    "counterpart",
    "counterpart",
    { run, debug: run },
    {
      documentSelector: [{ scheme: "file", language: "yaml" }],
      initializationOptions: specs ? { specs } : {},
      outputChannel: channel,
    },
  );
}

async function start(channel) {
  client = make(channel);
  try {
    await client.start();
  } catch (error) {
    const { command } = { command: settings().get("command") || "counterpart-mock" };
    const chosen = await vscode.window.showErrorMessage(
      `counterpart: \`${command} lsp\` does not start: ${error.message ?? error}. ` +
        "Install counterpart-mock, or say in the setting counterpart.command where it is.",
      "Open the setting",
    );
    if (chosen) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "counterpart.command");
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  // One that has not started cannot be stopped, and has nothing to stop.
  await old?.stop().catch(() => {});
}

async function activate(context) {
  const channel = vscode.window.createOutputChannel("counterpart");
  const restart = async () => {
    await stop();
    await start(channel);
  };
  context.subscriptions.push(
    channel,
    vscode.commands.registerCommand("counterpart.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const ours = ["counterpart.command", "counterpart.specs"];
      return ours.some((name) => change.affectsConfiguration(name)) ? restart() : undefined;
    }),
  );
  await start(channel);
}

module.exports = { activate, deactivate: stop };
