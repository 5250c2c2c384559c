// When each state was in progress.  A wait beside which nothing else could be seen is folded.

import { html } from '../vendor/preact.js';
import { milliseconds } from './format.js';

const ROW = 22;
const LABEL = 150;
const WIDTH = 620;
const RIGHT = 74;
const FOLDED = 0.08;	// of the width
const LONG = 0.8;	// of what is left to be shown
const MOST_FOLDS = 3;
const MOST_ROWS = 200;

// The longest, as long as it is nearly all of what is left.
function foldLong(pieces, total) {
	const byLength = [...pieces].sort((a, b) => b.length - a.length);
	let left = total;
	for (const piece of byLength.slice(0, Math.min(MOST_FOLDS, pieces.length - 2))) {
		if (piece.length <= left * LONG)
			return;
		piece.isFolded = true;
		left -= piece.length;
	}
}

// Time to place: pieces between the moments at which something begins or ends, a long one with nothing but one state takes little room.
export function scaleOf(visits, from, to) {
	const total = Math.max(1, to - from);
	const moments = [...new Set([from, to, ...visits.flatMap((v) => [v.from, v.to])])].sort((a, b) => a - b);
	const pieces = [];
	for (let i = 0; i + 1 < moments.length; i++) {
		const length = moments[i + 1] - moments[i];
		pieces.push({ from: moments[i], length, isFolded: false });
	}
	foldLong(pieces, total);
	const folded = pieces.filter((p) => p.isFolded).length;
	const rest = pieces.reduce((sum, p) => sum + (p.isFolded ? 0 : p.length), 0) || 1;
	const room = 1 - folded * FOLDED;
	let at = 0;
	for (const piece of pieces) {
		piece.at = at;
		piece.width = piece.isFolded ? FOLDED : (piece.length / rest) * room;
		at += piece.width;
	}
	const place = (moment) => {
		const piece = pieces.findLast((p) => p.from <= moment) ?? pieces[0];
		if (!piece)
			return 0;
		return piece.at + (piece.length ? Math.min(1, (moment - piece.from) / piece.length) : 0) * piece.width;
	};
	return { place, folds: pieces.filter((p) => p.isFolded), rest, room };
}

const signs = { RUNNING: '', SUCCEEDED: '✓', CAUGHT: '!', FAILED: '✕', ABORTED: '■' };
const marks = { RUNNING: 'current', SUCCEEDED: 'succeeded', CAUGHT: 'caught', FAILED: 'failed', ABORTED: 'aborted' };
const clipped = (name) => (name.length > 20 ? name.slice(0, 19) + '…' : name);

export function Timeline({ states, start, end, select, selected }) {
	const to = Math.max(end, ...states.map((s) => (s.exited ? new Date(s.exited).getTime() : end)));
	const visits = states.slice(-MOST_ROWS).map((s) => ({
		...s, from: Math.max(start, new Date(s.entered).getTime()), to: s.exited ? new Date(s.exited).getTime() : to,
	}));
	const { place, folds } = scaleOf(visits, start, to);
	const x = (moment) => LABEL + place(moment) * (WIDTH - LABEL - RIGHT);
	const height = 26 + visits.length * ROW;
	return html`
		<div class="timeline-scroll"><svg class="timeline" viewBox=${`0 0 ${WIDTH} ${height}`} role="group" aria-label="Timeline of the states">
			<line class="axis" x1=${LABEL} x2=${WIDTH - RIGHT} y1="18" y2="18"/>
			<text class="tick" x=${LABEL} y="12">0</text>
			<text class="tick" x=${WIDTH - RIGHT} y="12" text-anchor="middle">${milliseconds(to - start)}</text>
			${folds.map((fold) => html`<g class="fold-mark" key=${fold.from}><rect x=${x(fold.from)} y="18" width=${x(fold.from + fold.length) - x(fold.from)} height=${height - 20}/>
				${x(fold.from) < WIDTH - RIGHT - 90 && x(fold.from) > LABEL + 10 && html`<text class="tick" x=${(x(fold.from) + x(fold.from + fold.length)) / 2} y="12" text-anchor="middle">⋯</text>`}
				<title>${milliseconds(fold.length)} are shown narrower than they were</title></g>`)}
			${visits.map((v, i) => {
				const y = 24 + i * ROW;
				const left = x(v.from);
				const right = Math.max(left + 3, x(v.to));
				return html`<g key=${v.id} class=${`span mark-${marks[v.status]}${selected === v.id ? ' selected' : ''}`} role="button" tabindex="0"
					aria-label=${`${v.state}, ${v.status.toLowerCase()}, ${milliseconds(v.to - v.from)}`} onClick=${() => select(v.id)}
					onKeyDown=${(e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); select(v.id); } }}>
					<rect class="row" x="0" y=${y - 2} width=${WIDTH} height=${ROW}/>
					<text class="row-label" x=${LABEL - 8} y=${y + 13} text-anchor="end">${clipped(v.state)}</text>
					<rect class="box" x=${left} y=${y + 3} width=${right - left} height=${ROW - 10} rx="3"/>
					<text class="tick" x=${right + 5} y=${y + 13}>${signs[v.status]} ${milliseconds(v.to - v.from)}</text>
					<title>${v.path}${v.attempts > 1 ? `\n${v.attempts} attempts` : ''}</title></g>`;
			})}
		</svg></div>
		${states.length > MOST_ROWS && html`<p class="quiet">The newest ${MOST_ROWS}</p>`}`;
}
