# The two commands: `make run` trains the sample model and writes with it, `make test` passes every
# test. Both do all set-up: they install libcsv where it is missing, and say so. `make run-forecast` trains
# the sample forecaster, predicts with it and draws that; `make run-rewrite` learns to rewrite dates, and
# draws what it attends to. `make install` puts
# charlm where PREFIX says. `make docs` writes the documentation. `make fuzz` tries files of any bytes
# for FUZZ_SECONDS each, ten minutes by default; `make sanitize` passes the tests under the address and
# the thread sanitizers. `make arm64` compares the kernels of NEON with the reference on an emulated
# processor. `make bench` compares with other frameworks, `make bench-plot` draws that.

SHELL := /bin/bash
SWIFT ?= swift
MODEL ?= tales.safetensors
PREFIX ?= /usr/local

# Homebrew keeps headers and libraries where the compiler does not look by itself.
ifeq ($(shell uname -s),Darwin)
BREW := $(shell brew --prefix 2>/dev/null)
FLAGS := $(if $(BREW),-Xcc -I$(BREW)/include -Xlinker -L$(BREW)/lib)
endif

# All packages are built in one place, each file once. The plan of a build is not kept, since it would
# be that of another package.
BUILD := -c release --scratch-path .build/make --disable-build-manifest-caching $(FLAGS)
SAMPLES := --package-path Samples
PLUGIN := --package-path Samples/PluginLayer
PRODUCTS = $(shell $(SWIFT) build $(BUILD) --show-bin-path)

.PHONY: run run-forecast run-rewrite test install docs fuzz sanitize arm64 bench bench-plot lint format setup

run: setup
	$(SWIFT) build $(BUILD) $(SAMPLES) --product charlm
	@echo
	@$(PRODUCTS)/charlm train Samples/CharLM/Data/tales.txt --output $(MODEL) --steps 3000 --dropout 0.3
	@echo
	@echo "Write more with it:"
	@echo "  $(PRODUCTS)/charlm sample $(MODEL) --prompt 'PIP:' --temperature 0.7"

HARBOR := Samples/Forecast/Data/harbor.csv
run-forecast: setup
	$(SWIFT) build $(BUILD) $(SAMPLES) --product forecast
	@echo
	@$(PRODUCTS)/forecast train $(HARBOR) --time time --target visitors,level --future holiday \
	  --horizon 48 --window 168 --test-last 336 --size small --steps 1000 --output harbor.safetensors
	@cat $(HARBOR) Samples/Forecast/Data/ahead.csv | $(PRODUCTS)/forecast predict \
	  harbor.safetensors - --output harbor-next.csv --plot harbor-next.svg
	@echo
	@echo "The next two days are in harbor-next.csv, and drawn in harbor-next.svg."
	@echo "See how good forecasts of the two weeks before were, which it did not learn from:"
	@echo "  $(PRODUCTS)/forecast evaluate harbor.safetensors $(HARBOR)"

PAIRS := python3 Samples/Rewrite/Data/pairs.py
run-rewrite: setup
	$(SWIFT) build $(BUILD) $(SAMPLES) --product rewrite
	$(PAIRS) dates 20000 --seed 1 > dates.tsv
	$(PAIRS) dates 2000 --seed 2 --without dates.tsv > dates-held-out.tsv
	@echo
	@$(PRODUCTS)/rewrite train dates.tsv --attention --size small --output dates.safetensors
	@$(PRODUCTS)/rewrite evaluate dates.safetensors dates-held-out.tsv
	@$(PRODUCTS)/rewrite attention dates.safetensors "the 7th of May, 2024" --plot dates.svg
	@echo
	@echo "What it attended to is drawn in dates.svg. Rewrite more with it:"
	@echo "  $(PRODUCTS)/rewrite predict dates.safetensors 'July 4, 1976' --n-best 3"

test: setup
	$(SWIFT) build $(BUILD) --build-tests
	$(SWIFT) test $(BUILD) --skip-build
	SWIFT="$(SWIFT)" Tests/miswired.sh $(BUILD)
	$(SWIFT) build $(BUILD) $(SAMPLES) --build-tests
	$(SWIFT) test $(BUILD) $(SAMPLES) --skip-build
	$(SWIFT) build $(BUILD) $(PLUGIN) --build-tests
	$(SWIFT) test $(BUILD) $(PLUGIN) --skip-build
	SWIFT="$(SWIFT)" Tests/copied-sample.sh $(PRODUCTS)/charlm $(FLAGS)

install: setup
	$(SWIFT) build $(BUILD) $(SAMPLES) --product charlm
	$(SWIFT) build $(BUILD) $(SAMPLES) --product generate-manual
	@.ci/install-programs $(PRODUCTS) $(PREFIX)

docs: setup
	@SWIFT="$(SWIFT)" .ci/docs

fuzz: setup
	SWIFT="$(SWIFT)" Tests/Fuzz/fuzz

# Leaks are not looked for: the runtime keeps what it makes once.
sanitize: setup
	for sanitizer in address thread; do \
	  UNROLL_SANITIZER=$$sanitizer ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test -c release $(FLAGS) \
	    --sanitize=$$sanitizer --scratch-path .build/$$sanitizer || exit 1; \
	done

arm64:
	Tests/arm64.sh

# The frameworks that are compared with are installed in a folder of their own.
PEERS := Benchmarks/.venv
BENCH_RESULTS := .build/bench.json
bench: setup $(PEERS)/ready
	$(SWIFT) build $(BUILD) --package-path Benchmarks --product unroll-bench
	@$(PEERS)/bin/python Benchmarks/bench.py --bench $(PRODUCTS)/unroll-bench --json $(BENCH_RESULTS)

bench-plot: $(PEERS)/ready
	@test -f $(BENCH_RESULTS) || { echo "there is nothing to draw yet: run 'make bench'"; exit 1; }
	@$(PEERS)/bin/python Benchmarks/plot.py $(BENCH_RESULTS) bench.svg && echo "wrote bench.svg"

$(PEERS)/ready: Benchmarks/requirements.txt
	@echo "installing PyTorch, ONNX Runtime, JAX and Matplotlib in $(PEERS)"
	@python3 -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --requirement Benchmarks/requirements.txt
	@touch $@

SOURCES := Package.swift Sources Models Samples Tests Benchmarks
lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

setup:
	@.ci/install-libcsv
