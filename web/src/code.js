// Where a definition is written: CodeMirror, which is loaded when it is first wanted.
//
// It makes <style> elements of its own, which the page's policy forbids, unless it stands in a shadow root.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { JsonInput } from './ui.js';

const TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'];

// Names of states where one is wanted, and types.
const completionOf = (names) => (context) => {
	const before = context.matchBefore(/"(?:Next|Default|StartAt|Type)"\s*:\s*"[^"\n]*/);
	if (!before)
		return null;
	const options = before.text.startsWith('"Type"') ? TYPES : names();
	return {
		from: before.from + before.text.lastIndexOf('"') + 1,
		options: options.map((label) => ({ label, apply: JSON.stringify(label).slice(1, -1) })),
	};
};

const themeOf = ({ EditorView }) => EditorView.theme({
	'&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--code)', fontSize: '13px' },
	'&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-1px' },
	'.cm-scroller': { fontFamily: 'ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", monospace', lineHeight: '1.5' },
	'.cm-content': { caretColor: 'var(--text)' },
	'.cm-gutters': { backgroundColor: 'var(--code)', color: 'var(--quiet)', borderRight: '1px solid var(--line)' },
	'.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
	'.cm-activeLineGutter': { backgroundColor: 'var(--hover)', color: 'var(--text)' },
	'&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--current)', color: 'var(--text)' },
	'.cm-selectionMatch': { backgroundColor: 'var(--caught)' },
	'.cm-panels, .cm-tooltip': { backgroundColor: 'var(--card)', color: 'var(--text)', borderColor: 'var(--line)' },
	'.cm-diagnostic': { maxWidth: '520px', whiteSpace: 'pre-wrap', padding: '5px 8px' },
	'.cm-diagnostic-error': { borderLeftColor: 'var(--failed-line)' },
	'.cm-diagnostic-warning': { borderLeftColor: 'var(--caught-line)' },
	'.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
	'.cm-textfield, .cm-button': { backgroundColor: 'var(--code)', backgroundImage: 'none', color: 'var(--text)', borderColor: 'var(--none-line)' },
});

const coloursOf = ({ HighlightStyle, tags }) => HighlightStyle.define([
	{ tag: tags.propertyName, color: 'var(--link)' },
	{ tag: tags.string, color: 'var(--ok-text)' },
	{ tag: [tags.number, tags.bool, tags.null], color: 'var(--warn-text)' },
	{ tag: tags.invalid, color: 'var(--bad-text)' },
]);

function extensionsOf(cm, label, changed, names) {
	return [
		cm.lineNumbers(), cm.foldGutter(), cm.lintGutter(), cm.highlightActiveLine(), cm.highlightActiveLineGutter(), cm.history(), cm.indentOnInput(), cm.bracketMatching(),
		cm.highlightSelectionMatches(), cm.json(), cm.syntaxHighlighting(coloursOf(cm)), themeOf(cm), cm.autocompletion({ override: [completionOf(names)], icons: false }),
		cm.keymap.of([...cm.completionKeymap, ...cm.lintKeymap, ...cm.searchKeymap, ...cm.foldKeymap, ...cm.historyKeymap, ...cm.defaultKeymap]),
		cm.EditorView.contentAttributes.of({ 'aria-label': label }),
		cm.EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
	];
}

// From the place of a problem to the end of the word there.
function rangeOf(doc, { line, col }) {
	const at = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
	const from = Math.min(at.from + Math.max((col ?? 1) - 1, 0), at.to);
	const word = /^(?:"(?:[^"\\]|\\.)*"?|[\w.+-]+|.)/.exec(doc.sliceString(from, at.to));
	return { from, to: from + (word?.[0].length ?? 0) };
}

// "place" is given a function that goes to a line and column.
export function Code({ text, change, label, diagnostics, names, place }) {
	const host = useRef(null);
	const view = useRef(null);
	const latest = useRef({});
	const [library, setLibrary] = useState(null);
	const [isMissing, setMissing] = useState(false);
	latest.current = { change, names };
	useEffect(() => {
		import('../vendor/codemirror.js').then(setLibrary, () => setMissing(true));
	}, []);
	useEffect(() => {
		if (!library)
			return undefined;
		const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
		const extensions = extensionsOf(library, label, (t) => latest.current.change(t), () => latest.current.names);
		view.current = new library.EditorView({ state: library.EditorState.create({ doc: text, extensions }), parent: root, root });
		place.current = (where) => {
			const { from, to } = rangeOf(view.current.state.doc, where);
			view.current.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
			view.current.focus();
		};
		return () => view.current.destroy();
	}, [library]);
	useEffect(() => {
		const shown = view.current?.state.doc;
		if (shown && shown.toString() !== text)
			view.current.dispatch({ changes: { from: 0, to: shown.length, insert: text } });
	}, [text]);
	useEffect(() => {
		if (!view.current)
			return;
		const { state } = view.current;
		const marks = diagnostics.map((d) => ({ ...rangeOf(state.doc, d), severity: d.severity === 'ERROR' ? 'error' : 'warning', message: [d.message, d.hint].filter(Boolean).join('\n') }));
		view.current.dispatch(library.setDiagnostics(state, marks));
	}, [diagnostics, library]);
	return isMissing ? html`<${JsonInput} label=${label} value=${text} change=${change} rows=${30} />` : html`<div class="code-host" ref=${host}><p class="quiet">The editor is loaded …</p></div>`;
}
