import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "../../errors/migration-error";
import { cachedProgram, runInstaller } from "../emulators/program-cache";
import { programPath } from "../emulators/program-path";

const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const SHADE_VERSION = "3.6.0";

/** `group:artifact:version` of Maven Central. */
export type MavenArtifact = `${string}:${string}:${string}`;

/**
 * Downloads artifacts and all that they need, once, and returns the folder of their jars.
 *
 * @param name program and version, the name in the cache
 * @throws MigrationError E_EMULATOR_MISSING without Maven, E_EMULATOR_INSTALL when Maven fails
 */
export function mavenJars(name: string, artifacts: readonly MavenArtifact[]): Promise<string> {
  return installed(name, project(artifacts, ""), [
    ...["-DoutputDirectory=lib", "-DincludeScope=runtime"],
    dependencyPlugin,
  ]);
}

/**
 * The same as {@link mavenJars}, but the folder holds one jar with everything.
 *
 * @param without `group:artifact` of what is needed by name only
 */
export function mavenJar(
  name: string,
  artifacts: readonly MavenArtifact[],
  without: readonly `${string}:${string}`[],
): Promise<string> {
  return installed(name, project(artifacts, shadePlugin(name, without)), ["package"]);
}

async function installed(name: string, pom: string, goals: readonly string[]): Promise<string> {
  const folder = await cachedProgram(name, async (target) => {
    if (programPath("mvn") === undefined) {
      throw new MigrationError(
        "E_EMULATOR_MISSING",
        `${name} can't be had: Maven is not on PATH (\`sudo apt-get install maven\`, \`brew install maven\`).`,
      );
    }
    await writeFile(join(target, "pom.xml"), pom);
    await runInstaller("mvn", ["--batch-mode", "--quiet", ...goals], { folder: target });
    await rm(join(target, "target"), { recursive: true, force: true });
  });
  return join(folder, "lib");
}

function project(artifacts: readonly MavenArtifact[], plugin: string): string {
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
${plugin}</project>
`;
}

/**
 * Lists of services are joined, or those of all jars but one would be lost; signatures are left out, which no longer hold.
 * https://maven.apache.org/plugins/maven-shade-plugin/
 */
function shadePlugin(name: string, without: readonly string[]): string {
  const resource = "org.apache.maven.plugins.shade.resource";
  return `  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-shade-plugin</artifactId>
        <version>${SHADE_VERSION}</version>
        <executions>
          <execution>
            <phase>package</phase>
            <goals><goal>shade</goal></goals>
            <configuration>
              <outputFile>lib/${name}.jar</outputFile>
              <createDependencyReducedPom>false</createDependencyReducedPom>
              <artifactSet>
                <excludes>${without.map((artifact) => `<exclude>${artifact}</exclude>`).join("")}</excludes>
              </artifactSet>
              <filters>
                <filter>
                  <artifact>*:*</artifact>
                  <excludes>
                    <exclude>META-INF/*.SF</exclude>
                    <exclude>META-INF/*.DSA</exclude>
                    <exclude>META-INF/*.RSA</exclude>
                    <exclude>module-info.class</exclude>
                  </excludes>
                </filter>
              </filters>
              <transformers>
                <transformer implementation="${resource}.ServicesResourceTransformer"/>
                <transformer implementation="${resource}.ManifestResourceTransformer">
                  <manifestEntries><Multi-Release>true</Multi-Release></manifestEntries>
                </transformer>
              </transformers>
            </configuration>
          </execution>
        </executions>
      </plugin>
    </plugins>
  </build>
`;
}
