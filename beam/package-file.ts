import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The place of a file of this package that is not compiled, by its path from the package's root. */
export function packageFile(path: string): string {
  return join(dirname(createRequire(__filename).resolve("dynamodb-spanner-migration/package.json")), path);
}
