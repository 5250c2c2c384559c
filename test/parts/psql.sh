#!/bin/bash
#
# psql.sh
#	  make psql: the shop of test/demo, and psql in it.
exec "$(dirname "$0")/../demo/demo.sh" psql
