import { expect } from "chai";
import { readMappingFile } from "../../pipelines/mapping-file";
import { ddlStatements } from "../../schema/ddl";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { createTestSubscription, pubSubEmulator } from "../support/pubsub";
import { createTestDatabase, spannerEmulator } from "../support/spanner";
import { PROCESS_MILLISECONDS, sampleMapping, targetWords } from "./load";

const DAY = 24 * 3600;

describe("stream and the life of tombstones", function () {
  this.timeout(PROCESS_MILLISECONDS);
  spannerEmulator.use();
  pubSubEmulator.use();
  const folder = useFolder();

  const stream = async (tombstoneDays: number, retentionDays: number) => {
    const mapping = sampleMapping("migration");
    const { tables, versionTables } = ddlStatements(readMappingFile(mapping), "googlesql", tombstoneDays);
    const database = await createTestDatabase([...tables, ...versionTables]);
    const { subscription } = await createTestSubscription({
      messageRetentionDuration: { seconds: retentionDays * DAY },
    });
    return runCommand([
      ...["stream", ...targetWords(database), "--mapping", mapping, "--subscription", subscription],
      ...["--dead-letters", folder(), "--window", "1", "--stop-when-idle", "1"],
    ]);
  };

  it("does not start where tombstones expire before the subscription's messages", async () => {
    const { exitCode, stderr } = await stream(1, 7);
    expect(stderr).to.contain("E_TOMBSTONES_TOO_SHORT").and.contain("Migration_Versions keeps tombstones for 1 day");
    expect(exitCode).to.equal(2);
  });

  it("starts where they last as long", async () => {
    const { exitCode, stderr } = await stream(7, 7);
    expect(exitCode, stderr).to.equal(0);
  });
});
