# The two commands: `make run` trains the sample model and writes with it, `make test` passes every
# test. Both do all set-up: they install libcsv where it is missing. `make docs` writes the
# documentation. `make fuzz` tries files of any bytes for FUZZ_SECONDS each, ten minutes by default.

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

.PHONY: run test docs fuzz lint format setup

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
	Tests/miswired.sh
	$(SWIFT) build $(PLUGIN_FLAGS) --build-tests
	$(SWIFT) test $(PLUGIN_FLAGS) --skip-build

docs: setup
	@SWIFT="$(SWIFT)" .ci/docs

fuzz: setup
	SWIFT="$(SWIFT)" Tests/Fuzz/fuzz

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Models Samples Tests

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Models Samples Tests

setup:
	@.ci/install-libcsv
