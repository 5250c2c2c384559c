#!/bin/bash
#
# demo.sh
#	  make demo: the tour of test/demo.
exec "$(dirname "$0")/../demo/demo.sh" tour
