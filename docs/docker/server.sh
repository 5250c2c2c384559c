#!/bin/bash
#
# server.sh
#	  Makes the data directory at the first start, then becomes the server.  Arguments are the server's.
set -euo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	: "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD for the superuser postgres}"
	initdb -D "$PGDATA" -U postgres --encoding=UTF8 --auth-local=trust --auth-host=scram-sha-256 \
		--pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
	printf '%s\n' "listen_addresses = '*'" "shared_preload_libraries = 'sfn'" >>"$PGDATA/postgresql.conf"
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	echo "CREATE EXTENSION sfn" | postgres --single -D "$PGDATA" postgres >/dev/null
fi
unset POSTGRES_PASSWORD
exec postgres -D "$PGDATA" "$@"
