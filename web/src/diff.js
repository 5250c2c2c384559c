// What has changed between two texts, line by line.

import { html } from '../vendor/preact.js';

const MOST_CELLS = 4e6;	// of the table of common lines; beyond it all counts as changed
const AROUND = 3;	// lines that are shown before and after a change

// How many lines the rests of both have in common, for each pair of places.
function commonLengths(a, b) {
	const width = b.length + 1;
	const lengths = new Uint32Array((a.length + 1) * width);
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--)
			lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
	}
	return (i, j) => lengths[i * width + j];
}

function middleOf(a, b) {
	const all = (lines, sign) => lines.map((text) => ({ sign, text }));
	if (a.length * b.length > MOST_CELLS)
		return [...all(a, '-'), ...all(b, '+')];
	const common = commonLengths(a, b);
	const found = [];
	let [i, j] = [0, 0];
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			found.push({ sign: ' ', text: a[i++] });
			j++;
		} else if (j >= b.length || (i < a.length && common(i + 1, j) >= common(i, j + 1)))
			found.push({ sign: '-', text: a[i++] });
		else
			found.push({ sign: '+', text: b[j++] });
	}
	return found;
}

export function changesOf(before, after) {
	const [a, b] = [before.split('\n'), after.split('\n')];
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start])
		start++;
	let end = 0;
	while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end))
		end++;
	const same = (lines) => lines.map((text) => ({ sign: ' ', text }));
	return [...same(a.slice(0, start)), ...middleOf(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...same(a.slice(a.length - end))];
}

const kinds = { '+': 'new', '-': 'gone', ' ': '' };

export function Diff({ before, after, label }) {
	const lines = changesOf(before, after);
	const near = new Set(lines.flatMap((line, i) => (line.sign === ' ' ? [] : Array.from({ length: 2 * AROUND + 1 }, (_, n) => i - AROUND + n))));
	if (!near.size)
		return html`<p class="quiet">There is no difference.</p>`;
	return html`<pre class="code lines" tabindex="0" aria-label=${label}>${lines.map((line, i) => (near.has(i)
		? html`<span key=${i} class=${kinds[line.sign]}>${line.sign} ${line.text}</span>` : near.has(i - 1) && html`<span key=${i} class="quiet">⋯</span>`))}</pre>`;
}
