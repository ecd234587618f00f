import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors/migration-error";
import { cachedProgram, runInstaller } from "../emulators/program-cache";
import { programPath } from "../emulators/program-path";

const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/** `group:artifact:version` of Maven Central. */
export type MavenArtifact = `${string}:${string}:${string}`;

/**
 * Downloads artifacts and all that they need, once, and returns the folder of their jars.
 *
 * @param name program and version, the name in the cache
 * @throws MigrationError E_EMULATOR_MISSING without Maven, E_EMULATOR_INSTALL when Maven fails
 */
export async function mavenJars(name: string, artifacts: readonly MavenArtifact[]): Promise<string> {
  const folder = await cachedProgram(name, async (target) => {
    if (programPath("mvn") === undefined) {
      throw new MigrationError(
        "E_EMULATOR_MISSING",
        `${name} can't be had: Maven is not on PATH (\`sudo apt-get install maven\`, \`brew install maven\`).`,
      );
    }
    await writeFile(join(target, "pom.xml"), project(artifacts));
    const flags = ["--batch-mode", "--quiet", "-DoutputDirectory=lib", "-DincludeScope=runtime"];
    await runInstaller("mvn", [...flags, dependencyPlugin], { folder: target });
  });
  return join(folder, "lib");
}

function project(artifacts: readonly MavenArtifact[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(":");
    return `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>jars</artifactId>
  <version>1</version>
  <dependencies>
${dependencies.join("\n")}
  </dependencies>
</project>
`;
}
