import { readdir, readFile } from "node:fs/promises";

/** A process of this machine, as Linux's /proc has it. */
interface MachineProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

async function processes(): Promise<readonly MachineProcess[]> {
  const found: MachineProcess[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // It may have ended since.
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    found.push({ pid: Number(name), parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0), command });
  }
  return found;
}

/** Processes of the cluster whose logs lie in a folder. */
export interface ClusterProcesses {
  readonly taskManagers: readonly number[];
  /** This package's workers, which the TaskManagers have started. */
  readonly workers: readonly number[];
  readonly jobServer: number | undefined;
}

export async function clusterProcesses(logs: string): Promise<ClusterProcesses> {
  const all = await processes();
  const withLog = (name: string) =>
    all.filter(({ command }) => command.includes(`${logs}/${name}`)).map(({ pid }) => pid);
  const taskManagers = withLog("taskmanager-");
  const workers = all.filter(
    ({ parent, command }) => taskManagers.includes(parent) && command.includes("worker-main.js"),
  );
  return { taskManagers, workers: workers.map(({ pid }) => pid), jobServer: withLog("job-server.log")[0] };
}
