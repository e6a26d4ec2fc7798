# agistorm: what a developer does, by name. `make` alone lists it.
FUZZTIME ?= 10s
TOOL      = go tool -modfile=scripts/tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help build test race vet lint bench bench-once fuzz golden sweep cover clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/agistorm
	go build -o bin/agistorm ./cmd/agistorm

test: ## all tests
	go test ./...

race: ## all tests with the race detector
	go test -race ./...

vet: ## go vet, for the other systems too
	@for os in linux darwin freebsd windows; do echo "vet $$os"; GOOS=$$os go vet ./... || exit 1; done

lint: ## the linter, the import rules of the rooms included
	$(TOOL) golangci-lint run ./...

bench: ## every benchmark
	go test -run '^$$' -bench . -benchmem ./...

bench-once: ## every benchmark once, to see that it runs
	go test -run '^$$' -bench . -benchtime 1x ./...

fuzz: ## every fuzz target for FUZZTIME each
	@scripts/fuzz $(FUZZTIME)

golden: ## write the golden files anew; look at the difference before you commit it
	go test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -r -n1 dirname | sort -u) -update

sweep: ## the main job
	go run ./cmd/agistorm sweep

cover: ## which statements the tests reach
	go test -coverprofile=cover.out ./... && go tool cover -func=cover.out | tail -n 1

clean: ## remove what make made
	rm -rf bin cover.out
