// The drawing of a definition that is being written, in the shape of sfn.graph(..., 'json').  Null while it is none.

import { details } from './format.js';

const asArray = (value) => (Array.isArray(value) ? value : []);

function addScope(graph, scope, id, owner) {
	const names = new Map();
	const entries = Object.entries(scope?.States ?? {}).filter(([, s]) => s && typeof s === 'object');
	for (const [name] of entries)
		names.set(name, `s${graph.count++}`);
	graph.scopes.push({ id, of: owner, start: names.get(scope?.StartAt) ?? null });
	for (const [name, state] of entries)
		addState(graph, name, state, names, id);
	return names;
}

function addState(graph, name, state, names, scope) {
	const id = names.get(name);
	const link = (to, kind, label = null) => names.has(to) && graph.edges.push({ from: id, to: names.get(to), kind, label });
	graph.nodes.push({ id, name, type: String(state.Type), scope, path: name, detail: null, mark: null, visits: 0,
		end: state.End === true || state.Type === 'Succeed' || state.Type === 'Fail' });
	asArray(state.Choices).forEach((choice, i) => link(choice?.Next, 'choice', `#${i + 1}`));
	link(state.Default, 'default');
	link(state.Next, 'next');
	for (const one of asArray(state.Catch))
		link(one?.Next, 'catch', asArray(one?.ErrorEquals).join(', '));
	const inner = state.Type === 'Parallel' ? asArray(state.Branches) : state.Type === 'Map' ? [state.ItemProcessor ?? state.Iterator] : [];
	inner.forEach((branch, i) => addScope(graph, branch, `${id}.${i}`, id));
}

export function graphOf(text) {
	let definition;
	try {
		definition = JSON.parse(text);
	} catch {
		return null;
	}
	const graph = { nodes: [], edges: [], scopes: [], start: null, count: 0 };
	const names = addScope(graph, definition, '', null);
	graph.start = names.get(definition?.StartAt) ?? null;
	return graph.start ? graph : null;
}

// What a history says of the states of a drawing.
export function marked(graph, history) {
	const marks = new Map();
	for (const event of history.filter((e) => /State(Entered|Exited)$/.test(e.type))) {
		const { name } = details(event);
		const before = marks.get(name)?.visits ?? 0;
		marks.set(name, event.type.endsWith('Entered') ? { mark: 'entered', visits: before + 1 } : { mark: 'succeeded', visits: before });
	}
	const end = history.at(-1)?.type === 'ExecutionSucceeded' ? 'succeeded' : 'failed';
	for (const one of marks.values())
		one.mark = one.mark === 'entered' ? end : one.mark;
	return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, ...marks.get(node.name) })) };
}
