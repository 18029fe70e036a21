# Everything sets itself up: Node 20, npm, gcc and make are all that a machine needs.
.DELETE_ON_ERROR:
.PHONY: build conform interop replay perf test soak check types lint formatted boundaries generated wasm generate format clean

BIN := node_modules/.bin
RUN_SOURCE := node -r ./testbench/runtime/loadSource.cjs --conditions=source
ROOMS := shared emulator driver testbench cli scenarios test
SOURCES := $(shell find $(ROOMS) -name '*.ts' -o -name '*.json')
LOOPS := $(wildcard shared/loops/*.ts driver/loops/*.ts emulator/device/loops/*.ts shared/mem/asc/*.ts shared/wasm/build.ts)
INSTALLED := node_modules/.installed

build: dist/.built dist/loops/.built

conform: build
	node dist/cli/avp.js conform

# DPDK's own driver as the target: fetches Debian's packages into .cache/dpdk, and needs neither root
# nor huge pages. What fails is a finding; it ends with 1 only where other clauses fail than the page
# of findings says, which is written anew.
interop: build
	node dist/cli/avp.js conform --target dpdk --json .cache/net_avp.json || test $$? = 1
	node dist/testbench/conformance/findings/writePage.js .cache/net_avp.json docs/net_avp-findings.md

# Runs the command of each finding.
replay: build
	node dist/testbench/conformance/findings/replayPage.js docs/net_avp-findings.md

# Wants two CPUs that nobody else uses.
perf: build
	node dist/cli/avp.js perf --peer dpdk

# On all CPUs. T=driver, T=testbench/threads or T='pcap, fifo' runs a part: rooms, or parts of paths.
test: $(INSTALLED)
	@$(RUN_SOURCE) test/runner/main.ts $(T)

# Long runs: processes killed and stopped at random moments, migrations under load.
soak: $(INSTALLED)
	$(BIN)/mocha --forbid-only --spec 'test/soak/**/*.test.ts'

# All at once, each with its output in one piece. The linter takes longer than all others together.
check: $(INSTALLED)
	@$(MAKE) --no-print-directory --output-sync=target -j lint types formatted boundaries generated wasm

types: $(INSTALLED)
	@mkdir -p .cache
	$(BIN)/tsc --noEmit -p tsconfig.json --incremental --tsBuildInfoFile .cache/types.tsbuildinfo

# Without a cache, because what the typed rules say of a file depends on other files.
lint: $(INSTALLED)
	$(BIN)/eslint --max-warnings 0 .

formatted: $(INSTALLED)
	$(BIN)/prettier --check --log-level warn --cache --cache-location .cache/prettier .

format: $(INSTALLED)
	$(BIN)/prettier --write --log-level warn .

boundaries: $(INSTALLED)
	$(BIN)/depcruise --config .dependency-cruiser.cjs $(ROOMS)

# The generated files are committed; this tells whether they are up to date.
generated: $(INSTALLED)
	$(RUN_SOURCE) test/checks/generated.ts

wasm: dist/loops/.built

generate: $(INSTALLED)
	$(RUN_SOURCE) shared/abi/generate.ts
	$(RUN_SOURCE) emulator/abi/generate.ts
	$(RUN_SOURCE) emulator/export/abi/generate.ts
	$(RUN_SOURCE) driver/abi/generate.ts

clean:
	rm -rf dist

$(INSTALLED): package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@

dist/.built: $(INSTALLED) $(SOURCES) tsconfig.json
	$(BIN)/tsc -p tsconfig.json
	chmod +x dist/cli/avp.js
	touch $@

dist/loops/.built: $(INSTALLED) $(LOOPS)
	$(RUN_SOURCE) shared/wasm/build.ts
	touch $@
