import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedDocs } from "./generated-docs";

for (const { path, text } of generatedDocs()) writeFileSync(join(process.cwd(), path), text);
