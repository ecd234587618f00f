import type { DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { MigrationError } from "../errors/migration-error";

type Body = AsyncIterable<Uint8Array> | Uint8Array;

/**
 * Sends a command and gives DynamoDB's own JSON answer.
 *
 * The answer is read here and not taken from the AWS SDK, which loses the value of an attribute named `__proto__`; and
 * items in DynamoDB JSON are what an export holds anyway.
 *
 * @throws MigrationError E_TABLE_REQUEST for an answer that can't be read; the AWS SDK's own errors
 */
export async function rawAnswer(
  client: DynamoDBClient,
  command: ScanCommand | GetItemCommand,
  table: string,
): Promise<object> {
  // The client and the middleware are typed for each command alone; what is done here is the same for all.
  const request = command as ScanCommand;
  let answer: Uint8Array = new Uint8Array();
  request.middlewareStack.add(
    (next) => async (handed) => {
      const result = await next(handed);
      const response = result.response as { readonly statusCode: number; body: Body };
      if (response.statusCode === 200) {
        answer = await bytesOf(response.body);
        response.body = answer;
      }
      return result;
    },
    // Just before the SDK reads the body, behind its own checks of it.
    { step: "deserialize", priority: "low" },
  );
  await client.send(request);
  return parseAnswer(answer, table);
}

async function bytesOf(body: Body): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parseAnswer(answer: Uint8Array, table: string): object {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer)) as object;
  } catch {
    // Without the cause: JSON.parse quotes its input, which holds items.
    throw new MigrationError("E_TABLE_REQUEST", `DynamoDB table ${table}: an answer is no JSON text in UTF-8`);
  }
}
