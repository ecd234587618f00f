type ClientModule = typeof import("@aws-sdk/client-dynamodb");

let loaded: ClientModule | undefined;

/**
 * The AWS SDK's client of DynamoDB, loaded at the first call: most commands never need it.
 */
export function loadDynamoDbClient(): ClientModule {
  loaded ??= require("@aws-sdk/client-dynamodb") as ClientModule;
  return loaded;
}
