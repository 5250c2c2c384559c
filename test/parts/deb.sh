#!/bin/bash
#
# deb.sh [DEB_RELEASE=bookworm DEB_VERSION=15]
#	  Debian packages: built in a chroot with their own tests, installed, a first machine run, removed again.
#
# They land in build/deb.  Skipped, with the reason, where no chroot can be had.
. "$(dirname "$0")/common.sh"
. "$SFN_DIR/test/parts/chroot.sh"
mkdir -p "$logs"
release=${DEB_RELEASE:-bookworm} version=${DEB_VERSION:-15}
log=$logs/deb.log
inside=$store/$release/var/tmp/sfn-deb
passed=0 failed=0 reason=

run()				# run COMMAND...: in the chroot, in /var/tmp/sfn-deb
{
	# shellcheck disable=SC2016
	debian_run "$release" bash -c 'cd /var/tmp/sfn-deb && exec "$@"' bash "$@"
}

step()				# step NAME COMMAND...
{
	local name=$1
	shift
	if run "$@" >>"$log" 2>&1; then
		echo "ok - $name"
		passed=$((passed + 1))
	else
		echo "not ok - $name"
		failed=$((failed + 1))
		tail -n 20 "$log"
	fi
}

copy_sources()
{
	rm -rf "$inside"
	mkdir -p "$inside/sfn"
	tar -C "$SFN_DIR" -cf - --exclude=./build --exclude=./.git --exclude=./sfn--*.sql --exclude=./sfn_proxy--*.sql --exclude='*.so' . | tar -C "$inside/sfn" -xf - || [ "${PIPESTATUS[*]}" = "1 0" ]	# 1: a file was changed meanwhile
	chroot "$store/$release" chown -R postgres /var/tmp/sfn-deb
}

: >"$log"
if ! debian_get "$release" "$version"; then
	echo "deb: skipped: $reason"
	exit 0
fi
copy_sources
step "what the build needs" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
	build-essential debhelper fakeroot libzstd-dev pkg-config postgresql-server-dev-all postgresql-common
# the tests of a build run before anything is installed: they must not find an older package
step "no package of ours is there" bash -c '! dpkg -s postgresql-'"$version"'-sfn'
step "control is what control.in says" runuser -u postgres -- bash -c 'cd sfn && sed "s/PGVERSION/'"$version"'/g" debian/control.in | cmp - debian/control'
step "dpkg-buildpackage, with the regression tests against the package" runuser -u postgres -- bash -c '
	cd sfn && export HOME=/var/tmp/sfn-deb USER=postgres && dpkg-buildpackage -us -uc -b -jauto'
step "the package is installed" bash -c 'apt-get install -y -q --no-install-recommends ./postgresql-*-sfn_*.deb'
step "a server with it runs the first machine" runuser -u postgres -- bash -c '
	set -e
	bin=$(pg_config --bindir)
	rm -rf data && "$bin/initdb" -D data -A trust >/dev/null
	printf "%s\n" "shared_preload_libraries = '\''sfn'\''" "listen_addresses = '\'\''" "unix_socket_directories = '\''/var/tmp/sfn-deb'\''" >>data/postgresql.conf
	"$bin/pg_ctl" -D data -l server.log -w start >/dev/null
	trap "\"$bin/pg_ctl\" -D data -m fast -w stop" EXIT
	export PGHOST=/var/tmp/sfn-deb
	psql -XAtq -v ON_ERROR_STOP=1 -d postgres -c "CREATE EXTENSION sfn" \
		-c "SELECT sfn.create_state_machine('\''first'\'', '\''{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Wait\", \"Seconds\": 1, \"End\": true}}}'\'')" \
		-c "SELECT sfn.start_execution('\''first'\'')"
	for i in $(seq 60); do
		[ "$(psql -XAtq -d postgres -c "SELECT status FROM sfn.executions")" != SUCCEEDED ] || exit 0
		sleep 0.5
	done
	exit 1'
step "it is removed again, and leaves nothing" bash -c '
	apt-get remove -y -q "postgresql-*-sfn" &&
	[ -z "$(find /usr/lib/postgresql /usr/share/postgresql -name "sfn*")" ]'
rm -rf "$SFN_BUILD/deb"
mkdir -p "$SFN_BUILD/deb"
cp "$inside"/*.deb "$SFN_BUILD/deb/" 2>/dev/null || true
echo "$passed $failed" >"$logs/deb.count"
echo "deb: $passed passed, $failed failed"
[ "$failed" = 0 ]
