#!/bin/bash
#
# half_done.sh FILE
#	  Dumps a database with half-done executions of every state type (half_done.sql).
#
# Run by "cluster.sh run -c sfn.enabled=off", in whose server the database is made.
set -euo pipefail

createdb half_done
psql -XAtq -v ON_ERROR_STOP=1 -d half_done -c "CREATE EXTENSION sfn"
psql -XAtq -v ON_ERROR_STOP=1 -d half_done -f "$(dirname "$0")/half_done.sql" >/dev/null
pg_dump --no-owner -d half_done -f "$1"
chmod a+r "$1"
