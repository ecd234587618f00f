import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { useFolder } from "../export/export-folder";
import { runCommand } from "../support/command-line";
import { detailsOf, expectError, expectExit, PROCESS_MILLISECONDS, sampleMapping, writeMapping } from "./load";

/** All that `bulk` asks for; nothing of it exists. */
const complete = "--project p --instance i --database d --mapping none.json --input none".split(" ");

describe("usage of the command line", function () {
  this.timeout(PROCESS_MILLISECONDS);
  const folder = useFolder();
  // A project in the environment would make --project optional.
  const run = (...words: readonly string[]) => runCommand(words, { GOOGLE_CLOUD_PROJECT: "" });

  it("shows the commands with --help", async () => {
    const result = await run("--help");
    expectExit(result, 0);
    for (const command of ["schema", "bulk", "stream"]) {
      expect(result.stdout).to.include(`dynamodb-to-spanner ${command}`);
    }
  });

  it("shows all options of a command with --help, required ones as such, and no list twice", async () => {
    const { exitCode, stdout } = await run("bulk", "--help");
    expect(exitCode).to.equal(0);
    for (const option of ["--mapping", "--input", "--project", "--instance", "--database"]) {
      expect(stdout).to.match(new RegExp(`${option}\\s[^]*?\\[required\\]`));
    }
    expect(stdout.match(/"debug"/g)).to.have.length(1);
  });

  it("shows its version", async () => {
    const { exitCode, stdout } = await run("--version");
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("shows the help if no command is named, and fails", async () => {
    const result = await run();
    expectError(result, "E_USAGE", /Name a command\./);
    expect(result.stderr).to.include("dynamodb-to-spanner bulk");
    expect(result.stdout).to.equal("");
  });

  for (const { title, words, message } of [
    { title: "an unknown command", words: ["blk"], message: /Unknown argument: blk; did you mean "bulk"\?/ },
    { title: "schema without an action", words: ["schema"], message: /Name an action: print, apply, indexes\./ },
    {
      title: "an unknown action",
      words: ["schema", "aply"],
      message: /Unknown argument: aply; did you mean "apply"\?/,
    },
    { title: "a stray word", words: ["bulk", ...complete, "more"], message: /Unknown argument: more\n/ },
    {
      title: "missing options",
      words: ["bulk"],
      message: /Missing required arguments: project, instance, database, mapping, input/,
    },
    {
      title: "an option without its value",
      words: ["bulk", ...complete, "--summary"],
      message: /Not enough arguments following: summary/,
    },
    {
      title: "a value that an option does not permit",
      words: ["bulk", ...complete, "--runner", "spark"],
      message: /Argument: runner, Given: "spark", Choices: "direct"/,
    },
    {
      title: "a number that is none",
      words: ["bulk", ...complete, "--spanner-timeout", "soon"],
      message: /--spanner-timeout takes a number of at least 0\.1/,
    },
    {
      title: "a number out of range",
      words: ["bulk", ...complete, "--commits-in-flight", "0"],
      message: /--commits-in-flight takes an integer of at least 1/,
    },
    {
      title: "a fraction where an integer belongs",
      words: ["schema", "print", "--mapping", "x", "--tombstone-days", "1.5"],
      message: /--tombstone-days takes an integer of at least 1/,
    },
  ]) {
    it(`refuses ${title}`, async () => {
      const result = await run(...words);
      expectError(result, "E_USAGE", message);
      expect(result.stdout).to.equal("");
    });
  }

  it("tells all mistakes of a command line at once", async () => {
    const result = await run("bulk", "--maping", "x", "--spanner-timeout", "0");
    expectError(result, "E_USAGE", /the command line has several mistakes/);
    expect(detailsOf(result)).to.deep.equal([
      "Missing required arguments: project, instance, database, mapping, input",
      'Unknown argument: maping; did you mean "mapping"?',
      "--spanner-timeout takes a number of at least 0.1",
    ]);
  });

  it("takes the project from GOOGLE_CLOUD_PROJECT", async () => {
    const result = await runCommand(["bulk"], { GOOGLE_CLOUD_PROJECT: "from-environment" });
    expectError(result, "E_USAGE", /Missing required arguments: instance, database, mapping, input/);
  });

  describe("--config", () => {
    const writeConfig = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder(), name), text);
      return join(folder(), name);
    };

    for (const [name, text] of [
      ["options.json", JSON.stringify({ mapping: sampleMapping("migration"), dialect: "postgresql" })],
      ["options.yaml", `# for tests\nmapping: ${JSON.stringify(sampleMapping("migration"))}\ndialect: postgresql\n`],
    ] as const) {
      it(`gives options, and flags win (${name})`, async () => {
        const config = await writeConfig(name, text);
        const fromFile = await run("schema", "print", "--config", config);
        expectExit(fromFile, 0);
        expect(fromFile.stdout).to.include('CREATE TABLE "Migration"');
        const fromFlag = await run("schema", "print", "--config", config, "--dialect", "googlesql");
        expectExit(fromFlag, 0);
        expect(fromFlag.stdout).to.include("CREATE TABLE `Migration`");
      });
    }

    it("refuses an option that the command does not have", async () => {
      const config = await writeConfig("options.yaml", "mapping: m.json\nwindwo: 5\n");
      const result = await run("schema", "print", "--config", config);
      expectError(result, "E_USAGE", /Unknown argument: windwo; did you mean "window"\?/);
    });

    it("may hold options of other commands; on the command line they are a mistake", async () => {
      const text = `mapping: ${JSON.stringify(sampleMapping("migration"))}\ndead-letters: d\nsubscription: s\nwindow: 5\n`;
      const config = await writeConfig("shared.yaml", text);
      expectExit(await run("schema", "print", "--config", config), 0);
      const typed = await run("schema", "print", "--config", config, "--dead-letters", "e", "--window=7");
      expectError(typed, "E_USAGE", /several mistakes/);
      expect(detailsOf(typed).toSorted()).to.deep.equal([
        "Unknown argument: dead-letters; other commands take it",
        "Unknown argument: window; other commands take it",
      ]);
    });

    it("checks the values of other commands' options too", async () => {
      const config = await writeConfig("shared.yaml", "mapping: m.json\nwindow: soon\n");
      expectError(await run("schema", "print", "--config", config), "E_USAGE", /--window takes a number/);
    });

    it("checks values like those of flags", async () => {
      const config = await writeConfig("options.yaml", "mapping: m.json\ndialect: oracle\ntombstone-days: many\n");
      const result = await run("schema", "print", "--config", config);
      expectError(result, "E_USAGE", /several mistakes/);
      expect(detailsOf(result)).to.have.length(2);
    });

    for (const { title, text, message } of [
      { title: "broken YAML", text: "mapping: [1,\nb", message: /options\.txt: .* line 2/s },
      { title: "a list", text: "- a\n- b\n", message: /must map option names to values/ },
    ]) {
      it(`refuses ${title}`, async () => {
        const config = await writeConfig("options.txt", text);
        expectError(await run("schema", "print", "--config", config), "E_CONFIG_INVALID", message);
      });
    }

    it("refuses a file that is not there, and says nothing of the options that it would have given", async () => {
      const result = await run("bulk", "--config", join(folder(), "none.yaml"));
      expectError(result, "E_CONFIG_INVALID", /none\.yaml: ENOENT/);
      expect(result.stderr).to.not.include("Missing required");
    });
  });

  describe("the mapping", () => {
    it("that can't be read is bad usage", async () => {
      const result = await run("bulk", ...complete);
      expectError(result, "E_MAPPING_UNREADABLE", /--mapping none\.json can't be read: ENOENT/);
    });

    it("with several mistakes is refused with all of them, before anything is contacted", async () => {
      const mapping = await writeMapping(folder(), {
        source: { table: "T", partitionKey: "PK" },
        tables: [
          { name: "T", primaryKey: ["Id"], columns: { PK: { type: "STRNG(10)" } } },
          { name: "U", primaryKey: ["PK"], columns: { PK: { type: "STRING(10)", form: "PK" } } },
        ],
      });
      const result = await run("bulk", ...complete, "--mapping", mapping);
      expectError(result, "E_MAPPING_INVALID", /mapping\.json/);
      const details = detailsOf(result);
      expect(details).to.have.length(3);
      for (const mistake of [/STRNG\(10\)/, /no column "Id"/, /form: no such property; did you mean "from"\?/]) {
        expect(details.some((detail) => mistake.test(detail))).to.equal(true, `${mistake} in\n${details.join("\n")}`);
      }
    });
  });
});
