import { readMappingFile } from "../../pipelines/mapping-file";
import { startNullSpanner } from "./server";

/** Runs the null server in a process of its own, for the tables of a mapping file. */
async function main(mapping: string | undefined): Promise<void> {
  if (mapping === undefined) throw new TypeError("name the mapping file");
  const { address } = await startNullSpanner(readMappingFile(mapping));
  process.stdout.write(`Server address: ${address}\n`);
}

void main(process.argv[2]);
