# A machine needs Node 20, npm, gcc and make. Each target installs and builds what it depends on.
.DELETE_ON_ERROR:
.PHONY: build conform interop replay perf test soak mutation corpus check types lint formatted boundaries generated wasm generate format clean

BIN := node_modules/.bin
RUN_SOURCE := node -r ./testbench/runtime/loadSource.cjs --conditions=source
ROOMS := shared emulator driver testbench cli scenarios test
SOURCES := $(shell find $(ROOMS) -name '*.ts' -o -name '*.json')
LOOPS := $(wildcard shared/loops/*.ts driver/loops/*.ts emulator/device/loops/*.ts shared/mem/asc/*.ts shared/wasm/build.ts)
INSTALLED := node_modules/.installed

build: dist/.built dist/loops/.built dist/explore/.built

# ENGINE=wasm runs driver and host compiled, on plain memory.
conform: build
	node dist/cli/avp.js conform $(addprefix --engine ,$(ENGINE))

# Runs the clauses on DPDK's own driver: DPDK=22.11, 24.11 or 25.11, or the newest release that runs here. Fetches
# Debian's packages into .cache/dpdk; needs neither root nor huge pages. Rewrites the release's page of findings in docs, and as
# HTML in .cache, and fails only if other clauses fail than the page said before.
interop: build
	@mkdir -p .cache
	node dist/cli/avp.js conform --target dpdk$(addprefix @,$(DPDK)) --json .cache/net_avp$(DPDK).json || test $$? = 1
	node dist/testbench/conformance/findings/writePage.js .cache/net_avp$(DPDK).json docs .cache

# Runs the replay command of each finding of DPDK=22.11, 24.11 or 25.11, or of the newest release in the cache.
replay: build
	node dist/testbench/conformance/findings/replayPage.js docs '$(DPDK)'

# Needs two idle CPUs.
perf: build
	node dist/cli/avp.js perf

# Runs the tests on all CPUs. T=driver, T=testbench/threads or T='pcap, fifo' selects folders, or parts of paths.
# ENGINE=wasm runs the tests of driver and host with compiled loops, on plain memory.
test: $(INSTALLED)
	@AVP_ENGINE=$(ENGINE) $(RUN_SOURCE) test/runner/main.ts $(T)

# Long runs: processes killed and stopped at random moments, migrations under load, reports of interrupted runs; then
# the ordinary mutants.
soak: build
	$(BIN)/mocha --forbid-only --spec 'test/soak/**/*.test.ts'
	@$(MAKE) --no-print-directory mutation

# Makes small changes to the code of ROOM=driver, shared or emulator, or of all three, and counts those that the room's
# quick tests notice. Fails below the score that test/mutation/stryker.config.mjs asks for. Its pages are in
# .cache/mutation; the next run repeats only what the code since then, or a changed test, may change.
mutation: $(INSTALLED)
	@failed=0; for room in $(or $(ROOM),driver shared emulator); do \
	  AVP_ROOM=$$room $(BIN)/stryker run test/mutation/stryker.config.mjs || failed=1; \
	done; exit $$failed

# Looks for cases of hostile neighbours that take new branches, and keeps them in test/corpus/hostile: SIDE=receive, say,
# CASES=20000 SEED=1.
corpus: $(INSTALLED)
	$(RUN_SOURCE) --conditions=watched testbench/hostile/corpus/grow.ts '$(SIDE)' $(CASES) $(SEED)

# Runs all checks at once and prints each one's output in one piece. The linter takes longer than all others together.
check: $(INSTALLED)
	@$(MAKE) --no-print-directory --output-sync=target -j lint types formatted boundaries generated wasm

types: $(INSTALLED)
	@mkdir -p .cache
	$(BIN)/tsc --noEmit -p tsconfig.json --incremental --tsBuildInfoFile .cache/types.tsbuildinfo

# Lint runs without a cache, because the result of a typed rule depends on other files too.
lint: $(INSTALLED)
	$(BIN)/eslint --max-warnings 0 .

formatted: $(INSTALLED)
	$(BIN)/prettier --check --log-level warn --cache --cache-location .cache/prettier .

format: $(INSTALLED)
	$(BIN)/prettier --write --log-level warn .

boundaries: $(INSTALLED)
	$(BIN)/depcruise --config .dependency-cruiser.cjs $(ROOMS)

# Checks that the committed generated files are up to date.
generated: $(INSTALLED)
	$(RUN_SOURCE) test/checks/generated.ts

wasm: dist/loops/.built

generate: $(INSTALLED)
	$(RUN_SOURCE) shared/abi/generate.ts
	$(RUN_SOURCE) emulator/abi/generate.ts
	$(RUN_SOURCE) emulator/export/abi/generate.ts
	$(RUN_SOURCE) driver/abi/generate.ts
	$(RUN_SOURCE) testbench/conformance/capabilityPage.ts
	$(RUN_SOURCE) testbench/faults/generate.ts
	$(RUN_SOURCE) test/checks/pages/generate.ts
	$(RUN_SOURCE) test/checks/pages/api.ts

clean:
	rm -rf dist

$(INSTALLED): package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@

dist/.built: $(INSTALLED) $(SOURCES) tsconfig.json
	$(BIN)/tsc -p tsconfig.json
	chmod +x dist/cli/avp.js
	touch $@

dist/explore/.built: dist/.built
	node dist/testbench/explore/checks/build.js
	touch $@

dist/loops/.built: $(INSTALLED) $(LOOPS)
	$(RUN_SOURCE) shared/wasm/build.ts
	touch $@
