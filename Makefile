# The front door. Every verb does the set-up it needs; the first run installs packages (root or sudo) and builds.
.DEFAULT_GOAL := help
SHELL := /bin/sh
JOBS ?= $(shell nproc)
export LAPOR_VAR ?= $(CURDIR)/var

.PHONY: help setup configure build demo down status test unit asan lint format bench docs containers images clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup:
	@deploy/setup.sh

configure: setup
	@cmake --preset dev >build-dev.log 2>&1 || { cat build-dev.log; rm -f build-dev.log; exit 1; }; rm -f build-dev.log

build: configure ## build everything into build/dev
	@cmake --build --preset dev -j $(JOBS)

demo: configure ## the whole life of reports, on a running suite; LAPOR_BROKER=kafka for a real Kafka
	@cmake --build --preset dev -j $(JOBS) --target suite
	@deploy/local/demo.sh

down: ## stop what demo left running; data stays in var/
	@deploy/local/stack.sh down

status: ## what runs, and where
	@deploy/local/stack.sh status

test: build ## every test: unit, integration and end to end, on both brokers
	@ctest --test-dir build/dev --output-on-failure --no-tests=error

unit: build ## the unit tests alone: seconds
	@ctest --test-dir build/dev --output-on-failure --no-tests=error -L unit

asan: setup ## the unit tests under the address and undefined-behaviour sanitizers
	@cmake --preset asan >/dev/null && cmake --build --preset asan -j $(JOBS) --target unit_tests
	@ctest --test-dir build/asan --output-on-failure --no-tests=error -L unit

lint: setup ## clang's warnings, formatting, shell scripts, the rules of the house
	@tests/lint.sh

format: setup ## format the C++ sources
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

bench: setup ## figures as ratios against baselines run in turn, into build/bench.json
	@tests/bench/run.sh

docs: build ## generate docs/events.md and docs/api from the protos
	@tools/docs.sh

containers: build ## the whole life of a report on the containers of docker-compose.yml; needs docker
	@tests/containers/run.sh

images: ## the container images of docker-compose.yml
	@if docker compose version >/dev/null 2>&1; then docker compose build; else docker-compose build; fi

clean: ## remove build/; data in var/ stays
	@rm -rf build
