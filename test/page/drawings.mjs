// Drawings without a fault: no line through a state, nothing that overlaps, with everything opened.  Beside one that is made here, definitions that
// people have written, where a folder of them is given (CONFORMANCE): the largest, the deepest and the widest.

import { readdirSync, readFileSync } from 'node:fs';
import { comes, faultsOfGraph, go, logIn, ok, picture, quiet, tab } from './lib.mjs';

const folder = process.env.CONFORMANCE && `${process.env.CONFORMANCE}/definitions`;
const EACH = 4;

function measure(scope, depth, sizes) {
	const states = Object.values(scope?.States ?? {});
	sizes.states += states.length;
	sizes.depth = Math.max(sizes.depth, depth);
	for (const state of states) {
		const inner = state.Branches ?? [state.ItemProcessor ?? state.Iterator].filter(Boolean);
		sizes.width = Math.max(sizes.width, inner.length, state.Choices?.length ?? 0);
		inner.forEach((branch) => measure(branch, depth + 1, sizes));
	}
	return sizes;
}

function chosen() {
	const lines = readdirSync(folder).filter((f) => f.endsWith('.jsonl')).flatMap((f) => readFileSync(`${folder}/${f}`, 'utf8').split('\n').filter(Boolean));
	const all = lines.map((line) => JSON.parse(line)).filter((one) => one.definition?.States).map((one) => ({ ...one, ...measure(one.definition, 1, { states: 0, depth: 0, width: 0 }) }));
	const found = new Set();
	for (const quality of ['states', 'depth', 'width']) {
		const most = all.filter((one) => !found.has(one)).sort((a, b) => b[quality] - a[quality]);
		most.slice(0, EACH).forEach((one) => found.add(one));
	}
	return [...found];
}

// The editor draws what it is given in place of a machine.
async function draw(page, definition, number) {
	const answer = (body) => (route) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) });
	await page.route('**/ui/page/machine', answer({ stateMachineArn: 'arn' }));
	await page.route('**/ui/api', answer({ type: 'STANDARD', definition: JSON.stringify(definition) }));
	await go(page, 'editor', `real-${number}`);
	const names = Object.keys(definition.States);
	return comes(page, (count) => document.querySelectorAll('svg.graph > g.state').length === count, names.length);
}

async function openAll(page) {
	for (let i = 0; i < 200; i++) {
		const closed = await page.$('svg.graph .fold[aria-label=Open]');
		if (!closed)
			return;
		await closed.focus();
		await page.keyboard.press('Enter');
	}
}

// A Parallel that is far wider and higher than what stands beside it, and edges on their way past it.
export async function goesPastTallOnes() {
	const branch = (n) => ({ StartAt: `Load ${n}.0`, States: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`Load ${n}.${i}`, { Type: 'Pass', ...(i < 5 ? { Next: `Load ${n}.${i + 1}` } : { End: true }) }])) });
	const gaveUp = [{ ErrorEquals: ['States.ALL'], Next: 'Gave up' }];
	const page = await tab();
	await logIn(page);
	await draw(page, { StartAt: 'Begin', States: {
		Begin: { Type: 'Pass', Next: 'Look' }, Look: { Type: 'Task', Resource: 'look', Next: 'Ready?', Catch: gaveUp },
		'Ready?': { Type: 'Choice', Choices: [{ Next: 'Gave up' }, { Next: 'All at once' }], Default: 'A short while' }, 'A short while': { Type: 'Wait', Seconds: 1, Next: 'Look' },
		'All at once': { Type: 'Parallel', Branches: Array.from({ length: 10 }, (_, n) => branch(n)), Next: 'Done', Catch: gaveUp }, 'Gave up': { Type: 'Fail' }, Done: { Type: 'Succeed' } } }, 'tall');
	await openAll(page);
	ok(await comes(page, () => document.querySelectorAll('svg.graph .state').length === 67), 'a wide Parallel is opened');
	const faults = await faultsOfGraph(page);
	ok(faults.length === 0, 'and no edge goes through it', faults);
	await picture(page, 'tall');
	await quiet(page, 'a wide Parallel');
}

export async function drawsRealDefinitions() {
	if (!folder) {
		console.log('# CONFORMANCE is not set: no definitions of others are drawn');
		return;
	}
	const page = await tab();
	await logIn(page);
	for (const [number, one] of chosen().entries()) {
		const drawn = await draw(page, one.definition, number);
		await openAll(page);
		const faults = await faultsOfGraph(page);
		ok(drawn && faults.length === 0, `${one.states} states, ${one.depth} deep, ${one.width} wide are drawn`, one.id, faults);
	}
	await quiet(page, 'real definitions');
}
