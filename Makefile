# `make demo` and `make test` do everything on a fresh machine; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

INPUT ?= demo-data/export
MAPPING ?= sample/migration.mapping.json
PROJECT ?= $(GOOGLE_CLOUD_PROJECT)
MOCHA := node node_modules/mocha/bin/mocha.js
DISTRIBUTED := dist/test/**/*.distributed.test.js
STREAMS := dist/test/pipelines/stream*.test.js
SOURCES := $(shell find beam bench dynamodb errors export lambda/src memory pipelines pubsub scanner schema scripts spanner storage test transforms -name '*.ts' -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: help demo rehearsal test test-streams test-others test-long test-distributed bench bench-check bench-emulator bench-stream flink size dataflow image lint format build batch stream lambda emulators docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: build ## set up, start the emulators, run a whole migration, show the result
	@node dist/scripts/demo/main.js

rehearsal: build ## rehearse a whole migration with its cut-over on the emulators (docs/cut-over.md)
	@node dist/scripts/rehearsal/main.js

test: build lint ## set up and run every check
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target test-streams test-others

# Two processes at once, each with servers of its own: tests of streams wait for windows and leases most of the time.
test-streams: build
	$(MOCHA) '$(STREAMS)'

test-others: build
	$(MOCHA) --ignore '$(DISTRIBUTED)' --ignore '$(STREAMS)' 'dist/test/**/*.test.js'

test-distributed: build ## the tests on a real Flink cluster and of jobs for Dataflow (Java, Maven, Python, 3 GB of memory, some minutes)
	$(MOCHA) '$(DISTRIBUTED)'

test-long: build ## the long property tests and fuzzers
	LONG_TESTS=1 CONVERGENCE_RUNS=15000 CONVERGENCE_EMULATOR_RUNS=200 $(MOCHA) --ignore '$(DISTRIBUTED)' 'dist/test/**/*.test.js'

bench: build ## measure against a plain script, and keep the results (some minutes; docs/performance.md)
	@node dist/bench/main.js

bench-check: build ## measure again, and fail if a ratio is worse by more than a quarter than the one kept
	@node dist/bench/main.js --check

bench-emulator: build ## rows a second of `bulk` into the Spanner emulator beside what the emulator takes at most
	@node dist/bench/emulator/main.js

bench-stream: build ## changes per CPU-second and latency of `stream` beside a plain script, through the emulators
	@node dist/bench/stream/main.js

lint: node_modules/.package-lock.json ## formatter, linter and import boundaries
	@npx biome check --error-on-warnings .

format: node_modules/.package-lock.json ## let the formatter and linter mend what they can
	@npx biome check --write .

build: dist/.built ## compile

batch: build ## load INPUT with MAPPING into PROJECT, INSTANCE, DATABASE
	@node dist/pipelines/main.js bulk --input '$(INPUT)' --mapping '$(MAPPING)' --project '$(PROJECT)' --instance '$(INSTANCE)' --database '$(DATABASE)' $(OPTIONS)

stream: build ## apply the changes of SUBSCRIPTION with MAPPING to PROJECT, INSTANCE, DATABASE
	@node dist/pipelines/main.js stream --subscription '$(SUBSCRIPTION)' --mapping '$(MAPPING)' --project '$(PROJECT)' --instance '$(INSTANCE)' --database '$(DATABASE)' $(OPTIONS)

lambda: ## bundle the AWS Lambda function into lambda/dist/function.zip
	@cd lambda && npm run --silent bundle

emulators: build ## start the local servers and keep them until Ctrl-C
	@node dist/scripts/emulators/main.js

flink: build ## start a Flink cluster with Beam's job server and keep it until Ctrl-C
	@node dist/scripts/flink/main.js

size: build ## reckon what the load of ITEMS items of BYTES bytes in all takes (docs/scaling.md)
	@node dist/scripts/size/main.js --items '$(ITEMS)' --bytes '$(BYTES)' $(OPTIONS)

dataflow: build ## make the Python environment that hands jobs to Dataflow (once, 500 MB, from PyPI)
	@node dist/scripts/dataflow/main.js

image: build ## build the image of Dataflow's workers as IMAGE, and push it (needs Docker)
	docker build --tag '$(IMAGE)' .
	docker push '$(IMAGE)'

docs: build ## renew the documents and the JSON Schema that are generated from the source
	@node dist/scripts/write-docs.js

clean: ## remove what was built and generated
	rm -rf dist demo-data rehearsal-data

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

dist/.built: node_modules/.package-lock.json tsconfig.json $(SOURCES)
	@rm -rf dist
	npx tsc
	@chmod +x dist/pipelines/main.js dist/beam/worker-main.js dist/beam/worker-pool-main.js dist/beam/container-main.js
	@touch $@
