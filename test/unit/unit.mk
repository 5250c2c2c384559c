# unit.mk: the core as a plain program, with its tests, under sanitizers.
#
#   make unit              builds and runs everything
#   make unit T=test_json  builds and runs one test program
#
# Included by the Makefile on top; "make -f test/unit/unit.mk unit" works too.
# Sources are found by their place: src/core/**/*.c is the core, each
# test/unit/test_*.c is a program, test/unit/unit.c its support.

UNIT_PG_CONFIG ?= $(if $(PG_CONFIG),$(PG_CONFIG),pg_config)
UNIT_CC ?= gcc
UNIT_BUILD ?= build/unit
UNIT_TIMEOUT ?= 120

UNIT_CORE := $(sort $(wildcard src/core/*.c src/core/*/*.c src/core/*/*/*.c))
UNIT_HEADERS := $(sort $(wildcard src/core/*/*.h src/core/*/*/*.h test/unit/*.h))
UNIT_TESTS := $(patsubst test/unit/%.c,%,$(sort $(wildcard test/unit/test_*.c)))

UNIT_CFLAGS = -std=gnu99 -O1 -g -fno-omit-frame-pointer -fno-strict-aliasing -fwrapv -DFRONTEND \
	-Wall -Wextra -Werror -Wmissing-prototypes \
	-fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_CPPFLAGS = -Isrc/core -Itest -I$(shell $(UNIT_PG_CONFIG) --includedir-server) -D_GNU_SOURCE
UNIT_PGLIBS = $(shell for d in $$($(UNIT_PG_CONFIG) --pkglibdir) $$($(UNIT_PG_CONFIG) --libdir); do \
	if [ -f $$d/libpgcommon.a ]; then echo $$d/libpgcommon.a $$d/libpgport.a; break; fi; done)
UNIT_LIBS = $(UNIT_PGLIBS) -lcrypto -lm -lpthread

UNIT_CORE_OBJS := $(patsubst %.c,$(UNIT_BUILD)/%.o,$(UNIT_CORE))
UNIT_SUPPORT_OBJS := $(UNIT_BUILD)/test/unit/unit.o

# Both sanitizers end the program at the first finding; leaks count as one.
UNIT_ENV = ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

.PHONY: unit unit-clean
.SECONDARY:

unit: $(if $(T),$(UNIT_BUILD)/$(T),$(addprefix $(UNIT_BUILD)/,$(UNIT_TESTS)))
	@status=0; for t in $^; do \
		if $(UNIT_ENV) timeout $(UNIT_TIMEOUT) $$t test/cases test/fuzz/corpus > $$t.log 2>&1; \
		then echo "$$(basename $$t): $$(grep -c '^ok' $$t.log) ok"; \
		else echo "$$(basename $$t): FAILED"; grep -v '^ok' $$t.log | head -60; status=1; fi; \
	done; exit $$status

$(UNIT_BUILD)/%.o: %.c $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(UNIT_CC) $(UNIT_CFLAGS) $(UNIT_CPPFLAGS) -c $< -o $@

$(UNIT_BUILD)/libcore.a: $(UNIT_CORE_OBJS) $(UNIT_SUPPORT_OBJS)
	@rm -f $@
	ar rcs $@ $^

# Support comes first, so that its palloc is the one that is linked.
$(UNIT_BUILD)/%: $(UNIT_BUILD)/test/unit/%.o $(UNIT_SUPPORT_OBJS) $(UNIT_BUILD)/libcore.a
	$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $^ $(UNIT_LIBS)

unit-clean:
	rm -rf $(UNIT_BUILD)
