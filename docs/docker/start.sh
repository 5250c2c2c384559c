#!/bin/bash
#
# start.sh
#	  The server, and a gateway beside it that the container's neighbours reach.
docker-entrypoint.sh postgres -c shared_preload_libraries=sfn "$@" &
server=$!
trap 'kill -INT $server; wait $server' TERM INT
until pg_isready -q -h 127.0.0.1; do sleep 0.2; done
/usr/lib/postgresql/15/bin/sfn-gateway --db "host=/var/run/postgresql user=postgres dbname=postgres" --role gateway --listen 0.0.0.0:8083 &
# Whichever ends first, the server is shut down before the container goes.
wait -n
status=$?
kill -INT "$server" 2>/dev/null
wait "$server"
exit "$status"
