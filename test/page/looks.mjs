// Three sizes, light and dark: nothing too wide, nothing too faint; the pictures are for people to look at.

import { arn, comes, faintTexts, faultsOfGraph, go, isTooWide, logIn, ok, picture, quiet, sql, tab } from './lib.mjs';

const order = (name) => ['execution', arn('order-fulfilment', name)];
const press = (what) => (page) => page.click(what);
const openTab = (name) => press(`role=tab[name="${name}"]`);

// Where each is, its heading, and what is pressed there.
const screens = {
	executions: [['executions'], 'Executions'],
	chosen: [['executions'], 'Executions', press('tbody input >> nth=0')],
	execution: [order('o-1001'), 'o-1001'],
	waits: [['execution', arn('pause', 'p-1')], 'p-1'],
	failed: [order('seen'), 'seen'],
	failing: [order('tried'), 'tried', press('[data-id] >> text=Charge')],
	data: [order('o-1001'), 'o-1001', openTab('Input and output')],
	more: [order('o-1001'), 'o-1001', openTab('More')],
	hostile: [['execution', arn('hostile', 'h-1')], 'h-1'],
	answer: [['tasks'], 'Waiting tasks', press('text=Approve …')],
	tasks: [['tasks'], 'Waiting tasks'],
	machines: [['machines'], 'State machines'],
	machine: [['machine', 'order-fulfilment'], 'order-fulfilment'],
	versions: [['machine', 'order-fulfilment'], 'order-fulfilment', openTab('Versions, aliases, grants')],
	alias: [['machine', 'order-fulfilment'], 'order-fulfilment', async (page) => {
		await openTab('Versions, aliases, grants')(page);
		await page.click('[aria-label="Edit live"]');
	}],
	counters: [['machine', 'order-fulfilment'], 'order-fulfilment', openTab('Counters')],
	failures: [['failures'], 'Failures'],
	'map-runs': [['map-runs'], 'Map runs'],
	'map-run': [['map-runs'], 'Collect', press('td a.name')],
	events: [['events'], 'Events'],
	pattern: [['events'], 'Events', openTab('Try a pattern')],
	'dead-letters': [['events'], 'Events', openTab('Dead letters')],
	schedules: [['schedules'], 'Schedules'],
	activities: [['activities'], 'Activities'],
	workers: [['workers'], 'Workers'],
	start: [['start', 'hello'], 'New execution'],
	editor: [['editor', 'order-fulfilment'], 'Editor', (page) => page.waitForSelector('.cm-line >> nth=0')],
};
// All of them are many pictures: without SFN_SOAK those that differ most.
const all = Object.entries(screens);
const most = ['executions', 'execution', 'failing', 'tasks', 'machines', 'versions', 'failures', 'map-runs', 'events', 'schedules', 'workers', 'start', 'editor'];
const chosen = process.env.SFN_SOAK ? all : all.filter(([name]) => most.includes(name));
const LISTS_FIRST = ['map-run'];	// whose heading is there after what is pressed

async function judge(page, name) {
	for (const colors of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme: colors });
		const what = `${name}, ${page.viewportSize().width} wide, ${colors}`;
		ok(!(await isTooWide(page)), `${what}: nothing sticks out`);
		const faint = await faintTexts(page);
		ok(faint.length === 0, `${what}: every text can be read`, faint);
		await picture(page, `${name}-${page.viewportSize().width}-${colors}`);
	}
	const faults = await page.$('svg.graph') ? await faultsOfGraph(page) : [];
	ok(faults.length === 0, `${name}, ${page.viewportSize().width} wide: nothing overlaps`, faults);
}

async function looks(width, height) {
	const page = await tab({ width, height });
	await page.goto(process.env.SFN_PAGE_URL + '/ui/');
	await page.waitForSelector('[name=accessKeyId]');
	await judge(page, 'login');
	await logIn(page);
	await page.mouse.move(width / 2, height - 1);
	for (const [name, [path, title, more]] of chosen) {
		const isThere = () => comes(page, (wanted) => document.querySelector('h1')?.textContent === wanted && !document.querySelector('.loading') && document.querySelector('table, .empty, textarea, svg.graph'), title);
		await go(page, 'nowhere');
		await go(page, ...path);
		if (!LISTS_FIRST.includes(name))
			await isThere();
		await more?.(page);
		await isThere();
		await judge(page, name);
	}
	await quiet(page, `${width} wide`);
}

// What the pictures show beside the rest.
export function hasMore() {
	sql("SELECT sfn.start_execution('order-fulfilment', '{\"amount\": 500, \"items\": [1]}', 'tried'), sfn.start_execution('order-fulfilment', '{\"amount\": 500}', 'seen')");
	ok(['tried', 'seen'].every((name) => sql(`SELECT sfn.wait_for_execution('${arn('order-fulfilment', name)}', '60 s')`) === 'FAILED'), 'orders that cannot be charged fail');
}
export const wide = () => looks(1920, 1080);
export const usual = () => looks(1400, 980);
export const narrow = () => looks(390, 844);
