# On a fresh machine with Python 3.11 or newer: `make run`, then `make test`. `make` alone lists the rest.

.DELETE_ON_ERROR:
.SHELLFLAGS := -eu -c
VENV := .venv
BIN := $(VENV)/bin
STORE ?= build/store
HOST ?= 127.0.0.1
PORT ?= 7878
WORKERS ?= 2
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-header --strip-extras

.PHONY: help run build serve install test test-long remote-test browser-test browser-test-long api-test screens agreement conformance faults fuzz fuzz-files fuzz-site latency lint format bench bench-site docs assets lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name does; \
		do printf '  make %-17s %s\n' "$$name" "$$does"; done

$(BIN)/python:
	@for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$("$$candidate" --version)." >&2; \
			exec "$$candidate" -m venv $(VENV); \
		fi; \
	done; \
	echo "bpsgraph needs Python 3.11 or newer with its venv module (Debian: python3-venv). Tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3). Name another with 'make run PYTHON=/path/to/python'." >&2; \
	exit 1

# Each stamp is newer than what it was installed from, so that a second run installs nothing.
$(VENV)/run.stamp: $(BIN)/python requirements/build.txt requirements/run.txt pyproject.toml
	@echo "Installing the locked dependencies." >&2
	@$(PIP_INSTALL) --require-hashes --requirement requirements/build.txt --requirement requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing the tools for testing." >&2
	@$(PIP_INSTALL) --no-compile --require-hashes --requirement requirements/dev.txt
	@touch $@

$(VENV)/lock.stamp: $(BIN)/python
	@$(PIP_INSTALL) pip-tools==7.6.2
	@touch $@

# Chinese first, English below it: every part of what `make run` prints says what it is.
heading = printf '\n== %s ==\n   %s\n' '$(1)' '$(2)'
JINCHENG := data/ttl/local/140500-2021.ttl
validate = $(BIN)/bpsgraph validate $(JINCHENG) --fail-on never --store $(STORE)
query = $(BIN)/bpsgraph query --format table --store $(STORE)

run: build  ## build the graph, validate 晋城 against the State's standard, answer the first questions
	@$(call heading,1. 晋城市2021年清单对照国家标准2021年版原文,Jincheng 2021 against the text of the 2021 edition: ✗ violation · ! warning · · note)
	@$(validate) --edition 2021 --summary
	@$(call heading,2. 同一清单对照2023年版原文,the same catalogue against the text of the 2023 edition)
	@$(validate) --edition 2023 --summary --show violation
	@for day in 2021-11-02 2024-06-01 2025-06-01; do \
		printf '\n== %s ==\n   %s\n' "3. 同一清单对照$$day有效的下限" "and against the floors in force on $$day"; \
		$(validate) --as-of "$$day" --summary --show violation; \
	done
	@$(call heading,4. 同一清单对照今天有效的下限，逐项列出出处和改法,and today: every violation with the text that the floor comes from and the cure)
	@$(validate) --edition current --show violation
	@$(call heading,5. 嵩明县2020年的固定数额：达到2021年版，低于2024年春季提高后的标准,Songming’s fixed amounts met the 2021 edition and are below since the raise of 2024)
	@$(BIN)/bpsgraph verdicts 530127/2020 --edition 2021 --format table --store $(STORE)
	@$(BIN)/bpsgraph verdicts 530127/2020 --as-of 2024-06-01 --format table --store $(STORE)
	@$(call heading,6. 石台县：每学期500元即每年1000元，中央分担60%与安徽所在档次相符,Shitai: 500 a semester is 1000 a year; its central share of 60 % is that of Anhui)
	@$(query) catalogues/promises -p catalogue=341722/2021 -c item_zh,value,unit_zh,amount,dimension_zh,central_share,tier_share
	@$(call heading,7. 2023年版公告所称的变化，以及来源点名的事项,What was announced with the 2023 edition and the items that were named)
	@$(query) editions/announced-changes -p edition=2023 -c indicator_zh,announced,item_zh,verification
	@$(call heading,8. “十四五”公共服务规划：约束性指标7项、预期性指标15项,The 14th five-year plan: 7 binding and 15 expected indicators)
	@$(query) targets/due-by-year -p attribute=binding -c target_zh,base_value,comparator,value,unit_zh,basis_zh
	@$(query) targets/due-by-year -p attribute=expected -c target_zh,base_value,comparator,value,unit_zh,basis_zh
	@$(call heading,9. 晋城缺少国家标准的哪些事项？（只问其清单的范围）,Which items of the floor does Jincheng lack? Asked within the scope it claims)
	@$(query) gaps/missing-items -p jurisdiction=140500 -c item_zh,domain_zh,from,source 2>&1
	@$(call heading,10. 哪些事项的同一要素有两项标准？,Which items are claimed by two standards for the same aspect?)
	@$(query) standards/items-claimed-by-two-standards -c item_zh,aspect_zh,standard_zh,other_zh
	@$(call heading,可靠程度,How far to trust it)
	@printf '%s\n' \
		'   未能取得国家标准全表：没有出处的格留空；仅凭回忆或推断的下限至多给出警告。' \
		'   The tables of the State could not be obtained whole: what no source states is left empty, and a floor' \
		'   that is only recalled or inferred never gives more than a warning.  bpsgraph query provenance/recalled-cells'
	@$(call heading,接下来,What next)
	@printf '   %s\n' '$(BIN)/bpsgraph --help      命令 commands' '$(BIN)/bpsgraph queries     已有的问题 the saved questions' \
		'make serve                  在 http://$(HOST):$(PORT)/ 打开网站 the graph as a site: pages, linked data, SPARQL'

build: $(VENV)/run.stamp  ## build the store only
	@$(BIN)/bpsgraph build --store $(STORE)

serve: $(VENV)/run.stamp  ## open the site over the built store (HOST=127.0.0.1 PORT=7878)
	@test -f $(STORE)/bpsgraph.json || $(BIN)/bpsgraph build --store $(STORE)
	@exec $(BIN)/bpsgraph serve --store $(STORE) --host $(HOST) --port $(PORT)

install: $(VENV)/dev.stamp  ## install what the other targets need, and nothing else

# Neighbours share what they are tried with, so that each process is given a stretch of tests, and takes from another at the end.
# The stores of the tests force their changes to the disk tens of thousands of times: none waits where memory has room.
test: export TMPDIR := $(or $(TMPDIR),$(shell [ "$$(df -k --output=avail /dev/shm 2>&1 | tail -n 1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm),/tmp)
test: $(VENV)/dev.stamp  ## run every test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

browser-test: export BPSGRAPH_STORE := $(abspath $(STORE))
browser-test: $(VENV)/dev.stamp  ## walk the site in Chromium: the users' journeys, every kind of page (needs chromium)
	@test -f $(STORE)/bpsgraph.json || $(BIN)/bpsgraph build --store $(STORE)
	@$(BIN)/python -m pytest -n $(WORKERS) tests/browser $(ARGS)

browser-test-long: export TESTS_LONG := yes
browser-test-long: browser-test  ## the same with every page in both languages

api-test: export TESTS_LONG := yes
api-test: $(VENV)/dev.stamp  ## the long form: every example of the OpenAPI, and requests that schemathesis makes up
	@$(BIN)/python -m pytest -n 0 tests/web/test_api_contract.py $(ARGS)

screens: $(VENV)/dev.stamp  ## pictures of every kind of page in build/screens (ARGS="--dark home")
	@test -f $(STORE)/bpsgraph.json || $(BIN)/bpsgraph build --store $(STORE)
	@PYTHONPATH=src:tests $(BIN)/python -m browser.screens --store $(STORE) $(ARGS)

test-long: export TESTS_LONG := yes
test-long: test  ## run every test on every case: rdflib on all cases of the queries, pyshacl on all shapes, more seeds

# Debian's Virtuoso is unpacked, not installed; where that cannot be had, its tests say so.
VIRTUOSO := build/virtuoso
fetch_virtuoso = command -v virtuoso-t >/dev/null || test -e $(VIRTUOSO) || { \
	mkdir -p build && rm -rf build/virtuoso.part && mkdir build/virtuoso.part && \
	(cd build/virtuoso.part && apt-get -qq download virtuoso-opensource-7-bin libminizip1 libpcre3 && \
	for package in *.deb; do dpkg -x "$$package" . && rm "$$package"; done) && mv build/virtuoso.part $(VIRTUOSO); }

remote-test: export TESTS_LONG := yes
remote-test: $(VENV)/dev.stamp  ## stores on servers in full: every question on Oxigraph, and the same on Virtuoso (Debian's, fetched)
	@$(fetch_virtuoso) || echo "Virtuoso is not to be had here; its tests are skipped" >&2
	@$(BIN)/python -m pytest -n 0 tests/store/test_remote.py tests/store/test_remote_faults.py tests/store/test_publication.py \
		tests/store/test_remote_questions.py tests/cli/test_remote_store.py $(ARGS)

agreement: $(VENV)/run.stamp  ## the long form: every engine on 200 generated catalogues (ARGS=--bundled: on the bundled ones too)
	@$(BIN)/python -m bench.agreement $(ARGS)

conformance: $(VENV)/run.stamp  ## the suites of the W3C in full ($BPSGRAPH_W3C_TESTS or ../shared/w3c); renews docs/conformance.md
	@PYTHONPATH=tests $(BIN)/python -m conformance $(ARGS)

fuzz: $(VENV)/dev.stamp  ## the long form: 10,000 hostile queries (ARGS="--count 500 --seed 1")
	@PYTHONPATH=src:tests $(BIN)/python -m faults.query_fuzz $(ARGS)

latency: $(VENV)/run.stamp  ## measure what a worker costs a query, and lookups beside hostile ones
	@test -f $(STORE)/bpsgraph.json || $(BIN)/bpsgraph build --store $(STORE)
	@$(BIN)/python -m bench.latency $(ARGS)

faults: $(VENV)/dev.stamp  ## the long form: crashes, full disks, flipped bits, crowds (ARGS="kills --count 100": one of them)
	@PYTHONPATH=src:tests $(BIN)/python -m faults $(ARGS)

fuzz-files: $(VENV)/dev.stamp  ## the long form: 2,000 broken files here, 2,000 broken, odd and hostile in workers (ARGS="--seed 7 --number 100")
	@test -d $(STORE) || $(BIN)/bpsgraph build --store $(STORE)
	@PYTHONPATH=src:tests $(BIN)/python -m faults.judged_files --store $(STORE) $(ARGS)
	@PYTHONPATH=src:tests $(BIN)/python -m faults.file_fuzz --store $(STORE) $(ARGS)

fuzz-site: $(VENV)/dev.stamp  ## the long form: 10,000 hostile requests to the site (ARGS="--count 500 --seed 1")
	@test -f $(STORE)/bpsgraph.json || $(BIN)/bpsgraph build --store $(STORE)
	@PYTHONPATH=src:tests $(BIN)/python -m faults.request_fuzz --store $(STORE) $(ARGS)

lint: $(VENV)/dev.stamp  ## check style, types and the layout of the Turtle files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m bpsgraph.turtle --check data/ttl ontology

format: $(VENV)/dev.stamp  ## lay out code and Turtle files
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m bpsgraph.turtle data/ttl ontology

docs: $(VENV)/run.stamp  ## renew what docs/ takes from the queries, the rules and the commands
	@$(BIN)/python -m bpsgraph.library.docs
	@$(BIN)/python -m bpsgraph.validation.docs
	@$(BIN)/python -m bpsgraph.workbooks.docs
	@$(BIN)/python -m bpsgraph.cli.reference
	@$(BIN)/bpsgraph build --store $(STORE)
	@$(BIN)/python docs/picture.py $(STORE)

bench: $(VENV)/dev.stamp  ## every goal of scale and speed in one table (SIZE=county, province or nation; ARGS="--only country")
	@$(fetch_virtuoso) 2>/dev/null || echo "Virtuoso is not to be had here; the table says so" >&2
	@PYTHONPATH=src:tests $(BIN)/python -m bench --size $(or $(SIZE),province) $(ARGS)

bench-site: $(VENV)/run.stamp  ## the saved questions beside rdflib, one county judged, a warm worker, the site (SIZE=county or province)
	@$(BIN)/python -m bench.questions --size $(or $(SIZE),county)
	@$(BIN)/python -m bench.county $(ARGS)
	@$(BIN)/python -m bench.isolated --store $(STORE)
	@PYTHONPATH=src:tests $(BIN)/python -m bench.site --size $(or $(SIZE),county)

# What ran at the install of a package is not needed and not run (assets/.npmrc).
assets: $(BIN)/python  ## copy the browser's libraries from npm anew (needs npm); the copies are committed
	@cd assets && npm ci --no-progress
	@$(BIN)/python assets/vendoring.py

lock: $(VENV)/lock.stamp  ## write requirements/*.txt anew from pyproject.toml
	@$(PIP_COMPILE) --output-file requirements/run.txt pyproject.toml
	@$(PIP_COMPILE) --extra test --extra lint --constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml
	@$(PIP_COMPILE) --all-build-deps --only-build-deps --constraint requirements/dev.txt --output-file requirements/build.txt pyproject.toml

clean:  ## remove what was built (the environment stays: remove .venv to begin anew)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
