// The other screens have what they are for.

import { comes, faultsOfGraph, go, is, logIn, ok, quiet, sql, tab } from './lib.mjs';

const has = (page, ...texts) => comes(page, (wanted) => wanted.every((w) => document.querySelector('main')?.textContent.includes(w)), texts);

export async function machines() {
	const page = await tab();
	await logIn(page);
	await go(page, 'machines');
	ok(await has(page, 'order-fulfilment', 'nightly-report', 'Mean time'), 'machines with their counts');
	await page.click('text=order-fulfilment');
	ok(await has(page, 'Versions and grants'), 'a machine');
	await page.click('role=tab[name="Versions and grants"]');
	ok(await has(page, 'first', 'live', '100 %', 'nobody_sees may start'), 'versions, aliases and grants');
	await page.click('role=tab[name="Definition"]');
	ok(await has(page, '"StartAt": "Validate"'), 'its definition');
	await page.click('role=tab[name="Counters"]');
	ok(await has(page, 'Transitions', 'Errors caught'), 'its counters');
	ok((await faultsOfGraph(page)).length === 0, 'its graph', await faultsOfGraph(page));
	await go(page, 'machine', 'there-is-none');
	ok(await has(page, 'There is no state machine "there-is-none"'), 'one that is not there is said not to be');
	await quiet(page, 'machines');
}

export async function failuresAndRuns() {
	const page = await tab();
	await logIn(page);
	await go(page, 'failures');
	ok(await has(page, 'InvalidOrder', 'NoData'), 'failures by machine and error');
	await go(page, 'map-runs');
	ok(await has(page, 'Collect', '20 of 20'), 'map runs');
	await page.click('td a.name');
	ok(await has(page, '20 items', 'Succeeded', 'Children'), 'one of them');
	ok(await comes(page, () => document.querySelectorAll('tbody tr').length === 20), 'with its children');
	await quiet(page, 'failures and map runs');
}

export async function workersAndActivities() {
	const page = await tab();
	await logIn(page);
	await go(page, 'workers');
	ok(await has(page, 'launcher', 'executor'), 'workers');
	ok(await has(page, 'for those who watch the server', 'GRANT pg_read_all_stats TO shop;'), 'the backlog of others is not shown');
	await go(page, 'activities');
	ok(await has(page, 'packing', 'shop'), 'activities');
	await go(page, 'nowhere');
	ok(await has(page, 'There is nothing at this address'), 'a wrong address is said to be');
	await quiet(page, 'workers and activities');
}

// A thousand states: folded, laid out beside the page.
export async function large() {
	const states = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`State ${i}`, { Type: 'Pass', ...(i < 999 ? { Next: `State ${i + 1}` } : { End: true }) }]));
	sql(`SELECT sfn.create_state_machine('large', $json$${JSON.stringify({ StartAt: 'State 0', States: states })}$json$)`);
	const page = await tab();
	await logIn(page);
	const began = Date.now();
	await go(page, 'machine', 'large');
	ok(await comes(page, () => document.querySelectorAll('svg.graph .state').length === 1000), 'a thousand states are drawn');
	console.log(`# after ${Date.now() - began} ms`);
	is(await page.evaluate(() => document.querySelectorAll('[role=alert]').length), 0, 'without an error');
	ok(await page.evaluate(() => [...document.querySelectorAll('svg.graph .edge path')].length >= 1001), 'with its edges');
	await quiet(page, 'a large machine');
}
