import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { loadDynamoDbClient } from "./client-module";

// The lock file holds versions that support this Node.js; their notice about later ones is of no use to whoever runs this.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

/** The SDK waits for ever by default: against a server that has died, a command would hang. */
const connectMilliseconds = 5_000;
const requestMilliseconds = 60_000;

/** A client of DynamoDB at `endpoint`, else where the AWS SDK's own settings (AWS_REGION, AWS_ENDPOINT_URL …) point. */
export function dynamoDbClient(endpoint?: string): DynamoDBClient {
  const { DynamoDBClient } = loadDynamoDbClient();
  return new DynamoDBClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: { connectionTimeout: connectMilliseconds, requestTimeout: requestMilliseconds },
  });
}
