import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { parseImage, requireImage } from "../../beam/container-image";

const noHeaders = async () => ({});
const digest = `sha256:${"0".repeat(64)}`;

describe("the workers' image", () => {
  for (const [image, registry, repository, reference] of [
    ["europe-west1-docker.pkg.dev/p/r/worker:1.2", "europe-west1-docker.pkg.dev", "p/r/worker", "1.2"],
    ["gcr.io/p/worker", "gcr.io", "p/worker", "latest"],
    ["localhost:5000/worker:a_B-c", "localhost:5000", "worker", "a_B-c"],
    [`registry.example.com/a/b:1@${digest}`, "registry.example.com", "a/b", digest],
  ] as const) {
    it(`${image} is read`, () => expect(parseImage(image)).to.deep.equal({ registry, repository, reference }));
  }

  for (const image of [
    "",
    "worker",
    "worker:1",
    "library/worker:1",
    "https://gcr.io/p/worker",
    "gcr.io/p/Worker",
    "gcr.io/p/w:",
  ]) {
    it(`"${image}" is refused`, () => {
      expect(() => parseImage(image))
        .to.throw()
        .with.property("code", "E_DATAFLOW_IMAGE");
    });
  }

  describe("in a registry", () => {
    let server: Server;
    let status: number;
    const asked: (string | undefined)[] = [];
    before(async () => {
      server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? "without credentials"}`);
        response.writeHead(status).end();
      }).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });
    const image = () => `127.0.0.1:${(server.address() as AddressInfo).port}/team/worker:1.2`;

    it("passes if it is there, and a registry that is not Google's sees no credentials", async () => {
      status = 200;
      await requireImage(image(), async () => ({ authorization: "Bearer secret" }));
      expect(asked).to.deep.equal(["HEAD /v2/team/worker/manifests/1.2 without credentials"]);
    });

    it("is an error if it is not there", async () => {
      status = 404;
      const error = await requireImage(image(), noHeaders).catch((thrown: unknown) => thrown);
      expect(error).to.have.property("code", "E_DATAFLOW_IMAGE");
      expect((error as Error).message).to.match(/^127\.0\.0\.1:\d+ has no image team\/worker:1\.2$/);
    });

    it("passes if this process may not look: workers may", async () => {
      status = 403;
      await requireImage(image(), noHeaders);
    });
  });
});
