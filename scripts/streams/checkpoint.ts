import { open, readFile, rename, unlink } from "node:fs/promises";
import { z } from "zod";
import { MigrationError } from "../../errors/migration-error";

/** How far a shard has been published. */
export type ShardProgress =
  /** No record of it. */
  | { readonly state: "unread" }
  /** Up to and including this record. */
  | { readonly state: "reading"; readonly sequenceNumber: string }
  /** All of it: it is closed and was read to its end. */
  | { readonly state: "finished" };

export interface ShardCheckpoint {
  readonly parent?: string | undefined;
  readonly progress: ShardProgress;
}

/** Everything up to here is published; what comes after may be. */
export interface Checkpoint {
  readonly streamArn: string;
  /** Last time at which the stream was being read and all that had been read was published; epoch milliseconds. */
  readonly upToDateAt: number;
  readonly shards: ReadonlyMap<string, ShardCheckpoint>;
}

const progressSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("unread") }),
  z.strictObject({ state: z.literal("reading"), sequenceNumber: z.string().regex(/^[0-9]{1,40}$/) }),
  z.strictObject({ state: z.literal("finished") }),
]);

const fileSchema = z.strictObject({
  format: z.literal("dynamodb-streams-checkpoint-1"),
  streamArn: z.string(),
  upToDateAt: z.iso.datetime(),
  shards: z.array(z.strictObject({ id: z.string(), parent: z.string().optional(), progress: progressSchema })),
});

/**
 * Reads a checkpoint file; undefined where there is none.
 *
 * @throws MigrationError E_CHECKPOINT_INVALID
 */
export async function readCheckpoint(file: string): Promise<Checkpoint | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new MigrationError("E_CHECKPOINT_INVALID", `${file}: ${(error as Error).message}`, { cause: error });
  }
  const result = fileSchema.safeParse(parseJson(text, file));
  if (!result.success) {
    throw new MigrationError("E_CHECKPOINT_INVALID", `${file} is no checkpoint of this program.`, {
      details: result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`),
    });
  }
  const { streamArn, upToDateAt, shards } = result.data;
  return {
    streamArn,
    upToDateAt: Date.parse(upToDateAt),
    shards: new Map(shards.map(({ id, ...shard }) => [id, shard])),
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MigrationError("E_CHECKPOINT_INVALID", `${file}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Replaces a checkpoint file as a whole: whoever reads it, after a crash of this process or of the machine too, finds
 * the old one or the new one.
 *
 * @throws MigrationError E_CHECKPOINT_WRITE
 */
export async function writeCheckpoint(file: string, { streamArn, upToDateAt, shards }: Checkpoint): Promise<void> {
  const content: z.infer<typeof fileSchema> = {
    format: "dynamodb-streams-checkpoint-1",
    streamArn,
    upToDateAt: new Date(upToDateAt).toISOString(),
    shards: [...shards].map(([id, shard]) => ({ id, ...shard })),
  };
  const newFile = `${file}.${process.pid}.new`;
  try {
    const handle = await open(newFile, "w");
    try {
      await handle.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
      // Without it the rename may reach the disk before the content does.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(newFile, file);
  } catch (error) {
    await unlink(newFile).catch(() => undefined);
    throw new MigrationError("E_CHECKPOINT_WRITE", `${file}: ${(error as Error).message}`, { cause: error });
  }
}
