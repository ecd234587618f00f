# The image of Dataflow's workers: this package, as it was compiled here, and nothing that a load does not need.
# `make image IMAGE=REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG` builds and pushes it (docs/dataflow.md).

FROM node:20-slim AS packages
# One package is compiled.
RUN apt-get update && apt-get install --yes --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:20-slim
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY dist/beam dist/beam
COPY dist/dynamodb dist/dynamodb
COPY dist/errors dist/errors
COPY dist/export dist/export
COPY dist/memory dist/memory
COPY dist/pipelines dist/pipelines
COPY dist/pubsub dist/pubsub
COPY dist/scanner dist/scanner
COPY dist/schema dist/schema
COPY dist/spanner dist/spanner
COPY dist/storage dist/storage
COPY dist/transforms dist/transforms
ENV NODE_ENV=production
# Beam's contract for containers: the runner adds --id=… --provision_endpoint=… and others.
ENTRYPOINT ["node", "--enable-source-maps", "/app/dist/beam/container-main.js"]
