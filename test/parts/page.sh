#!/bin/bash
#
# page.sh
#	  The page in a browser: Debian's chromium, driven by playwright-core, against a gateway and data of its own.
#
# Pictures are left in build/page/pictures.  It is skipped, with a message, where there is no chromium and no way to have
# one, or no network for playwright-core and node (web/package-lock.json, test/page/requirements.txt: pinned).
. "$(dirname "$0")/common.sh"
part_begin page gateway python
log=$logs/page.log
details=$logs/page.details
home=$SFN_BUILD/page
gateway=

skip()
{
	echo "page: skipped: $*" | tee -a "$log"
	part_end 0 0 0
	exit 0
}

stop()
{
	[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true
	"$cluster" stop page >/dev/null 2>&1 || true
}
trap stop EXIT

have_node()			# 20 or later
{
	command -v node >/dev/null && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

# Node from PyPI where the system has none that is new enough.
find_node()
{
	have_node && return
	if [ ! -x "$home/venv/bin/node" ]; then
		limit 60 python3 -m venv "$home/venv" && limit 300 "$home/venv/bin/pip" install -q -r "$SFN_DIR/test/page/requirements.txt"
	fi >>"$details" 2>&1 || return
	PATH=$home/venv/bin:$PATH
	have_node
}

find_chromium()
{
	command -v chromium >/dev/null && return
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return
	limit 400 env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core \
		</dev/null >>"$details" 2>&1
}

find_modules()
{
	local wanted
	wanted=$(sha256sum <"$SFN_DIR/web/package-lock.json")
	[ "$(cat "$home/wanted" 2>/dev/null)" != "$wanted" ] || return 0
	cp "$SFN_DIR/web/package.json" "$SFN_DIR/web/package-lock.json" "$home/"
	(cd "$home" && limit 300 npm ci --ignore-scripts --no-audit --no-fund) >>"$details" 2>&1 || return
	echo "$wanted" >"$home/wanted"
}

mkdir -p "$home"
: >"$details"
[ -x "$SFN_OBJ/sfn-gateway" ] || skip "the gateway is not built"
find_chromium || skip "there is no chromium (as root: apt-get install chromium)"
find_node || skip "there is no node, and none can be had from PyPI"
find_modules || skip "playwright-core cannot be had from npm"

"$cluster" start page >>"$details"
# shellcheck disable=SC1091
. "$("$cluster" stage)/cluster/page/environment"
psql -Xq -o /dev/null -f "$SFN_DIR/test/page/data.sql" >>"$details" 2>&1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$SFN_OBJ/sfn-gateway" --listen "127.0.0.1:$port" 2>"$logs/page.gateway.log" &
gateway=$!
for _ in $(seq 300); do
	curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && break
	sleep 0.1
done

status=0
SFN_PAGE_URL=http://127.0.0.1:$port SFN_PAGE_MODULES=$home SFN_PAGE_PICTURES=$home/pictures SFN_CHROMIUM=$(command -v chromium) \
	limit "${PAGE_LIMIT:-900}" node "$SFN_DIR/test/page/run.mjs" >>"$log" 2>&1 || status=$?
grep -A4 '^not ok' "$log" || true
kill "$gateway"
wait "$gateway" || status=1
gateway=
part_end "$status"
