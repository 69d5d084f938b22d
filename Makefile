# `make help` lists what can be done here.

.DEFAULT_GOAL := help
.PHONY: help demo test lint deny bench fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## play with the bot and a simulated WeCom in a browser, no account needed
	cargo run --release -- demo

test: ## install what the tests need (Debian) and run all of them
	tests/install.sh
	$(MAKE) lint
	cargo test --locked

lint: ## formatting, clippy with warnings as errors, and the shipped files through `zhanggui check` and `zhanggui test`
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo run --locked --quiet -- check --config config
	cargo run --locked --quiet -- test --config config

deny: ## licences, sources and duplicate versions of the dependencies (needs cargo-deny)
	cargo deny --locked check bans licenses sources

bench: ## measure speed, as ratios in one run
	cargo build --locked --release
	cargo bench --locked
	benches/road.sh

fuzz: ## fuzz every parser for a minute each (needs cargo-fuzz and a nightly toolchain)
	fuzz/seeds.sh
	for target in $$(cargo +nightly fuzz list); do cargo +nightly fuzz run $$target -- -max_total_time=60 || exit 1; done
