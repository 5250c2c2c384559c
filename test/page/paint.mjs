// How long until something is on the screen, by loopback: T=paint make page.  Figures for people, on a machine that does nothing else.

import { arn, base, logIn, ok, tab } from './lib.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const median = (numbers) => Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]);

// From the beginning of the navigation until the selector is there, and what was asked for meanwhile.
async function time(page, address, selector) {
	await page.goto('about:blank');
	await page.goto(address);
	await page.waitForSelector(selector);
	return page.evaluate((wanted) => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
		const resources = performance.getEntriesByType('resource');
		done({ paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime, there: performance.now(), requests: resources.length,
			bytes: resources.reduce((sum, r) => sum + r.transferSize, 0), selector: wanted });
	}))), selector);
}

function tell(what, runs) {
	ok(runs.every((r) => r.paint > 0), `${what}: it is painted`);
	console.log(`# ${what}: first paint ${median(runs.map((r) => r.paint))} ms, shown ${median(runs.map((r) => r.there))} ms, ${runs.at(-1).requests} requests, ${Math.round(runs.at(-1).bytes / 1024)} KB (median of ${runs.length})`);
}

export async function firstVisit() {
	const runs = [];
	for (let i = 0; i <= ROUNDS; i++) {
		const page = await tab();	// with nothing in its cache
		runs.push(await time(page, `${base}/ui/`, '[name=accessKeyId]'));
		await page.context().close();
	}
	tell('the login, for the first time', runs.slice(1));
}

export async function laterVisits() {
	const page = await tab();
	await logIn(page);
	const screens = { 'a list': ['/ui/#/executions', 'tbody tr'], 'an execution': [`/ui/#/execution/${encodeURIComponent(arn('order-fulfilment', 'o-1001'))}`, 'svg.graph .state'] };
	for (const [what, [path, selector]] of Object.entries(screens)) {
		const runs = [];
		for (let i = 0; i <= ROUNDS; i++)
			runs.push(await time(page, base + path, selector));
		tell(`${what}, logged in and known`, runs.slice(1));
	}
	await page.context().close();
}
