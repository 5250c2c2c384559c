# unit.mk: the core as a plain program, with its tests, under sanitizers.
#
#   make unit                     builds and runs everything
#   make unit T=test_json         builds and runs one test program
#   build/unit/jsonpath_cases F   runs a file of JSONPath cases
#
# Included by the Makefile on top; "make -f test/unit/unit.mk unit" works too.
# Sources are found by their place: src/core/**/*.c is the core, each
# test/unit/test_*.c and test/fuzz/fuzz_*.c is a program, and so is every other
# test/unit/*.c but unit.c, which supports them all.  A fuzz target is linked with
# fuzz_files.c here and runs over its corpus.

UNIT_DIR := $(or $(SFN_DIR),.)
UNIT_BUILD ?= $(or $(SFN_BUILD),build)/unit
UNIT_PG_CONFIG ?= $(or $(PG_CONFIG),pg_config)
UNIT_CC ?= gcc
UNIT_TIMEOUT ?= 120

unit_sources = $(patsubst $(UNIT_DIR)/%,%,$(sort $(wildcard $(addprefix $(UNIT_DIR)/,$(1)))))

UNIT_CORE := $(patsubst $(UNIT_DIR)/%,%,$(sort $(shell find $(UNIT_DIR)/src/core -name '*.c')))
UNIT_TESTS := $(notdir $(basename $(call unit_sources,test/unit/test_*.c)))
UNIT_FUZZ := $(notdir $(basename $(filter-out test/fuzz/fuzz_files.c test/fuzz/fuzz_gateway.c,$(call unit_sources,test/fuzz/fuzz_*.c))))

UNIT_CFLAGS = -std=gnu99 -O1 -g -fno-omit-frame-pointer -fno-strict-aliasing -fwrapv -DFRONTEND \
	-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror -Wmissing-prototypes \
	-fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_CPPFLAGS = -I$(UNIT_DIR)/src/core -I$(UNIT_DIR)/test \
	-isystem $(shell $(UNIT_PG_CONFIG) --includedir-server 2>/dev/null) -D_GNU_SOURCE
UNIT_PGLIBS := $(shell exec 2>/dev/null; for d in $$($(UNIT_PG_CONFIG) --pkglibdir) $$($(UNIT_PG_CONFIG) --libdir); do \
	if [ -f $$d/libpgcommon.a ]; then echo $$d/libpgcommon.a $$d/libpgport.a; break; fi; done)
UNIT_LIBS = $(UNIT_PGLIBS) -lpcre2-8 -lcrypto -lm -lpthread

# Both sanitizers end the program at the first finding; leaks count as one.
UNIT_RUN = ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 timeout $(UNIT_TIMEOUT)

UNIT_CORE_OBJS = $(patsubst %.c,$(UNIT_BUILD)/%.o,$(UNIT_CORE))
UNIT_SUPPORT = $(UNIT_BUILD)/test/unit/unit.o
UNIT_CASES = test/cases/jsonpath.jsonl test/cases/jsonpath_random.jsonl

# What "make unit" runs, one line each: a name, then the command.
UNIT_RUNS = $(foreach t,$(UNIT_TESTS),$(UNIT_BUILD)/$(t))
ifeq ($(T),)
# With the Makefile on top, and where the gateway is built, its target, too (fuzz.mk).
UNIT_MORE = $(addprefix $(UNIT_BUILD)/,jsonpath_cases $(UNIT_FUZZ) $(if $(GATEWAY_MISSING),,$(if $(GATEWAY_SOURCES),fuzz_gateway)))
else
UNIT_RUNS = $(UNIT_BUILD)/$(T)
UNIT_MORE =
endif

.PHONY: unit unit-clean
.SECONDARY:

unit: $(UNIT_RUNS) $(UNIT_MORE)
	@status=0; cd $(UNIT_DIR); \
	run() { log=$$1.log; name=$$(basename $$1); \
		if $(UNIT_RUN) "$$@" >$$log 2>&1; then echo "$$name: $$(grep -c '^ok' $$log) ok"; \
		else echo "$$name: FAILED"; grep -v '^ok' $$log | head -60; status=1; fi; }; \
	for t in $(abspath $(UNIT_RUNS)); do run $$t test/cases; done; \
	for t in $(abspath $(UNIT_MORE)); do case $$t in \
		*/fuzz_*) run $$t test/fuzz/corpus/$$(basename $$t);; \
		*) run $$t $(UNIT_CASES);; \
	esac; done; exit $$status

$(UNIT_BUILD)/%.o: $(UNIT_DIR)/%.c
	@mkdir -p $(@D)
	@echo "cc $*.c (unit)"
	$(if $(V),,@)$(UNIT_CC) $(UNIT_CFLAGS) $(UNIT_CPPFLAGS) -MMD -MP -c $< -o $@

-include $(UNIT_CORE_OBJS:.o=.d) $(wildcard $(UNIT_BUILD)/test/unit/*.d $(UNIT_BUILD)/test/fuzz/*.d)

$(UNIT_BUILD)/libcore.a: $(UNIT_CORE_OBJS)
	@rm -f $@
	@ar rcs $@ $^

# Support comes first, so that its palloc is the one that is linked.
$(addprefix $(UNIT_BUILD)/,$(UNIT_FUZZ)): $(UNIT_BUILD)/%: $(UNIT_BUILD)/test/fuzz/%.o \
		$(UNIT_BUILD)/test/fuzz/fuzz_files.o $(UNIT_SUPPORT) $(UNIT_BUILD)/libcore.a
	$(if $(V),,@)$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $^ $(UNIT_LIBS)

$(UNIT_BUILD)/%: $(UNIT_BUILD)/test/unit/%.o $(UNIT_SUPPORT) $(UNIT_BUILD)/libcore.a
	$(if $(V),,@)$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $^ $(UNIT_LIBS)

unit-clean:
	rm -rf $(UNIT_BUILD)
