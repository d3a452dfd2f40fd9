# The two commands: `make run` trains the sample model and writes with it, `make test` passes every
# test. Both do all set-up: they install libcsv where it is missing. `make docs` writes the
# documentation. `make fuzz` tries files of any bytes for FUZZ_SECONDS each, ten minutes by default;
# `make sanitize` passes the tests under the address and the thread sanitizers.

SHELL := /bin/bash
SWIFT ?= swift
CHARLM := $(SWIFT) run -c release charlm
MODEL ?= tales.safetensors

# Homebrew keeps headers and libraries where the compiler does not look by itself.
ifeq ($(shell uname -s),Darwin)
BREW := $(shell brew --prefix 2>/dev/null)
FLAGS := $(if $(BREW),-Xcc -I$(BREW)/include -Xlinker -L$(BREW)/lib)
endif

TEST_FLAGS := -c release -Xswiftc -enable-testing $(FLAGS)
# A package of its own, which builds Unroll as one of yours would.
PLUGIN_FLAGS := $(TEST_FLAGS) --package-path Samples/PluginLayer --scratch-path .build/plugin

.PHONY: run test docs fuzz sanitize lint format setup

run: setup
	$(SWIFT) build -c release $(FLAGS) --product charlm
	$$($(SWIFT) build -c release $(FLAGS) --show-bin-path)/charlm train \
	  Samples/CharLM/Data/tales.txt --output $(MODEL) --steps 3000 --dropout 0.3
	@echo
	@echo "Write more with it:"
	@echo "  $(CHARLM) sample $(MODEL) --prompt 'PIP:' --temperature 0.7"

test: setup
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	$(SWIFT) test $(TEST_FLAGS) --skip-build
	Tests/miswired.sh $(TEST_FLAGS)
	$(SWIFT) build $(PLUGIN_FLAGS) --build-tests
	$(SWIFT) test $(PLUGIN_FLAGS) --skip-build

docs: setup
	@SWIFT="$(SWIFT)" .ci/docs

fuzz: setup
	SWIFT="$(SWIFT)" Tests/Fuzz/fuzz

# Leaks are not looked for: the runtime keeps what it makes once.
sanitize: setup
	for sanitizer in address thread; do \
	  UNROLL_SANITIZER=$$sanitizer ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(TEST_FLAGS) --sanitize=$$sanitizer \
	    --scratch-path .build/$$sanitizer || exit 1; \
	done

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Models Samples Tests

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Models Samples Tests

setup:
	@.ci/install-libcsv
