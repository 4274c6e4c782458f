# The two commands of a newcomer are `make demo` and `make test`; both begin with a bare machine that has Swift, git and
# make. The rest is for maintainers.

SHELL := /bin/bash
# One set of flags for every build: another one would build all dependencies again.
SWIFT_FLAGS := --explicit-target-dependency-import-check error
VENV := .build/test-venv
# The tests look for datasette here.
DATASETTE_VENV := .build/datasette-venv
# A git beside the system's; the tests look for it here.
NEWER_GIT := .build/newer-git
TEMPLATES_VENV := .build/templates-venv
# The static forms of the C libraries, found before the shared ones. Linker flags only: others would build all again.
STATIC_FOLDER := .build/static
RELEASE_FLAGS = -c release --static-swift-stdlib -Xlinker -L$(abspath $(STATIC_FOLDER))
export OUTLAST_TEST_VENV := $(CURDIR)/$(VENV)
# A machine's own settings must not decide whether tests pass.
TEST_ENV := env -u GIT_SSL_CAINFO -u SSL_CERT_FILE -u SSL_CERT_DIR -u CURL_CA_BUNDLE -u HTTP_PROXY -u HTTPS_PROXY \
	-u ALL_PROXY -u http_proxy -u https_proxy -u all_proxy -u OUTLAST_STATE -u OUTLAST_CONFIG -u OUTLAST_MODE

.PHONY: help demo test test-templates build packages test-packages unit check-format check-imports check-shell reference check-reference bench backtest release release-sandbox dist check-dist \
	check-docker check-images check-static format clean

help:
	@echo 'make demo     build, watch preflight catch a token that dies in mid-build, and renew one'
	@echo 'make test     everything that CI checks'
	@echo 'make test-templates  the CI templates, each run with a token that dies in mid-build'
	@echo 'make release  the optimized executable, in .build/release/outlast'
	@echo 'make dist     that executable and a static one as archives, in dist/ (docs/installing.md)'
	@echo 'make bench    start-up figures, side by side with a minimal program, and what a large history costs'
	@echo 'make backtest [DATA=FILE]  score the estimator on recorded CI runs'
	@echo 'make reference  write docs/reference.md anew, after a change of commands or options'
	@echo 'make format   format all sources'

demo: packages
	swift build $(SWIFT_FLAGS) --product outlast
	swift build $(SWIFT_FLAGS) --product outlast-sandbox
	Tests/demo/demo.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)"

test: test-packages check-format check-shell check-reference unit check-imports

# Runs the programs that are built already, or builds them.
test-templates: test-packages check-docker
	@Tests/tools/install-packages.sh templates
	@Tests/tools/make-venv.sh $(TEMPLATES_VENV) templates
	swift build $(SWIFT_FLAGS) --product outlast
	swift build $(SWIFT_FLAGS) --product outlast-sandbox
	$(TEST_ENV) Tests/tools/run-templates.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)" $(TEMPLATES_VENV)

packages:
	@Tests/tools/install-packages.sh build

test-packages: packages
	@Tests/tools/install-packages.sh test
	@Tests/tools/make-venv.sh $(VENV) oauth
	@Tests/tools/make-venv.sh $(DATASETTE_VENV) datasette
	@Tests/tools/newer-git.sh $(NEWER_GIT)

build: packages
	swift build $(SWIFT_FLAGS) --build-tests

unit: build
	$(TEST_ENV) Tests/tools/run-tests.sh $(SWIFT_FLAGS)

check-format:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

check-shell:
	shellcheck .ci/run Tests/tools/*.sh Tests/demo/*.sh Tests/Benchmarks/*.sh docker/*.sh $$(find Tests/templates/rehearsals -name '*.sh')

# docs/reference.md is what the program says of itself.
REFERENCE := Tests/tools/make-reference.py README.md docs/reference.md
reference: packages
	swift build $(SWIFT_FLAGS) --product outlast
	"$$(swift build $(SWIFT_FLAGS) --show-bin-path)/outlast" --experimental-dump-help | $(REFERENCE)

check-reference: build
	@set -o pipefail; \
	"$$(swift build $(SWIFT_FLAGS) --show-bin-path)/outlast" --experimental-dump-help | $(REFERENCE) --check

check-imports: build
	@Tests/tools/check-imports.sh $(SWIFT_FLAGS)

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

DATA ?= Tests/Backtest/data/ci-durations.csv.gz
backtest: packages
	@swift build $(SWIFT_FLAGS) -c release --product outlast-backtest >&2
	@gzip --decompress --stdout --force < '$(DATA)' | .build/release/outlast-backtest

release: packages
	@Tests/tools/static-folder.sh $(STATIC_FOLDER)
	swift build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product outlast

# The forge to rehearse against, for an image.
release-sandbox: packages
	@Tests/tools/static-folder.sh $(STATIC_FOLDER)
	swift build $(SWIFT_FLAGS) $(RELEASE_FLAGS) --product outlast-sandbox

# The executable to pack; another one must have the list of what was linked beside it, as a build leaves it.
DIST_BINARY ?= .build/release/outlast
DIST_FOLDER ?= dist
# no: only the first, as for a debug build.
DIST_STATIC ?= yes
DIST_VENV := .build/dist-venv

# The second executable has glibc in it, for images that have another C library or none.
dist: $(if $(filter .build/release/outlast,$(DIST_BINARY)),release)
	@Tests/tools/install-packages.sh dist
ifeq ($(DIST_STATIC),no)
	Tests/tools/dist.sh $(DIST_BINARY) $(DIST_FOLDER)
else
	@Tests/tools/static-folder.sh $(STATIC_FOLDER)
	Tests/tools/link-static.sh $(DIST_BINARY) $(abspath $(STATIC_FOLDER)) .build/outlast-static
	Tests/tools/dist.sh $(DIST_BINARY) $(DIST_FOLDER) .build/outlast-static
endif

check-dist:
	@Tests/tools/install-packages.sh check-dist
	@Tests/tools/make-venv.sh $(DIST_VENV) dist
	Tests/tools/check-dist.sh $(DIST_FOLDER) $(DIST_VENV)

check-docker:
	@Tests/tools/make-venv.sh $(DIST_VENV) dist
	$(DIST_VENV)/bin/hadolint docker/Dockerfile

# The second executable alone in a root. Wants root.
check-static:
	@Tests/tools/install-packages.sh test
	swift build $(SWIFT_FLAGS) --product outlast-sandbox
	Tests/tools/check-static.sh .build/outlast-static $(CURDIR)/.build/debug/outlast-sandbox

# Builds the images from the archive, without a registry. Wants root, and a kernel that lets it make a chroot.
check-images: check-docker
	@Tests/tools/install-packages.sh images
	swift build $(SWIFT_FLAGS) --product outlast-sandbox
	Tests/tools/check-images.sh $(DIST_FOLDER) .build/debug/outlast-sandbox .build/image-base

bench: release
	@Tests/tools/install-packages.sh bench
	swift build $(SWIFT_FLAGS) --product outlast-sandbox
	swift build $(RELEASE_FLAGS) --package-path Tests/Benchmarks/Baseline --scratch-path .build/baseline
	@Tests/Benchmarks/startup.sh .build/release/outlast .build/baseline/release/baseline .build/debug/outlast-sandbox
	@Tests/Benchmarks/refresh.sh .build/release/outlast .build/debug/outlast-sandbox
	@Tests/Benchmarks/credential.sh .build/release/outlast .build/baseline/release/parser .build/debug/outlast-sandbox
	@Tests/Benchmarks/logs.sh .build/release/outlast
	@Tests/Benchmarks/history.sh .build/release/outlast

clean:
	rm -rf .build
