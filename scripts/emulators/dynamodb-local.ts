import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors/migration-error";
import { dockerEngineAnswers, startDockerServer } from "./docker-server";
import { freePort } from "./free-port";
import { javaProgram, quickStartFlags } from "./java-program";
import { cachedProgram, runInstaller } from "./program-cache";
import { programPath } from "./program-path";
import { type LocalServer, startServerProcess } from "./server-process";

const name = "DynamoDB Local";
/** 3.3.0 has no jar in Maven Central. */
const version = "3.3.1";
const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const containerPort = 8000;
const startSeconds = 90;
const mainClass = "software.amazon.dynamodb.services.local.main.ServerRunner";
/** One database for every region and access key, in memory; no reports to AWS. */
const serverFlags = ["-inMemory", "-sharedDb", "-disableTelemetry"] as const;

/** Credentials and region that the AWS SDK insists on; DynamoDB Local takes any. */
export const dynamoDbLocalEnvironment = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
} as const;

const project = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>dynamodb-local</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>software.amazon.dynamodb</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * Starts Amazon's DynamoDB Local (with Streams) on a free port, or takes the one that AWS_ENDPOINT_URL_DYNAMODB names
 * (then `stop` does nothing). It is downloaded once by Maven and needs Java, else it is taken from Docker.
 *
 * An https address in the environment is not taken: it would be the real DynamoDB.
 *
 * @throws MigrationError E_EMULATOR_MISSING, E_EMULATOR_INSTALL, E_EMULATOR_START.
 */
export async function startDynamoDbLocal(): Promise<LocalServer> {
  const running = /^http:\/\/([^/]+)\/?$/.exec(process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "");
  if (running?.[1] !== undefined) {
    return { address: running[1], stop: async () => {} };
  }
  const java = javaProgram();
  if (java !== undefined && programPath("mvn") !== undefined) {
    return startJars(java, await installDynamoDbLocal());
  }
  if (await dockerEngineAnswers()) {
    return startDockerServer({
      name,
      image: `amazon/dynamodb-local:${version}`,
      containerPort,
      arguments: ["-jar", "DynamoDBLocal.jar", ...serverFlags],
      readyLine: /Port:\s+\d+/,
    });
  }
  throw new MigrationError(
    "E_EMULATOR_MISSING",
    "DynamoDB Local can't be had: AWS_ENDPOINT_URL_DYNAMODB is not set to an http address, Java or Maven is not on PATH, " +
      "and no Docker engine answers. Install both (`sudo apt-get install default-jre-headless maven`, " +
      "`brew install openjdk maven`).",
  );
}

/** Downloads DynamoDB Local where the cache lacks it, and returns the folder of its jars. Needs Maven. */
export async function installDynamoDbLocal(): Promise<string> {
  const folder = await cachedProgram(`dynamodb-local-${version}`, async (target) => {
    await writeFile(join(target, "pom.xml"), project);
    const flags = ["--batch-mode", "--quiet", "-DoutputDirectory=lib", "-DincludeScope=runtime"];
    await runInstaller("mvn", [...flags, dependencyPlugin], { folder: target });
  });
  return join(folder, "lib");
}

async function startJars(java: string, jars: string): Promise<LocalServer> {
  const port = await freePort();
  const { stop } = await startServerProcess({
    name,
    command: java,
    arguments: [...quickStartFlags, "-cp", join(jars, "*"), mainClass, ...serverFlags, "-port", String(port)],
    // It prints its configuration before it listens.
    readiness: { kind: "port", port },
    startSeconds,
  });
  return { address: `127.0.0.1:${port}`, stop };
}
