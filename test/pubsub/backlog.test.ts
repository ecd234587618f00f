import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { readBacklog } from "../../pubsub/backlog";

const NAME = "projects/p/subscriptions/orders";
const NOW = new Date("2026-01-31T12:00:00.000Z");

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const point = (value: number, endTime: string) => ({ interval: { endTime }, value: { int64Value: String(value) } });

describe("The backlog of a subscription, from Cloud Monitoring", () => {
  let server: Server;
  let asked: URL[];
  let answer: (metric: string) => Answer;

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      asked.push(url);
      const { status = 200, body } = answer(
        /metric\.type = "([^"]+)"/.exec(url.searchParams.get("filter") ?? "")?.[1] ?? "",
      );
      const authorized = request.headers.authorization === "Bearer token";
      response.writeHead(authorized ? status : 401).end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const read = () => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return readBacklog(NAME, { endpoint, headers: async () => ({ authorization: "Bearer token" }) }, NOW);
  };

  it("is the newest point of both metrics, of this subscription, in the last ten minutes", async () => {
    answer = (metric) => {
      const values = metric.endsWith("num_undelivered_messages") ? [12, 99] : [34, 98];
      const points = values.map((value, index) => point(value, `2026-01-31T11:5${8 - index}:00Z`));
      return { body: { timeSeries: [{ points }] } };
    };
    expect(await read()).to.deep.equal({ undelivered: 12, oldestSeconds: 34, at: "2026-01-31T11:58:00Z" });
    expect(asked).to.have.length(2);
    for (const { pathname, searchParams } of asked) {
      expect(pathname).to.equal("/v3/projects/p/timeSeries");
      expect(searchParams.get("filter")).to.include('AND resource.labels.subscription_id = "orders"');
      expect(searchParams.get("interval.startTime")).to.equal("2026-01-31T11:50:00.000Z");
      expect(searchParams.get("interval.endTime")).to.equal("2026-01-31T12:00:00.000Z");
    }
  });

  it("is not known where nothing was measured", async () => {
    answer = () => ({ body: {} });
    expect(await read()).to.equal(undefined);
  });

  for (const [title, given, message] of [
    ["a refusal", { status: 403, body: { error: { message: "Permission denied" } } }, /403: Permission denied/],
    ["an answer of another shape", { body: { timeSeries: [{ points: [{}] }] } }, /interval/],
    ["a page that is no answer", { status: 502, body: "<html>bad gateway</html>" }, /502: <html>bad gateway/],
  ] as const) {
    it(`is an error for a person to read: ${title}`, async () => {
      answer = () => given;
      const error = await read().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message).to.match(message);
    });
  }
});
