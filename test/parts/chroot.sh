#
# chroot.sh
#	  Debian's releases in chroots, for the parts that need other servers than this machine's.  Sourced, not run.
#
# They stay below SFN_MATRIX_DIR (/var/tmp/sfn-matrix) for the next time, about 1 GB each.  A chroot sees the sources
# read-only at /sfn; its mounts end with the process that needs them.

store=${SFN_MATRIX_DIR:-/var/tmp/sfn-matrix}
mirror=${SFN_MATRIX_MIRROR:-http://deb.debian.org/debian}
packages="make gcc libc6-dev libssl-dev libcurl4-openssl-dev libpcre2-dev zlib1g-dev libzstd-dev zstd pkg-config perl libipc-run-perl"

skip()				# skip REASON: what needs it is left out
{
	reason=$*
	return 1
}

debian_get()		# debian_get RELEASE VERSION: a chroot with the server and what a build needs
{
	local root=$store/$1 script=
	[ ! -f "$root/complete" ] || return 0
	[ "$(id -u)" = 0 ] || skip "a chroot needs root" || return
	command -v debootstrap >/dev/null || skip "debootstrap is not installed" || return
	rm -rf "$root"
	# releases later than this debootstrap are made as sid is
	[ -e "/usr/share/debootstrap/scripts/$1" ] || script=/usr/share/debootstrap/scripts/sid
	# shellcheck disable=SC2086
	debootstrap --variant=minbase "$1" "$root" "$mirror" $script >"$logs/$1.debootstrap" 2>&1 ||
		skip "debootstrap of $1 failed, see $logs/$1.debootstrap" || return
	mkdir -p "$root/etc/postgresql-common/createcluster.d"
	echo "create_main_cluster = false" >"$root/etc/postgresql-common/createcluster.d/sfn.conf"
	# shellcheck disable=SC2086
	debian_run "$1" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages \
		"postgresql-$2" "postgresql-server-dev-$2" </dev/null >"$logs/$1.apt" 2>&1 ||
		skip "apt-get failed, see $logs/$1.apt" || return
	touch "$root/complete"
}

debian_binds=			# folders outside that the next debian_run shows at the same place
debian_run()		# debian_run RELEASE COMMAND...: in the chroot, below /var/tmp/sfn, with the sources at /sfn
{
	local root=$store/$1 bind
	shift
	mkdir -p "$root/sfn" "$root/var/tmp/sfn"
	for bind in $debian_binds; do mkdir -p "$root$bind"; done
	# shellcheck disable=SC2016
	DEBIAN_BINDS=$debian_binds unshare --mount --fork --pid --kill-child bash -c '
		set -e
		mount --bind "$0" "$1/sfn" && mount -o remount,bind,ro "$1/sfn"
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		for bind in $DEBIAN_BINDS; do mount --bind "$bind" "$1$bind"; done
		exec chroot "$1" /bin/bash -c "cd /var/tmp/sfn && unset SFN_DIR SFN_BUILD SFN_OBJ PG_CONFIG && exec \"\$@\"" bash "${@:2}"
	' "$SFN_DIR" "$root" "$@"
}
