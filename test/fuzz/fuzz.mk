# fuzz.mk: libFuzzer over the core.
#
#   make fuzz                       every target, 60 seconds each
#   make fuzz FUZZ_SECONDS=600 T=fuzz_json
#
# Included by the Makefile on top, behind unit.mk.  Each test/fuzz/fuzz_*.c is a
# target; it starts from test/fuzz/corpus/<target> and keeps what it finds in
# build/fuzz/<target>.corpus, so that the next run goes on from there.  A crash is
# left as build/fuzz/crash-*; put it into the corpus with the fix.

ifndef UNIT_CFLAGS
include test/unit/unit.mk
endif

FUZZ_CC ?= clang-14
FUZZ_SECONDS ?= 60
comma := ,
FUZZ_BUILD ?= $(or $(SFN_BUILD),build)/fuzz
FUZZ_CFLAGS = $(filter-out -Werror -fsanitize=%,$(UNIT_CFLAGS)) -fsanitize=address,undefined,fuzzer \
	-fno-sanitize-recover=all -Wno-ignored-attributes -DJPATH_MAX_VISITS=20000

.PHONY: fuzz

fuzz: $(addprefix $(FUZZ_BUILD)/,$(or $(T),$(UNIT_FUZZ) $(if $(GATEWAY_MISSING),,fuzz_gateway)))
	@for t in $^; do \
		name=$$(basename $$t); mkdir -p $$t.corpus; echo "$$name: $(FUZZ_SECONDS) s"; \
		ASAN_OPTIONS=detect_leaks=0 timeout $$(( $(FUZZ_SECONDS) + 60 )) $$t -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -artifact_prefix=$(FUZZ_BUILD)/ \
			$(if $(wildcard $(UNIT_DIR)/test/fuzz/fuzz.dict),-dict=$(UNIT_DIR)/test/fuzz/fuzz.dict) \
			$$t.corpus $$([ -d $(UNIT_DIR)/test/fuzz/corpus/$$name ] && echo $(UNIT_DIR)/test/fuzz/corpus/$$name) || exit 1; \
	done

$(FUZZ_BUILD)/obj/%.o: $(UNIT_DIR)/%.c
	@mkdir -p $(@D)
	@echo "cc $*.c (fuzz)"
	$(if $(V),,@)$(FUZZ_CC) $(FUZZ_CFLAGS) $(UNIT_CPPFLAGS) -MMD -MP -c $< -o $@

-include $(patsubst %.c,$(FUZZ_BUILD)/obj/%.d,$(UNIT_CORE))

$(FUZZ_BUILD)/%: $(FUZZ_BUILD)/obj/test/fuzz/%.o $(FUZZ_BUILD)/obj/test/unit/unit.o \
		$(patsubst %.c,$(FUZZ_BUILD)/obj/%.o,$(UNIT_CORE))
	$(if $(V),,@)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $^ $(UNIT_LIBS)

# The gateway but for its HTTP library and its database, which the target plays.
FUZZ_GATEWAY_SOURCES := $(filter-out %/http.c %/pool.c %/main.c %/confine.c %/processes.c %/password_login.c,$(GATEWAY_SOURCES)) \
	$(GATEWAY_CORE) $(UNIT_DIR)/test/fuzz/fuzz_gateway.c
FUZZ_GATEWAY_CFLAGS = $(filter-out -O2 -D_FORTIFY_SOURCE=2,$(GATEWAY_CFLAGS)) -O1 -fno-sanitize-recover=all

# fuzz_gateway_in FOLDER,COMPILER,SANITIZERS,SOURCE WITH main(): the gateway's objects there, and the program
define fuzz_gateway_in
$(1)/gateway_of_fuzz/%.o: $(UNIT_DIR)/%.c
	@mkdir -p $$(@D)
	@echo "cc $$*.c (fuzz gateway)"
	$$(if $$(V),,@)$(2) $$(FUZZ_GATEWAY_CFLAGS) $(3) $$(GATEWAY_CPPFLAGS) -I$(UNIT_DIR)/test -MMD -MP -c $$< -o $$@

$(1)/gateway_of_fuzz/assets.o: $(GATEWAY_BUILD)/assets.c
	@mkdir -p $$(@D)
	$$(if $$(V),,@)$(2) $$(FUZZ_GATEWAY_CFLAGS) $(3) $$(GATEWAY_CPPFLAGS) -c $$< -o $$@

$(1)/fuzz_gateway: $(addprefix $(1)/gateway_of_fuzz/,assets.o $(patsubst $(UNIT_DIR)/%.c,%.o,$(abspath $(FUZZ_GATEWAY_SOURCES) $(4))))
	$$(if $$(V),,@)$(2) $$(FUZZ_GATEWAY_CFLAGS) $(3) -o $$@ $$^ $$(GATEWAY_LIBS)

-include $(addprefix $(1)/gateway_of_fuzz/,$(patsubst $(UNIT_DIR)/%.c,%.d,$(abspath $(FUZZ_GATEWAY_SOURCES) $(4))))
endef

# By the fuzzer, and over the corpus for "make unit".
$(eval $(call fuzz_gateway_in,$(FUZZ_BUILD),$(FUZZ_CC),-fsanitize=address$$(comma)undefined$$(comma)fuzzer -Wno-error -Wno-ignored-attributes,))
$(eval $(call fuzz_gateway_in,$(UNIT_BUILD),$(UNIT_CC),-fsanitize=address$$(comma)undefined,$(UNIT_DIR)/test/fuzz/fuzz_files.c))
