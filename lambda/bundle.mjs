// Makes the function's deployment package: one file with everything the function needs, in a zip that has the same
// bytes whenever and wherever the same sources are bundled, so that its hash tells whether the function has changed.
//
//   node bundle.mjs [--out FILE.zip] [--credentials FILE.json]

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { zipSync } from "fflate";

const folder = dirname(fileURLToPath(import.meta.url));
/** A zip entry's time has no time zone: fflate writes the local one, so a local time is the same everywhere. */
const entryTime = new Date(1980, 0, 1);
const unix = 3;
/** Lambda extracts with these permissions and reads the files as another user. */
const readableFile = 0o100644;

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ["src/index.ts"],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // The AWS SDK is part of the Lambda runtime.
    external: ["@aws-sdk/*"],
    // Not minified: it would hardly shrink the zip, and stack traces would point nowhere.
    legalComments: "none",
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}

/** An external account configuration (Workload Identity Federation) holds no secret; a key must not get into a zip. */
async function credentialsConfiguration(file) {
  const contents = await readFile(file);
  const { type } = JSON.parse(contents.toString("utf8"));
  if (type !== "external_account") {
    throw new Error(
      `${file} is no external account configuration (its type is ${JSON.stringify(type)}); keys do not belong in the ` +
        "package: keep them in AWS Secrets Manager (see README.md)",
    );
  }
  return contents;
}

function packed(files) {
  const entry = (contents) => [contents, { level: 9, mtime: entryTime, os: unix, attrs: readableFile << 16 }];
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, contents]) => [name, entry(contents)])));
}

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(folder, "dist", "function.zip") },
    credentials: { type: "string" },
  },
});
const zip = packed({
  "index.js": await bundle(),
  ...(values.credentials === undefined
    ? {}
    : { "google-credentials.json": await credentialsConfiguration(values.credentials) }),
});
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, zip);
const hash = createHash("sha256").update(zip).digest("base64");
console.log(`${relative(process.cwd(), values.out)}: ${zip.length} bytes, CodeSha256 ${hash}`);
