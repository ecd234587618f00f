import { randomBytes } from "node:crypto";
import { Storage } from "@google-cloud/storage";
import { startFakeGcsServer } from "../../scripts/emulators/fake-gcs-server";
import { sharedServer } from "./shared-server";

const projectId = "test-project";

/** Sets STORAGE_EMULATOR_HOST to `http://host:port`. */
export const storageEmulator = sharedServer(startFakeGcsServer, (address) => ({
  STORAGE_EMULATOR_HOST: `http://${address}`,
}));

/** A client of the emulator. */
export async function testStorage(): Promise<Storage> {
  const { address } = await storageEmulator.running();
  const storage = new Storage({ projectId, apiEndpoint: `http://${address}` });
  // Where STORAGE_EMULATOR_HOST is set, the client takes it for the whole base URL and leaves the API's path out.
  storage.baseUrl = `http://${address}/storage/v1`;
  return storage;
}

/** Makes a new, empty bucket and returns its name. */
export async function createTestBucket(): Promise<string> {
  const bucket = `test-${randomBytes(8).toString("hex")}`;
  await (await testStorage()).createBucket(bucket);
  return bucket;
}
