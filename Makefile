# agistorm: what a developer does, by name. `make` alone lists it.

# How long `make fuzz` spends on each target, or how many inputs it tries (500x).
FUZZTIME ?= 10s

# The systems that `make vet` vets for.
SYSTEMS ?= linux darwin freebsd windows

# The systems that `make lint` lints for.
LINTED ?= linux darwin windows

# How many runs `make flake` makes of each kind.
FLAKE ?= 50

# make build VERSION=1.2.3 names a release; otherwise the binary has the version of its source.
LDFLAGS = $(if $(VERSION),-ldflags "-X main.version=$(VERSION)")

# Packages whose tests define -update, which writes their golden files.
GOLDEN = $(sort $(dir $(shell grep -rl --include='*_test.go' 'flag\.Bool."update"' .)))

.DEFAULT_GOAL := help
.PHONY: flake help man build test race vet lint bench bench-once ratios accuracy pace likes likes-simulated own docs plan-grid priority fuzz golden sweep cover clean watched containers dist dist-check fanout-swarm

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/agistorm
	go build $(LDFLAGS) -o bin/agistorm ./cmd/agistorm

test: ## all tests
	go test ./...

race: ## all tests with the race detector
	go test -race ./...

# Not optimised: all that vet wants of other packages is their types.
vet: ## go vet, tests included, for the other systems too (SYSTEMS)
	@set -e; for os in $(SYSTEMS); do echo "vet $$os"; GOOS=$$os go vet -gcflags='all=-N -l' ./...; done

# The path is asked for first: with GOOS set, go would build the linter for that system.
lint: ## the linter, with the rooms' import rules, for the other systems too
	@set -e; linter=$$(go -C scripts/tools tool -n golangci-lint); \
	for os in $(LINTED); do echo "lint $$os"; GOOS=$$os "$$linter" run ./...; done

bench: ## every benchmark
	go test -run '^$$' -bench . -benchmem -timeout 30m ./...

bench-once: ## every benchmark once, to see that it runs
	go test -short -run '^$$' -bench . -benchtime 1x $$(scripts/testfuncs Benchmark | cut -d ' ' -f 1 | sort -u)

ratios: ## agistorm against clients in C (epoll; a thread per call) and in Go, in turns: rates, outcomes, reply lag
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m -v ./scripts/reference

accuracy: ## its latencies against a packet capture
	scripts/accuracy/run 3

pace: build ## the arrival `asterisk 1` against a real Asterisk
	go run ./scripts/pace bin/agistorm

likes: build ## the presets of serve --like against the real servers' numbers
	go run ./scripts/likes bin/agistorm

likes-simulated: build ## the simulator against the real servers' numbers
	go run ./scripts/likes -runs 21 -simulate bin/agistorm

watched: build ## peak and drops of watch against the target's own account, in 100 storms, about 6 minutes
	go run ./scripts/watched bin/agistorm

own: ## sweeps of real servers, misconfigured and with the remedy of their report
	scripts/interop/own

docs: build ## run every command of agistorm that stands in a document
	go run ./scripts/docs bin/agistorm

plan-grid: build ## the simulator against this kernel: the whole grid, about 12 minutes on a quiet machine
	bin/agistorm plan --validate

priority: ## what its priority is worth beside a load of 20
	scripts/priority/run 5

containers: ## inspect on real containers of Docker, in namespaces of its own (root)
	scripts/containers/try

dist: ## bin/dist: the packages of a release for all systems; VERSION is the changelog's newest by default
	rm -rf bin/dist
	@mkdir -p bin
	scripts/dist/build bin/dist $(VERSION)

dist-check: dist ## unpack, install and run them; build them again, to the same bytes
	scripts/dist/check bin/dist
	scripts/dist/run-image bin/dist

fanout-swarm: ## one storm from three tasks of a Docker Swarm, in namespaces of its own (root)
	scripts/fanout/try-swarm

fuzz: ## every fuzz target for FUZZTIME each (10s)
	@scripts/fuzz $(FUZZTIME)

golden: ## write the golden files anew; look at the difference before you commit it
	@test -n "$(GOLDEN)" || { echo "no test defines -update"; exit 1; }
	go test $(GOLDEN) -update

sweep: ## the main job
	go run ./cmd/agistorm sweep

flake: ## how often gates are wrong: FLAKE runs (50) that must pass, as many that must fail, and as many pairs of unchanged sweeps
	scripts/gates/flake $(FLAKE)

cover: ## which statements the tests reach
	go test -coverprofile=cover.out ./...
	@go tool cover -func=cover.out | tail -n 1

man: ## bin/man: the man pages
	go run -tags man ./cmd/agistorm man bin/man

clean: ## remove what make made
	rm -rf bin cover.out
