# What people type. CMake and Ninja do the work (CMakePresets.json).
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
CONFIGURE = cmake --log-level=WARNING --preset
NINJA = ninja $(if $(JOBS),-j$(JOBS)) -C

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

.PHONY: run
run: build ## set up, build and start the server with conf/patchbay.xml
	@exec build/bin/patchbay --config=conf/patchbay.xml

.PHONY: build
build: setup ## set up and build: build/bin/ and bundles/*.bundle/
	@$(CONFIGURE) release >/dev/null
	@$(NINJA) build

.PHONY: test
test: setup-test ## set up, build and run all tests
	@$(CONFIGURE) release >/dev/null
	@$(NINJA) build all tests
	@testsuite/run --build build

.PHONY: check
check: setup-check ## format, sizes of functions and files, clang-tidy on what changed (CHECK_TIDY=all: on everything)
	@scripts/check

.PHONY: format
format: setup-check ## let clang-format rewrite all files
	@git ls-files --cached --others --exclude-standard framework plugins testsuite | grep -E '\.(cpp|h)$$' | xargs clang-format -i

.PHONY: bench
bench: setup-bench ## CPU per call and request, beside Kamailio
	@$(CONFIGURE) release >/dev/null
	@$(NINJA) build
	@testsuite/bench/run

.PHONY: debug asan tsan
debug asan tsan: setup-test ## all tests in a debug build, with ASan and UBSan, with TSan
	@$(CONFIGURE) $@ >/dev/null
	@$(NINJA) build/$@ all tests
	@testsuite/run --build build/$@

.PHONY: fuzz
fuzz: ## fuzz each target (FUZZ=machine: only that) for FUZZ_SECONDS=60 in a build with libFuzzer, ASan and UBSan
	@scripts/setup --fuzz
	@$(CONFIGURE) fuzz >/dev/null
	@$(NINJA) build/fuzz fuzz
	@testsuite/fuzz/run --build build/fuzz $(FUZZ)

.PHONY: coverage
coverage: ## all tests in an instrumented build, and a report of the lines reached
	@scripts/setup --coverage
	@$(CONFIGURE) coverage >/dev/null
	@$(NINJA) build/coverage all tests
	@testsuite/run --build build/coverage
	@gcovr --root . --filter framework/ --filter plugins/ --object-directory build/coverage --print-summary build/coverage

.PHONY: docs
docs: build ## write doc/reference/ and the XML schema from the bundles' declarations
	@build/bin/patchbay --describe=doc/reference

.PHONY: install
install: build ## copy program, bundles and configuration (PREFIX=/usr/local, DESTDIR=)
	@cmake --install build --prefix $(or $(PREFIX),/usr/local)

.PHONY: new-plugin
new-plugin: ## NAME=hello: a plug-in that builds, loads, has a passing test and a page in the reference
	@scripts/new-plugin "$(NAME)"

.PHONY: clean
clean: ## remove everything that was built
	@rm -rf build bundles/*.bundle bundles/actions.index

.PHONY: setup setup-test setup-check setup-bench
setup:
	@scripts/setup
setup-test setup-check setup-bench:
	@scripts/setup --$(patsubst setup-%,%,$@)
