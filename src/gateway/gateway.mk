# gateway.mk: sfn-gateway, a program of its own.
#
# Included by the Makefile on top.  It is built where its libraries are, else make says which are missing and builds
# the extension alone; "make sfn-gateway" fails then.  The core is compiled once more, as a plain program.

GATEWAY_BUILD ?= $(SFN_BUILD)/gateway
GATEWAY_PROGRAM ?= sfn-gateway
GATEWAY_PACKAGES = libmicrohttpd libpq
GATEWAY_DEBIAN = libmicrohttpd-dev libpq-dev pkg-config
GATEWAY_MISSING := $(shell for p in $(GATEWAY_PACKAGES); do pkg-config --exists "$$p" 2>/dev/null || echo $$p; done)

GATEWAY_SOURCES := $(sort $(wildcard $(SFN_DIR)/src/gateway/*.c))
GATEWAY_CORE := $(sort $(shell find $(addprefix $(SFN_DIR)/src/core/,base json aws) -name '*.c'))
GATEWAY_OBJS = $(patsubst $(SFN_DIR)/src/%.c,$(GATEWAY_BUILD)/%.o,$(GATEWAY_SOURCES) $(GATEWAY_CORE))
# Those for libraries, since the others are position-independent only where the distribution made them so.
GATEWAY_PGLIBS := $(shell exec 2>/dev/null; for d in $$($(PG_CONFIG) --pkglibdir) $$($(PG_CONFIG) --libdir); do \
	if [ -f $$d/libpgcommon_shlib.a ]; then echo $$d/libpgcommon_shlib.a $$d/libpgport_shlib.a; break; fi; done)
GATEWAY_SANITIZE ?=
GATEWAY_CFLAGS = -std=gnu99 -O2 -g -fno-strict-aliasing -fwrapv -DFRONTEND -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes \
	-Wno-missing-field-initializers -Wno-unused-parameter -Werror=implicit-function-declaration $(SFN_PREFIX_MAP) \
	$(if $(filter-out 0 no,$(WERROR)),-Werror) $(GATEWAY_SANITIZE) -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
GATEWAY_CPPFLAGS = -I$(SFN_DIR)/src -I$(SFN_DIR)/src/core -isystem $(shell $(PG_CONFIG) --includedir-server 2>/dev/null) \
	-isystem $(shell $(PG_CONFIG) --includedir 2>/dev/null) $(shell pkg-config --cflags $(GATEWAY_PACKAGES) 2>/dev/null)
GATEWAY_LIBS = $(GATEWAY_PGLIBS) $(shell pkg-config --libs $(GATEWAY_PACKAGES) 2>/dev/null) -lcrypto -lm

ifeq (,$(GATEWAY_MISSING))
SCRIPTS_built = sfn-gateway
else
$(info sfn: the gateway is not built, $(GATEWAY_MISSING) missing; on Debian: apt-get install $(GATEWAY_DEBIAN))
endif

$(GATEWAY_PROGRAM): $(GATEWAY_OBJS)
	@echo "ld sfn-gateway"
	$(if $(V),,@)$(CC) $(GATEWAY_CFLAGS) -pie -Wl,-z,relro,-z,now -o $@ $(GATEWAY_OBJS) $(GATEWAY_LIBS)

$(GATEWAY_BUILD)/%.o: $(SFN_DIR)/src/%.c
	@mkdir -p $(@D)
	@echo "cc $(patsubst $(SFN_DIR)/%,%,$<) (gateway)"
	$(if $(V),,@)$(CC) $(GATEWAY_CFLAGS) $(GATEWAY_CPPFLAGS) -MMD -MP -c $< -o $@

# The same under sanitizers, for tests: build/gateway-checked/sfn-gateway.
.PHONY: gateway-checked
gateway-checked:
	@$(MAKE) --no-print-directory -f $(SFN_DIR)/Makefile GATEWAY_BUILD=$(SFN_BUILD)/gateway-checked \
		GATEWAY_PROGRAM=$(SFN_BUILD)/gateway-checked/sfn-gateway \
		GATEWAY_SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all -U_FORTIFY_SOURCE" \
		$(SFN_BUILD)/gateway-checked/sfn-gateway

-include $(GATEWAY_OBJS:.o=.d)
