// The drawing of a machine: SVG, attributes and classes only.  Colours are never alone: each mark has a sign.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { foldedAtFirst, layOut, shortened } from './layout.js';

const LARGE = 150;	// states; from there on a worker lays it out

const icons = { Task: '⚙', Choice: '◇', Parallel: '∥', Map: '⟲', Wait: '◷', Pass: '→', Succeed: '✓', Fail: '✕' };
const signs = { succeeded: '✓', failed: '✕', caught: '!', aborted: '■' };
export const legend = [['current', 'In progress'], ['succeeded', 'Succeeded'], ['caught', 'Caught error'],
	['failed', 'Failed'], ['aborted', 'Aborted'], ['none', 'Not started']];
const spoken = { current: 'in progress', entered: 'in progress', succeeded: 'succeeded', caught: 'error was caught', failed: 'failed', aborted: 'aborted' };

const markOf = (node) => (node.mark === 'entered' ? 'current' : node.mark ?? 'none');

// A line through the points with rounded corners.
function pathThrough(points) {
	let path = `M${points[0].x.toFixed(1)},${points[0].y.toFixed(1)}`;
	for (let i = 1; i < points.length - 1; i++) {
		const [a, b, c] = [points[i - 1], points[i], points[i + 1]];
		const towards = (p) => {
			const length = Math.hypot(p.x - b.x, p.y - b.y) || 1;
			const r = Math.min(9, length / 2) / length;
			return `${(b.x + (p.x - b.x) * r).toFixed(1)},${(b.y + (p.y - b.y) * r).toFixed(1)}`;
		};
		path += `L${towards(a)}Q${b.x.toFixed(1)},${b.y.toFixed(1)} ${towards(c)}`;
	}
	const end = points.at(-1);
	return `${path}L${end.x.toFixed(1)},${end.y.toFixed(1)}`;
}

const Edge = ({ edge }) => html`
	<g class=${'edge edge-' + edge.kind}>
		<path d=${pathThrough(edge.points)} marker-end=${edge.kind === 'catch' ? 'url(#arrow-catch)' : 'url(#arrow)'} data-from=${edge.from} data-to=${edge.to}/>
		${edge.label && html`<g class="edge-label"><rect x=${edge.x - edge.width / 2} y=${edge.y - 8} width=${edge.width} height="16" rx="3"/>
			<text x=${edge.x} y=${edge.y + 4} text-anchor="middle">${edge.label}</text><title>${edge.title ?? edge.label}</title></g>`}
	</g>`;

const Dot = ({ at }) => html`
	<g class="dot"><rect x=${at.x - 29} y=${at.y - 14} width="58" height="28" rx="14"/>
		<text x=${at.x} y=${at.y + 5} text-anchor="middle">${at.dot}</text></g>`;

const Sign = ({ mark, x, y }) => mark === 'current'
	? html`<g class="sign" transform=${`translate(${x},${y})`}><circle r="8"/><path class="turning" d="M0,-4.5A4.5,4.5 0 1 1 -4.5,0"/></g>`
	: signs[mark] && html`<g class="sign"><circle cx=${x} cy=${y} r="8"/><text x=${x} y=${y + 4} text-anchor="middle">${signs[mark]}</text></g>`;

function State({ at, marks, selected, select, folded, fold }) {
	const node = marks.get(at.id) ?? at.node;
	const mark = markOf(node);
	const x = at.x - at.width / 2;
	const y = at.y - at.height / 2;
	const holds = at.node.scopes.length > 0;
	const isOpen = at.node.inner && !folded.has(at.id);
	const times = node.visits > 1 ? ` ×${node.visits}` : '';
	const toggle = () => (holds ? fold(at.id) : select(at.id));
	const press = (e) => {
		if (e.key !== 'Enter' && e.key !== ' ')
			return;
		e.preventDefault();
		e.stopPropagation();
		select(at.id);
	};
	return html`
		<g class=${`state mark-${mark}${selected === at.id ? ' selected' : ''}${isOpen ? ' open' : ''}`} data-id=${at.id} role="button" tabindex="0"
			aria-label=${`${node.type} ${node.name}${spoken[mark] ? ', ' + spoken[mark] : ''}${times && `, entered ${node.visits} times`}`}
			aria-pressed=${selected === at.id}
			onClick=${(e) => { e.stopPropagation(); select(at.id); }} onDblClick=${toggle} onKeyDown=${press}>
			<rect class="box" x=${x} y=${y} width=${at.width} height=${at.height} rx="7"/>
			<text class="name" x=${at.x - (mark === 'none' || isOpen ? 0 : 8)} y=${y + (isOpen ? 20 : 23)} text-anchor="middle"><tspan class="icon" aria-hidden="true">${icons[node.type] ?? ''}</tspan> ${shortened(node.name)}</text>
			<title>${`${node.name}\n${node.type}${node.detail ? ', ' + node.detail : ''}${node.retries ? `\n${node.retries} retries` : ''}`}</title>
			${times && html`<g class="times"><rect x=${x + at.width - 14 - 7 * times.length} y=${y + at.height - 8} width=${7 * times.length + 6} height="16" rx="8"/>
				<text x=${x + at.width - 11 - 3.5 * times.length} y=${y + at.height + 4} text-anchor="middle">${times.trim()}</text></g>`}
			<${Sign} mark=${mark} x=${x + at.width - 13} y=${y + (isOpen ? 16 : 18)} />
			${holds && html`<g class="fold" role="button" tabindex="0" aria-label=${isOpen ? 'Close' : 'Open'} onClick=${(e) => { e.stopPropagation(); fold(at.id); }}
				onKeyDown=${(e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); fold(at.id); } }}>
				<rect x=${x + 5} y=${y + 6} width="22" height="22" rx="5"/><text x=${x + 16} y=${y + 22} text-anchor="middle">${isOpen ? '−' : '+'}</text></g>`}
			${isOpen && at.node.inner.map((plan) => html`<g class="scope" transform=${`translate(${x + plan.x},${y + plan.y})`}>
				<${Plan} ...${{ plan, marks, selected, select, folded, fold, isInner: true }} /></g>`)}
		</g>`;
}

const Plan = ({ plan, isInner, ...rest }) => html`
	${isInner && html`<rect class="scope-box" width=${plan.width} height=${plan.height} rx="6"/>`}
	${plan.edges.map((edge, i) => html`<${Edge} key=${'e' + i} edge=${edge} />`)}
	${plan.nodes.map((at) => (at.dot ? html`<${Dot} key=${at.id} at=${at} />` : html`<${State} key=${at.id} at=${at} ...${rest} />`))}`;

// What the layout depends on; marks do not count.
const shapeOf = (graph) => JSON.stringify([graph.start, graph.nodes.map((n) => [n.id, n.name, n.type, n.scope, n.end]), graph.edges, graph.scopes]);

function useLayout(graph, folded, shape) {
	const small = graph.nodes.length <= LARGE;
	const now = useMemo(() => (small ? layOut(graph, folded) : null), [shape, folded]);
	const [later, setLater] = useState(null);
	useEffect(() => {
		if (small)
			return undefined;
		const worker = new Worker(new URL('./layout_worker.js', import.meta.url), { type: 'module' });
		worker.onmessage = (e) => setLater(e.data);
		worker.postMessage({ graph, folded });
		return () => worker.terminate();
	}, [shape, folded]);
	return small ? now : later;
}

const READABLE = 0.72;	// of its size: on a phone a drawing is looked at in parts rather than with a magnifying glass

export function Graph({ graph, selected, select, label, withLegend }) {
	const shape = useMemo(() => shapeOf(graph), [graph]);
	const atFirst = useMemo(() => foldedAtFirst(graph), [shape]);
	const [chosen, setChosen] = useState({ shape, folded: atFirst });
	const folded = chosen.shape === shape ? chosen.folded : atFirst;	// what was opened in another drawing says nothing of this one
	const [scale, setScale] = useState(null);	// null: as wide as there is room, as long as it can be read
	const scroll = useRef(null);
	const plan = useLayout(graph, folded, shape);
	const marks = useMemo(() => new Map(graph.nodes.map((n) => [n.id, n])), [graph]);
	const fold = (id) => {
		const after = new Set(folded);
		if (!after.delete(id))
			after.add(id);
		setChosen({ shape, folded: after });
	};
	useLayoutEffect(() => {
		if (scroll.current)
			scroll.current.scrollLeft = (scroll.current.scrollWidth - scroll.current.clientWidth) / 2;
	}, [!plan]);
	useLayoutEffect(() => {	// what was chosen is in sight; the page itself does not move for it
		const [box, state] = [scroll.current, scroll.current?.querySelector('.selected > .box')];
		if (!state)
			return;
		const [outer, inner] = [box.getBoundingClientRect(), state.getBoundingClientRect()];
		if (inner.left < outer.left || inner.right > outer.right)
			box.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
		if (inner.top < outer.top || inner.bottom > outer.bottom)
			box.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
	}, [selected, !plan, scale]);
	if (!plan)
		return html`<p class="quiet">${graph.nodes.length} states are laid out …</p>`;
	const width = plan.width + 8;
	const height = plan.height + 8;
	const room = () => scroll.current.clientWidth / width;
	const resize = (by) => () => setScale((now) => Math.min(4, Math.max(0.2, (now ?? Math.min(1, Math.max(room(), READABLE))) * by)));
	return html`<div class="graph-box">
		<div class="graph-head">${withLegend && html`<${Legend} />`}<div class="graph-tools" role="group" aria-label="Size of the graph">
			<button class="small" aria-label="Smaller" onClick=${resize(0.8)}>−</button>
			<button class="small" aria-label="Fit" onClick=${() => setScale(Math.min(1, room()))}>fit</button>
			<button class="small" aria-label="Larger" onClick=${resize(1.25)}>+</button></div></div>
		<div class="graph-scroll" ref=${scroll}><svg class="graph" viewBox=${`-4 -4 ${width} ${height}`} width=${width * (scale ?? 1)} height=${height * (scale ?? 1)}
			style=${{ maxWidth: scale === null ? '100%' : 'none', minWidth: scale === null ? `${width * READABLE}px` : 'none', height: 'auto' }}
			role="group" aria-label=${label ?? 'Graph of the states'} onClick=${() => select(null)}>
			<defs>
				<marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0.5L10,5L0,9.5z"/></marker>
				<marker id="arrow-catch" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0.5L10,5L0,9.5z"/></marker>
			</defs>
			<${Plan} plan=${plan} marks=${marks} selected=${selected} select=${select} folded=${folded} fold=${fold} />
		</svg></div></div>`;
}

const Legend = () => html`<ul class="legend" aria-label="Colours">${legend.map(([mark, text]) =>
	html`<li key=${mark}><span class=${'swatch swatch-' + mark} aria-hidden="true"></span>${text}</li>`)}</ul>`;
