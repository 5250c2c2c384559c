#!/bin/bash
#
# vendor.sh
#	  Makes web/vendor: each library one ES module, with its licence.  Run by "npm run vendor" after "npm ci".
set -euo pipefail
cd "$(dirname "$0")"

bundle()			# bundle NAME "LIBRARY..." SOURCE
{
	local licences=vendor/$1.LICENSE library
	echo "$3" | npx esbuild --bundle --minify --format=esm --legal-comments=none --log-level=warning \
		--outfile="vendor/$1.js"
	: >"$licences"
	for library in $2; do
		{
			node -p "const p = require('./node_modules/$library/package.json'); p.name + ' ' + p.version"
			cat "node_modules/$library/LICENSE"
			echo
		} >>"$licences"
	done
}

bundle preact "preact htm" "
	import { h } from 'preact';
	import htm from 'htm';
	export { h, render, Fragment } from 'preact';
	export { useState, useEffect, useRef, useMemo, useCallback, useLayoutEffect } from 'preact/hooks';
	export const html = htm.bind(h);"
bundle dagre "@dagrejs/dagre" "export { default } from '@dagrejs/dagre';"
