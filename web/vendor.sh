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

# What the editor of definitions is made of; loaded there only.
codemirror="autocomplete commands lang-json language lint search state view"
bundle codemirror "$(printf '@codemirror/%s ' $codemirror)@lezer/common @lezer/highlight @lezer/json @lezer/lr @marijn/find-cluster-break crelt style-mod w3c-keyname" "
	export { EditorState } from '@codemirror/state';
	export { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
	export { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
	export { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
	export { autocompletion, completionKeymap } from '@codemirror/autocomplete';
	export { json } from '@codemirror/lang-json';
	export { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
	export { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
	export { tags } from '@lezer/highlight';"
