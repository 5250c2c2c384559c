#!/bin/bash
#
# bench.sh
#	  make bench: test/bench.
exec "$(dirname "$0")/../bench/bench.sh"
