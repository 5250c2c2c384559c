# sfn: state machines in the Amazon States Language, run by PostgreSQL itself
#
#   make demo         a first look: builds, runs a private server, shows a machine at work, cleans up
#   make test         every test; the last line is "N passed, N failed"
#   make install      into the PostgreSQL that pg_config names
#   make help         everything else
#
# New source files join by themselves (wildcards below), and so do new parts of the install script, regression
# scripts and tests.  Everything made goes under build/, but for the library and the install script, which PGXS wants here.
# Building in another directory works: cd elsewhere && make -f /path/to/sfn/Makefile.

.DEFAULT_GOAL := all

SFN_DIR := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
SFN_BUILD ?= $(CURDIR)/build
SFN_VERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(SFN_DIR)/sfn.control)

# pg_config of the PATH, else the newest that Debian has below /usr/lib/postgresql
PG_CONFIG ?= $(or $(shell command -v pg_config 2>/dev/null),$(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin/pg_config))),pg_config)
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
export SFN_DIR SFN_BUILD PG_CONFIG

# --- the extension ------------------------------------------------------------------------------------------------

# sfn_proxy, the front of several databases, is SQL; of C it has one function of the library.
EXTENSION = sfn sql/proxy/sfn_proxy
MODULE_big = sfn
SFN_SCRIPT = sfn--$(SFN_VERSION).sql
SFN_SCRIPT_PARTS := $(sort $(wildcard $(SFN_DIR)/sql/extension/[0-9][0-9]_*.sql))
SFN_PROXY_SCRIPT = sfn_proxy--$(SFN_VERSION).sql
SFN_PROXY_PARTS := $(sort $(wildcard $(SFN_DIR)/sql/proxy/[0-9][0-9]_*.sql))
DATA_built = $(SFN_SCRIPT) $(SFN_PROXY_SCRIPT)
DATA = $(patsubst $(SFN_DIR)/%,%,$(wildcard $(SFN_DIR)/sql/updates/sfn*--*--*.sql)) sql/data/sfn-services.jsonl

SFN_SOURCES := $(sort $(shell find $(SFN_DIR)/src/core $(SFN_DIR)/src/server -name '*.c'))
# ZSTD is there where its library is: items of Distributed Maps may be compressed with it then.
SFN_ZSTD := $(shell pkg-config --exists libzstd 2>/dev/null && echo yes)
SHLIB_LINK = -lpcre2-8 -lcurl -lz $(if $(SFN_ZSTD),-lzstd)
OBJS = $(patsubst $(SFN_DIR)/src/%.c,$(SFN_BUILD)/obj/%.o,$(SFN_SOURCES))

# The server's headers count as system headers: -Wextra is for our own files.  Symbols are hidden; PostgreSQL 16 and
# later arrange that themselves.
PG_CPPFLAGS = -I$(SFN_DIR)/src/core -I$(SFN_DIR)/src/server -isystem $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
# The same library from every folder: no names of folders in it.
SFN_PREFIX_MAP = $(foreach d,$(sort $(SFN_DIR) $(CURDIR)),-ffile-prefix-map=$(d)=.)
# A function that the headers do not know is an error: with another minor version it would be missing only at run time.
PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror=implicit-function-declaration \
	-MMD -MP $(SFN_PREFIX_MAP)
ifneq (,$(filter 15,$(shell $(PG_CONFIG) --version 2>/dev/null | sed 's/^PostgreSQL \([0-9]*\).*/\1/')))
PG_CFLAGS += -fvisibility=hidden
PG_CPPFLAGS += -D'PGDLLEXPORT=__attribute__((visibility("default")))'
endif
ifneq (,$(SFN_ZSTD))
PG_CPPFLAGS += -DSFN_HAS_ZSTD
endif
ifneq (,$(filter-out 0 no,$(WERROR)))
PG_CFLAGS += -Werror
endif

# Inlining across the server by LLVM would need clang on every machine that installs us, for no gain.
override with_llvm := no

# --- against an installed, running server: make installcheck ----------------------------------------------------

# PGXS would let pg_regress make the database, with executors that take what the scripts turn by hand.
NO_INSTALLCHECK = 1

# Of a folder for builds only what we have made there: it may be somebody's, and hold more.
SFN_MADE = bench clients cluster conformance deb demo doubles fuzz gateway gateway-checked installcheck isolation log matrix obj page pginstall regress sanitize sanitize-address \
	source tap unit upgrade \
	ci.log install.lock stage
EXTRA_CLEAN = $(addprefix $(SFN_BUILD)/,$(SFN_MADE)) $(filter /tmp/sfn-build-%,$(shell cat $(SFN_BUILD)/stage 2>/dev/null))

# --- the gateway ----------------------------------------------------------------------------------------------------

include $(SFN_DIR)/src/gateway/gateway.mk

ifneq (,$(wildcard $(PGXS)))
include $(PGXS)
-include $(OBJS:.o=.d)

# No search path: building elsewhere must not pick up what was made here.
VPATH =
vpath %.control $(SFN_DIR)

$(SFN_BUILD)/obj/%.o: $(SFN_DIR)/src/%.c
	@mkdir -p $(@D)
	@echo "cc $(patsubst $(SFN_DIR)/%,%,$<)"
	$(if $(V),,@)$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

# The version of the extension that the library is made for.
$(SFN_BUILD)/obj/server/store/sql_version.o: override CPPFLAGS += -DSFN_VERSION='"$(SFN_VERSION)"'
$(SFN_BUILD)/obj/server/store/sql_version.o: $(SFN_DIR)/sfn.control

else
SFN_NO_SERVER = echo "sfn: no PostgreSQL server headers found (pg_config: $(PG_CONFIG)); on Debian: apt-get install postgresql-server-dev-15" >&2; exit 1
all install clean:
	@$(SFN_NO_SERVER)
endif

$(SFN_SCRIPT): $(SFN_SCRIPT_PARTS) $(SFN_DIR)/sfn.control
	@mkdir -p $(@D)
	cat /dev/null $(SFN_SCRIPT_PARTS) > $@.new
	mv $@.new $@

$(SFN_PROXY_SCRIPT): $(SFN_PROXY_PARTS) $(SFN_SCRIPT_PARTS) $(addprefix $(SFN_DIR)/sql/proxy/,make_functions.pl routes.txt actions.txt)
	@mkdir -p $(@D)
	cat /dev/null $(SFN_PROXY_PARTS) > $@.new
	$(SFN_DIR)/sql/proxy/make_functions.pl >> $@.new
	mv $@.new $@

# --- tests, each in a throw-away server of its own ----------------------------------------------------------------
#
# Each is a script of test/parts.  It installs what is missing (packages when root; else it names them), builds, installs
# into a private copy of the PostgreSQL tree below build/, runs a server of its own there and stops it.

SFN_PARTS = installcheck cluster test tools regress isolation tap upgrade clients doubles page conformance soak chaos sanitize matrix deb bench compare demo psql
export SFN_OBJ = $(CURDIR)

.PHONY: $(SFN_PARTS) unit fuzz format lint help
$(SFN_PARTS):
	@SFN_MAKE='$(MAKE)' $(SFN_DIR)/test/parts/$@.sh

-include $(SFN_DIR)/test/unit/unit.mk
-include $(SFN_DIR)/test/fuzz/fuzz.mk

# The rows of common services that are installed, made of AWS's models: make services BOTOCORE=.../botocore/data
.PHONY: services
services: $(SFN_BUILD)/unit/aws_calls
	$(SFN_DIR)/sql/data/make_services.sh $< $(BOTOCORE) >$(SFN_DIR)/sql/data/sfn-services.jsonl

# --- house work -----------------------------------------------------------------------------------------------------

SFN_FORMATTED = $(shell find $(addprefix $(SFN_DIR)/,src test/unit test/fuzz) -name '*.[ch]')
CLANG_FORMAT ?= clang-format-14

format:
	$(CLANG_FORMAT) -i $(SFN_FORMATTED)

lint:
	@$(SFN_DIR)/test/cluster/packages.sh lint
	@echo "== format"
	@$(CLANG_FORMAT) --dry-run --Werror $(SFN_FORMATTED)
	@echo "== what pages, SQL and code say of each other"
	@for check in $(filter-out %/symbols.pl,$(wildcard $(SFN_DIR)/test/lint/*.pl)); do $$check || exit 1; done
	@echo "== symbols"
	@[ ! -f sfn.so ] || $(SFN_DIR)/test/lint/symbols.pl sfn.so
	@echo "== cppcheck"
	@cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,performance,portability \
		--suppress=missingInclude --suppress=unknownMacro --suppress=nullPointerOutOfMemory \
		-j 2 -I $(SFN_DIR)/src -I $(SFN_DIR)/src/core -I $(SFN_DIR)/src/server $(SFN_DIR)/src
	@echo "lint: clean"

help:
	@sed -n 's/^#help //p' $(SFN_DIR)/Makefile

#help make                     build the extension (V=1: show the compiler's command lines)
#help make install             into the PostgreSQL that PG_CONFIG names (then: shared_preload_libraries = 'sfn')
#help make demo                a private server, a machine at work, an explanation; cleans up after itself
#help make cluster N=3          shards behind a front on this machine, to look around in psql; STANDBY=1, CHECK=1
#help make psql                the same server, kept up while you look around in psql
#help make test                tools, unit, regress, isolation, tap and conformance; last line "N passed, N failed"
#help make tools                the Makefile, the library, META.json and the scripts that servers are run by
#help make unit                the core as a plain program under ASan and UBSan, without a server
#help make regress T=name      SQL scripts (sql/*.sql against expected/*.out), all or one
#help make isolation T=name    races between sessions (test/isolation/specs)
#help make tap T=name          restarts, crashes, workers (test/tap/*.pl)
#help make upgrade              updates from each release and to a made-up next version, with executions under way
#help make clients             AWS's own clients against the gateway; they come from PyPI
#help make doubles             calls of AWS services beside botocore, moto and ministack; they come from PyPI
#help make page                 the page of the gateway in a browser, with pictures; skipped where there is no chromium
#help make conformance CONFORMANCE=dir   recorded AWS answers, where you have them
#help make installcheck        regress and isolation against the installed, running server (PGHOST, PGPORT, PGUSER: a superuser)
#help make matrix V=17           regress, isolation and a part of tap on PostgreSQL 15, 16, 17 and 18, all or one
#help make deb                  a Debian package, built, installed, used and removed in a chroot; it lands in build/deb
#help make fuzz FUZZ_SECONDS=60          the parsers and the step function under libFuzzer
#help make chaos MINUTES=30    machines of every kind in a storm of kills, restarts, settings, DDL; counts effects
#help make sanitize T=name     the SQL scripts with a library built under UBSan, or with SANITIZER=address under ASan
#help make soak                the long rounds in full: crashes, restarts, random machines
#help make bench QUICK=1       transitions per second and latency beside a baseline of the same run
#help make bench GATEWAY=1     calls a second through the gateway beside SQL and echoes
#help make bench EVENTS=1      what rules cost that match nothing, and one that starts a machine
#help make compare BEFORE=dir   this build and that of another clone in turns: ratios of their rates
#help make format, make lint   clang-format 14; the check of it, of the rules in test/lint, and cppcheck
#help make clean
