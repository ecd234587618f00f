import { createHash } from "node:crypto";
import type { Bucket, File } from "@google-cloud/storage";
import { MigrationError } from "../errors/migration-error";
import { byName, type FileEntry, type Folder } from "./folder";
import { storageClient } from "./google-client";
import { downloadChunks } from "./google-download";
import { httpStatus, withDeadline } from "./google-error";

interface Place {
  readonly bucket: string;
  /** "" or ends with a slash. */
  readonly prefix: string;
  /** Without a slash at the end. */
  readonly url: string;
}

/**
 * A prefix in a Cloud Storage bucket; see {@link Folder}.
 * @param url gs://bucket or gs://bucket/prefix, with or without a slash at the end.
 * @throws MigrationError E_STORAGE_URL
 */
export function openGoogleFolder(url: string): Folder {
  const place = parseGoogleUrl(url);
  const urlOf = (name: string): string => `${place.url}/${name}`;
  const fileOf = (name: string): File => bucketOf(place).file(place.prefix + name);
  return {
    url: place.url,
    urlOf,
    list: (prefix = "") => list(place, prefix),
    read: (name) => downloadChunks(urlOf(name), () => fileOf(name)),
    readWhole: async (name) => {
      const chunks: Buffer[] = [];
      for await (const chunk of downloadChunks(urlOf(name), () => fileOf(name))) {
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    write: async (name, content) => {
      const file = fileOf(name);
      await withDeadline(urlOf(name), () => file.save(content, { resumable: false, validation: "crc32c" }));
    },
    create: async (name, content) => create(urlOf(name), fileOf(name), content),
    remove: async (name) => {
      await withDeadline(urlOf(name), () => fileOf(name).delete({ ignoreNotFound: true }));
    },
    probeWritable: async () => {
      const file = fileOf(".write-probe");
      // Opening an upload needs the same permission as finishing one, and makes no object.
      await withDeadline(place.url, () => file.createResumableUpload());
    },
  };
}

function parseGoogleUrl(url: string): Place {
  const [, bucket, path = ""] = /^gs:\/\/([^/]+)(?:\/(.*))?$/is.exec(url) ?? [];
  if (bucket === undefined) {
    throw new MigrationError("E_STORAGE_URL", `${JSON.stringify(url)} names no bucket; write gs://bucket/prefix`);
  }
  const folder = path.replace(/\/+$/, "");
  const prefix = folder === "" ? "" : `${folder}/`;
  return { bucket, prefix, url: `gs://${bucket}${folder === "" ? "" : `/${folder}`}` };
}

function bucketOf(place: Place): Bucket {
  return storageClient().bucket(place.bucket);
}

async function list(place: Place, prefix: string): Promise<readonly FileEntry[]> {
  const bucket = bucketOf(place);
  const entries: FileEntry[] = [];
  let pageToken: string | undefined;
  do {
    const [files, nextPage] = await withDeadline(place.url, () =>
      bucket.getFiles({
        autoPaginate: false,
        prefix: place.prefix + prefix,
        ...(pageToken === undefined ? {} : { pageToken }),
      }),
    );
    for (const file of files) {
      // Consoles make empty objects that end with a slash to show a folder.
      if (!file.name.endsWith("/")) {
        const { size, md5Hash } = file.metadata;
        const name = file.name.slice(place.prefix.length);
        entries.push({ name, bytes: Number(size), ...(md5Hash === undefined ? {} : { md5: md5Hash }) });
      }
    }
    pageToken = pageTokenOf(nextPage);
  } while (pageToken !== undefined);
  return entries.sort(byName);
}

function pageTokenOf(nextPage: unknown): string | undefined {
  return typeof nextPage === "object" && nextPage !== null && "pageToken" in nextPage && nextPage.pageToken
    ? String(nextPage.pageToken)
    : undefined;
}

async function create(url: string, file: File, content: Buffer): Promise<boolean> {
  return withDeadline(url, async () => {
    try {
      await file.save(content, {
        resumable: false,
        validation: "crc32c",
        preconditionOpts: { ifGenerationMatch: 0 },
      });
      return true;
    } catch (cause) {
      if (httpStatus(cause) !== 412) {
        throw cause;
      }
      // The name is taken, perhaps by an attempt of ours whose answer was lost.
      const [{ md5Hash }] = await file.getMetadata();
      return md5Hash === createHash("md5").update(content).digest("base64");
    }
  });
}
