// Where the states of a machine stand: each scope is laid out by itself, and is then a part of its Parallel or Map.
// Nothing here draws, so that it works in a worker, too.

import dagre from '../vendor/dagre.js';

const HEIGHT = 36;
const TITLE = 30;
const GAP = 14;
const MOST_CHARACTERS = 34;
const MOST_LAYERED = 600;	// states of a scope that are laid out in layers: seconds of work
const MOST_LANES = 20;

export const shortened = (name) => (name.length > MOST_CHARACTERS ? name.slice(0, MOST_CHARACTERS - 1) + '…' : name);

// Wide enough for any font that a system has.
const widthOf = (text) => {
	let width = 0;
	for (const c of text)
		width += c.codePointAt(0) > 0x2e80 ? 14 : /[mwMW@%]/.test(c) ? 11 : /[il.,'|!:;]/.test(c) ? 4.6 : /[A-Z]/.test(c) ? 9.2 : 7.8;
	return width;
};

export const pathOf = (pointer) => pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

function sizeOf(node, index, isFolded) {
	if (!node.scopes.length || isFolded(node))
		return { width: Math.ceil(Math.max(76, widthOf(shortened(node.name)) + 64)), height: HEIGHT };
	let x = GAP;
	let height = 0;
	node.inner = [];
	for (const scope of node.scopes) {
		const plan = planScope(scope.id, index, isFolded, false);
		node.inner.push({ ...plan, x, y: TITLE });
		x += plan.width + GAP;
		height = Math.max(height, plan.height);
	}
	const title = widthOf(shortened(node.name)) + 96;
	return { width: Math.ceil(Math.max(x, title)), height: Math.ceil(TITLE + height + GAP) };
}

function planScope(id, index, isFolded, isTop) {
	const graph = new dagre.graphlib.Graph({ multigraph: true });
	const nodes = index.inScope.get(id) ?? [];

	graph.setGraph({ rankdir: 'TB', nodesep: 30, ranksep: 38, edgesep: 18, marginx: GAP, marginy: GAP, rankalign: 'top' });
	graph.setDefaultEdgeLabel(() => ({}));
	for (const node of nodes)
		graph.setNode(node.id, { node, ...sizeOf(node, index, isFolded) });
	if (isTop) {
		graph.setNode('start', { dot: 'Start', width: 58, height: 28 });
		graph.setNode('end', { dot: 'End', width: 58, height: 28 });
		graph.setEdge('start', index.start, { kind: 'next', width: 0, height: 0 });
		for (const node of nodes.filter((n) => n.end))
			graph.setEdge(node.id, 'end', { kind: 'next', width: 0, height: 0 }, 'end');
	}
	for (const edge of index.edges.get(id) ?? []) {
		const label = edge.label ? shortened(edge.label) : edge.kind === 'default' ? 'default' : '';
		graph.setEdge(edge.from, edge.to, {
			kind: edge.kind, label, title: edge.label, labelpos: 'c',
			width: label ? Math.ceil(widthOf(label) * 0.86 + 8) : 0, height: label ? 16 : 0,
		}, String(edge.number));
	}
	if (nodes.length > MOST_LAYERED)
		return inColumn(graph);
	try {
		dagre.layout(graph);
	} catch (error) {
		if (!(error instanceof RangeError))	// it calls itself for each state of a path, and the stack has an end
			throw error;
		return inColumn(graph);
	}
	const size = graph.graph();
	const placed = graph.nodes().map((n) => ({ id: n, ...graph.node(n) }));
	const others = { nodes: graph.nodes().map((n) => graph.node(n)), rows: rowsOf(placed) };
	return {
		width: Math.ceil(size.width ?? 0), height: Math.ceil(size.height ?? 0), nodes: placed,
		edges: graph.edges().map((e) => ({ from: e.v, to: e.w, ...graph.edge(e), points: pastOthers(graph.edge(e).points, graph.node(e.v), graph.node(e.w), others) })),
	};
}

const topOf = (node) => node.y - node.height / 2;
const bottomOf = (node) => node.y + node.height / 2;

// The rows in which states stand side by side, as high as the highest of them; their tops are on one line.
function rowsOf(nodes) {
	const bottoms = new Map();
	for (const node of nodes) {
		const top = Math.round(topOf(node));
		bottoms.set(top, Math.max(bottoms.get(top) ?? 0, bottomOf(node)));
	}
	return [...bottoms].map(([top, bottom]) => ({ top, bottom }));
}

const STEPS = 40;	// in which a line is looked at

function isCut(node, p, q) {
	if (Math.max(p.x, q.x) < node.x - node.width / 2 || Math.min(p.x, q.x) > node.x + node.width / 2 || Math.max(p.y, q.y) < topOf(node) || Math.min(p.y, q.y) > bottomOf(node))
		return false;
	for (let i = 0; i <= STEPS; i++) {
		const [x, y] = [p.x + ((q.x - p.x) * i) / STEPS, p.y + ((q.y - p.y) * i) / STEPS];
		if (Math.abs(x - node.x) < node.width / 2 && Math.abs(y - node.y) < node.height / 2)
			return true;
	}
	return false;
}

const within = (node, x) => Math.min(Math.max(x, node.x - node.width / 2 + 8), node.x + node.width / 2 - 8);

// An edge has one point in each row that it passes.  Beside an open Parallel it goes straight down, or it would cut it on its way to
// the next row; and where the side of its state is behind another one it goes in by the top.
function pastOthers(points, from, to, { nodes, rows }) {
	const rowAt = (y) => rows.find((row) => y > row.top - 1 && y < row.bottom + 1 && row.bottom - row.top > HEIGHT + 1);
	const isDown = topOf(from) <= topOf(to);
	const [upper, lower] = isDown ? [from, to] : [to, from];
	const path = isDown ? points : [...points].reverse();
	if (path.length < 3)
		return points;
	const found = [path[0]];
	const row = rowAt(topOf(upper) + 1);
	if ((row && row.bottom > bottomOf(upper) + 1) || nodes.some((n) => n !== upper && n !== lower && isCut(n, path[0], path[1]))) {
		found[0] = { x: within(upper, path[1].x), y: bottomOf(upper) };
		found.push({ x: found[0].x, y: row?.bottom ?? bottomOf(upper) });
	}
	for (const point of path.slice(1, -1)) {
		const passed = rowAt(point.y);
		found.push(...(passed ? [{ x: point.x, y: passed.top }, { x: point.x, y: passed.bottom }] : [point]));
	}
	const last = path.at(-1);
	found.push(nodes.some((n) => n !== upper && n !== lower && isCut(n, found.at(-1), last)) ? { x: within(lower, found.at(-1).x), y: topOf(lower) } : last);
	return isDown ? found : found.reverse();
}

// One below the other, in the order of the definition; edges to others than the next go along the right side.
function inColumn(graph) {
	const nodes = graph.nodes().map((n) => ({ id: n, ...graph.node(n) }));
	nodes.sort((a, b) => (b.id === 'start') - (a.id === 'start') || (a.id === 'end') - (b.id === 'end'));
	const widest = Math.max(...nodes.map((n) => n.width));
	const x = GAP + widest / 2;
	let y = GAP;
	for (const [number, node] of nodes.entries()) {
		Object.assign(node, { x, y: y + node.height / 2, number });
		y += node.height + 34;
	}
	const byId = new Map(nodes.map((n) => [n.id, n]));
	let lanes = 0;
	const edges = graph.edges().map((e) => {
		const edge = { ...graph.edge(e), label: '' };
		const [a, b] = [byId.get(e.v), byId.get(e.w)];
		if (b.number === a.number + 1)
			edge.points = [{ x, y: a.y + a.height / 2 }, { x, y: b.y - b.height / 2 }];
		else {
			const lane = GAP + widest + 16 + (lanes++ % MOST_LANES) * 6;
			edge.points = [{ x: x + a.width / 2, y: a.y + 4 }, { x: lane, y: a.y + 4 }, { x: lane, y: b.y - 4 }, { x: x + b.width / 2, y: b.y - 4 }];
		}
		return { from: e.v, to: e.w, ...edge };
	});
	return { width: Math.ceil(2 * GAP + widest + 16 + Math.min(lanes, MOST_LANES) * 6), height: Math.ceil(y), nodes, edges };
}

function indexOf(graph) {
	const inScope = new Map(graph.scopes.map((s) => [s.id, []]));
	const byId = new Map();
	const edges = new Map();
	for (const given of graph.nodes) {
		const node = { ...given, scopes: [] };
		byId.set(node.id, node);
		inScope.get(node.scope)?.push(node);
	}
	for (const scope of graph.scopes)
		byId.get(scope.of)?.scopes.push(scope);
	graph.edges.forEach((edge, number) => {
		const scope = byId.get(edge.from).scope;
		if (!edges.has(scope))
			edges.set(scope, []);
		edges.get(scope).push({ ...edge, number });
	});
	return { inScope, byId, edges, start: graph.start };
}

// Which Maps and Parallels are closed at first: those with many states, all of them in a large machine.
export function foldedAtFirst(graph) {
	const index = indexOf(graph);
	const large = graph.nodes.length > 300;
	return new Set([...index.byId.values()]
		.filter((n) => n.scopes.length && (large || n.scopes.reduce((sum, s) => sum + index.inScope.get(s.id).length, 0) > 12))
		.map((n) => n.id));
}

export function layOut(graph, folded) {
	return planScope('', indexOf(graph), (node) => folded.has(node.id), true);
}
