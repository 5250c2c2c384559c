#!/bin/bash
#
# services.sh UNREACHABLE.txt [ENDPOINT CLIENT...]
#	  Runs services.py in a database of its own; inside a server's environment, CONFORMANCE is the folder of recordings.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
psql -qX -U postgres -d postgres -v ON_ERROR_STOP=1 <<-SQL
	DO \$\$ BEGIN CREATE ROLE developer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;
	CREATE DATABASE services;
	GRANT CREATE ON DATABASE services TO developer;
	\c services
	CREATE EXTENSION sfn;
SQL
dsn="host=$PGHOST port=$PGPORT dbname=services"
exec timeout --foreground -k 10 600 /usr/bin/python3 -B "$here/services.py" "$CONFORMANCE" "$dsn user=developer" "$dsn user=postgres" "$@"
