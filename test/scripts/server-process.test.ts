import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import type { MigrationError } from "../../errors/migration-error";
import { freePort } from "../../scripts/emulators/free-port";
import { type ServerCommand, startServerProcess } from "../../scripts/emulators/server-process";

const owner = join(__dirname, "..", "support", "server-owner.js");
const goneMilliseconds = 5000;

describe("a server process never outlives the process that started it", () => {
  for (const end of ["return", "exit", "throw"]) {
    it(`when that one ends by ${end}`, async () => {
      const { pids } = await runOwner(end);
      await gone(pids);
    });
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    it(`when that one gets ${signal}`, async () => {
      const { pids } = await runOwner("wait", signal);
      await gone(pids);
    });
  }
});

describe("a server process", () => {
  it("is stopped with the processes it started itself, and stopping twice does no harm", async () => {
    const { announced, stop } = await startServerProcess(shell('sleep 600 & echo "pids $$ $!"; wait'));
    const pids = announced.split(" ").map(Number);
    expect(pids.map(alive)).to.deep.equal([true, true]);
    await stop();
    await stop();
    await gone(pids);
  });

  it("is killed when it ignores the request to end", async () => {
    const { announced, stop } = await startServerProcess(
      shell('trap "" TERM; echo "pids $$"; while :; do sleep 1; done'),
    );
    await stop();
    await gone([Number(announced)]);
  });

  it("that ends before it is ready is an error with its last lines", async () => {
    const error = await failure(shell("echo cannot bind >&2; exit 7"));
    expect(error.code).to.equal("E_EMULATOR_START");
    expect(error.message).to.contain("test server").and.contain("exit code 7");
    expect(error.details).to.include("cannot bind");
  });

  it("that is never ready is an error, and stopped", async () => {
    const error = await failure({ ...shell('echo "pid $$"; sleep 600'), startSeconds: 0.3 });
    expect(error.message).to.contain("not ready");
    await gone([Number(error.details[0]?.replace("pid ", ""))]);
  });

  it("whose program does not exist is an error", async () => {
    const error = await failure({ ...shell(""), command: "/no/such/program" });
    expect(error.code).to.equal("E_EMULATOR_START");
    expect(error.message).to.contain("/no/such/program");
  });

  it("is ready when its port accepts connections", async () => {
    const port = await freePort();
    const listen = `setTimeout(() => require("node:net").createServer().listen(${port}, "127.0.0.1"), 100)`;
    const { stop } = await startServerProcess({
      ...shell(""),
      command: process.execPath,
      arguments: ["-e", listen],
      readiness: { kind: "port", port },
    });
    await stop();
  });
});

function shell(script: string): ServerCommand {
  return {
    name: "test server",
    command: "/bin/sh",
    arguments: ["-c", script],
    readiness: { kind: "line", pattern: /^pids (.*)$/ },
    startSeconds: 10,
  };
}

async function failure(command: ServerCommand): Promise<MigrationError> {
  return startServerProcess(command).then(
    () => expect.fail("it started"),
    (error: MigrationError) => error,
  );
}

async function runOwner(end: string, signal?: NodeJS.Signals): Promise<{ pids: number[] }> {
  const child = spawn(process.execPath, [owner, end], { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "exit");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  if (signal !== undefined) child.kill(signal);
  await exited;
  return { pids: String(line).split(" ").map(Number) };
}

async function gone(pids: readonly number[]): Promise<void> {
  expect(pids).to.have.length.greaterThan(0);
  const deadline = Date.now() + goneMilliseconds;
  while (pids.some(alive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  const left = pids.filter(alive);
  for (const pid of left) process.kill(pid, "SIGKILL");
  expect(left, "processes that are still there").to.deep.equal([]);
}

/** A process that has ended but that its parent has not asked about (a zombie) does not live. */
function alive(pid: number): boolean {
  expect(pid).to.be.greaterThan(1);
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return state !== "" && !state.startsWith("Z");
  } catch {
    return false;
  }
}
