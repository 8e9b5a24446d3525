# Run `make help` for what there is. Everything works from an empty machine: `setup` installs
# what is missing, and the program starts a PostgreSQL and a Redis of its own.

SHELL := bash
.DEFAULT_GOAL := help

# One build cache for every checkout of the project on this machine.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/ocop-market/target
TOOLS ?= $(HOME)/.cache/ocop-market/tools

.PHONY: help setup run test check fmt clippy doc licences unused openapi contract fuzz bench clean

help: ## Show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 17

setup: ## Install what this machine lacks (apt; starts no service)
	@.ci/setup

# The log goes to the terminal and to .data/server.log. `tee` ignores Ctrl-C and SIGTERM, so that
# the program's last words are kept; it ends when the program has closed its end.
run: setup ## Run everything on http://127.0.0.1:8080 (own database, demo data on first start)
	cargo build --locked
	@mkdir -p .data
	@if [[ -f .data/server.log ]]; then mv -f .data/server.log .data/server.log.previous; fi
	@exec "$$CARGO_TARGET_DIR/debug/ocop-market" run \
		2> >(trap '' INT TERM HUP; exec tee -a .data/server.log >&2)

test: setup fmt clippy doc ## Run what CI runs: format, lints, documentation, every test
	cargo test --locked

check: setup fmt clippy doc licences unused ## Check without running tests, dependencies included

fmt:
	cargo fmt --all --check

clippy:
	cargo clippy --all-targets --locked -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

licences:
	@.ci/tools "$(TOOLS)"
	"$(TOOLS)/bin/cargo-deny" --locked check licenses bans sources

unused:
	@.ci/tools "$(TOOLS)"
	"$(TOOLS)/bin/cargo-shear"

openapi: setup ## Write the documents in openapi/ anew from the code
	@mkdir -p openapi
	cargo run --quiet --locked -- openapi > openapi/openapi.json.new
	@mv openapi/openapi.json.new openapi/openapi.json
	cargo run --quiet --locked -- problems > openapi/problems.json.new
	@mv openapi/problems.json.new openapi/problems.json

# BENCH="--products 100000" takes more products.
bench: setup ## Measure the program against its limits (3 minutes, after a build for speed)
	cargo build --release --locked
	"$$CARGO_TARGET_DIR/release/ocop-market" bench $(BENCH)

# CONTRACT="--seed 7 --minutes 30" tries other requests, for longer.
contract: setup ## Lint the OpenAPI document and try the program against it (10 minutes)
	cargo build --locked
	@.ci/contract "$(TOOLS)" $(CONTRACT)

# FUZZ="--minutes 60 momo payos" tries two targets for an hour each.
fuzz: setup ## Try the readers of others' messages with inputs made for it (1 hour, after a build)
	@.ci/fuzz "$(TOOLS)" $(FUZZ)

clean: ## Remove the build cache and .data, with the private database in it
	@for lock in .data/*/users.lock .data/*/elsewhere/users.lock; do \
		if [[ -e $$lock ]] && ! flock --nonblock --exclusive "$$lock" true; then \
			echo "clean: something still runs on .data; stop it first" >&2; exit 1; \
		fi; \
	done
	@for elsewhere in .data/*/elsewhere; do \
		if [[ -L $$elsewhere ]]; then rm -rf -- "$$(readlink "$$elsewhere")"; fi; \
	done
	rm -rf .data
	cargo clean
