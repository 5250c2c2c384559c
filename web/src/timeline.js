// When each state was in progress.  A wait beside which nothing else could be seen is folded.

import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { milliseconds } from './format.js';

const ROW = 24;
const TOP = 26;
const RIGHT = 84;
const TICK = 90;	// pixels between two, at least
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
const spoken = { RUNNING: 'in progress', CAUGHT: 'error was caught' };
const clipped = (name, room) => (name.length * 7.8 > room ? name.slice(0, Math.floor(room / 7.8) - 1) + '…' : name);
const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 900000, 1800000, 3600000, 7200000, 21600000, 43200000, 86400000];

const short = (ms) => milliseconds(ms).replace(/\.0+ s$/, ' s').replace(/(\.\d)0 s$/, '$1 s').replace(/ 0 (s|min|h)$/, '');

// Round times with room between them; none where a wait is folded, since there the scale is another.
function ticksOf({ place, folds, rest, room }, total, width) {
	const perPixel = rest / (room * width);
	const step = steps.find((s) => s / perPixel >= TICK) ?? 86400000 * Math.ceil((TICK * perPixel) / 86400000);
	const ticks = [];
	for (let after = 0; after < total && ticks.length < 50; after += step) {
		const at = place(after) * width;
		const isClear = folds.every((f) => after <= f.from || after >= f.from + f.length);
		if (isClear && at < width - TICK * 0.6 && (!ticks.length || at - ticks.at(-1).at >= TICK * 0.8))
			ticks.push({ after, at });
	}
	return [...ticks, { after: total, at: width }];
}

// The width that there is, kept up to date.
function useWidth() {
	const box = useRef(null);
	const [width, setWidth] = useState(0);
	useLayoutEffect(() => {
		const look = () => setWidth(Math.max(300, Math.floor(box.current.clientWidth)));
		look();
		const observer = new ResizeObserver(look);
		observer.observe(box.current);
		return () => observer.disconnect();
	}, []);
	return [box, width];
}

// One visit's bar; of several attempts each has its part, with the pauses between them.
function Bar({ visit, x, y, end }) {
	const box = (from, to, kind, key) => html`<rect key=${key} class=${kind} x=${x(from)} y=${y} width=${Math.max(3, x(to) - x(from))} height=${ROW - 12} rx="3"/>`;
	if (!visit.tries)
		return box(visit.from, visit.to, 'box');
	return html`<line class="pauses" x1=${x(visit.from)} x2=${x(visit.to)} y1=${y + ROW / 2 - 6} y2=${y + ROW / 2 - 6}/>
		${visit.tries.map((one, i) => box(new Date(one.began).getTime(), one.ended ? new Date(one.ended).getTime() : end, one.error ? 'box tried' : 'box', i))}`;
}

function Row({ visit, x, y, width, label, end, selected, select }) {
	const right = Math.max(x(visit.from), x(visit.to)) + 3;
	const lasted = milliseconds(visit.to - visit.from);
	const again = visit.attempts > 1 ? ` ×${visit.attempts}` : '';
	return html`<g class=${`span mark-${marks[visit.status]}${selected === visit.id ? ' selected' : ''}`} role="button" tabindex="0" aria-pressed=${selected === visit.id}
		aria-label=${`${visit.state}, ${spoken[visit.status] ?? visit.status.toLowerCase()}, ${lasted}${again && `, ${visit.attempts} attempts`}`} onClick=${() => select(visit.id)}
		onKeyDown=${(e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); select(visit.id); } }}>
		<rect class="row" x="0" y=${y - 4} width=${width} height=${ROW}/>
		<text class="row-label" x=${label - 8} y=${y + 12} text-anchor="end">${clipped(visit.state, label - 12)}</text>
		<${Bar} visit=${visit} x=${x} y=${y + 2} end=${end} />
		<text class="tick" x=${right + 6} y=${y + 12}>${signs[visit.status]} ${lasted}${again}</text>
		<title>${visit.path}${visit.attempts > 1 ? `\n${visit.attempts} attempts` : ''}</title></g>`;
}

export function Timeline({ states, start, end, select, selected }) {
	const [box, width] = useWidth();
	const to = Math.max(end, ...states.map((s) => (s.exited ? new Date(s.exited).getTime() : end)));
	const visits = states.slice(-MOST_ROWS).map((s) => ({
		...s, from: Math.max(start, new Date(s.entered).getTime()), to: s.exited ? new Date(s.exited).getTime() : to,
	}));
	const longest = Math.max(...visits.map((v) => v.state.length)) * 7.8 + 16;
	const label = Math.min(longest, width < 480 ? 110 : 190);
	const room = width - label - RIGHT;
	const scale = scaleOf(visits.map((v) => ({ from: v.from - start, to: v.to - start })), 0, to - start);
	const x = (moment) => label + scale.place(moment - start) * room;
	const height = TOP + 4 + visits.length * ROW;
	return html`
		<div class="timeline-scroll" ref=${box}>${width > 0 && html`<svg class="timeline" width=${width} height=${height} role="group" aria-label="Timeline of the states">
			${ticksOf(scale, to - start, room).map((tick) => html`<g key=${tick.after}><line class="axis" x1=${label + tick.at} x2=${label + tick.at} y1="18" y2=${height}/>
				<text class="tick" x=${label + tick.at} y="12" text-anchor=${tick.after ? 'middle' : 'start'}>${tick.after ? short(tick.after) : '0'}</text></g>`)}
			${scale.folds.map((fold) => html`<g class="fold-mark" key=${fold.from}><rect x=${label + scale.place(fold.from) * room} y="18" width=${FOLDED * room} height=${height - 18}/>
				<text class="tick" x=${label + (scale.place(fold.from) + FOLDED / 2) * room} y="12" text-anchor="middle">⋯</text>
				<title>${milliseconds(fold.length)} are shown narrower than they were</title></g>`)}
			${visits.map((v, i) => html`<${Row} key=${v.id} visit=${v} x=${x} y=${TOP + i * ROW} width=${width} label=${label} end=${to} selected=${selected} select=${select} />`)}
		</svg>`}</div>
		${states.length > MOST_ROWS && html`<p class="quiet">The newest ${MOST_ROWS}</p>`}`;
}
