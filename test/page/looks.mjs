// Three sizes, light and dark: nothing too wide, nothing too faint; the pictures are for people to look at.

import { arn, comes, faintTexts, faultsOfGraph, go, isTooWide, logIn, ok, picture, quiet, tab } from './lib.mjs';

const screens = { executions: ['executions'], execution: ['execution', arn('order-fulfilment', 'o-1001')], machines: ['machines'], machine: ['machine', 'order-fulfilment'],
	events: ['events'], schedules: ['schedules'], tasks: ['tasks'], failures: ['failures'], 'map-runs': ['map-runs'], start: ['start', 'hello'], workers: ['workers'], editor: ['editor', 'order-fulfilment'] };
const titles = { executions: 'Executions', execution: 'o-1001', machines: 'State machines', machine: 'order-fulfilment', events: 'Events', schedules: 'Schedules', tasks: 'Waiting tasks', failures: 'Failures', 'map-runs': 'Map runs',
	start: 'New execution', workers: 'Workers', editor: 'Editor' };

async function looks(width, height, colors) {
	const page = await tab({ width, height, colors });
	await logIn(page);
	for (const [name, path] of Object.entries(screens)) {
		const what = `${name}, ${width} wide, ${colors}`;
		await go(page, ...path);
		await comes(page, (title) => document.querySelector('h1')?.textContent === title && !document.querySelector('.loading'), titles[name]);
		await comes(page, () => document.querySelector('table, .empty, textarea, svg.graph'));
		if (name === 'editor')
			await page.waitForSelector('.cm-line >> nth=0');
		ok(!(await isTooWide(page)), `${what}: nothing sticks out`);
		const faint = await faintTexts(page);
		ok(faint.length === 0, `${what}: every text can be read`, faint);
		const faults = await page.$('svg.graph') ? await faultsOfGraph(page) : [];
		ok(faults.length === 0, `${what}: nothing overlaps`, faults);
		await picture(page, `${name}-${width}-${colors}`);
	}
	await quiet(page, `${width} wide, ${colors}`);
}

export const wide = () => looks(1920, 1080, 'light');
export const usual = () => looks(1400, 980, 'dark');
export const narrow = () => looks(390, 844, 'light');
