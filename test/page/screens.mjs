// The other screens have what they are for.

import { comes, faultsOfGraph, go, is, logIn, ok, PATIENCE, quiet, sql, tab } from './lib.mjs';

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
	sql(`SELECT sfn.update_state_machine('order-fulfilment', pg_catalog.replace((SELECT definition::text FROM sfn.state_machines WHERE name = 'order-fulfilment'), 'declined the card', 'declined it'))`);
	ok(await comes(page, () => document.querySelector('[aria-label="What has changed"] .gone')?.textContent.includes('declined the card')), 'what has changed since a version');
	ok(await comes(page, () => document.querySelector('[aria-label="What has changed"] .new')?.textContent.includes('declined it')), 'and what it is now');
	await page.fill('form input[maxlength="256"]', 'shorter words');
	await page.click('text=Publish >> nth=-1');
	ok(await has(page, 'shorter words'), 'it is published as a version');
	is(sql("SELECT pg_catalog.count(*) FROM sfn.list_state_machine_versions('order-fulfilment')"), '2', 'in the database');
	await page.click('role=tab[name="Definition"]');
	ok(await has(page, '"StartAt": "Validate"'), 'its definition');
	await page.click('role=tab[name="Counters"]');
	ok(await has(page, 'Transitions', 'Errors caught'), 'its counters');
	ok(await comes(page, () => [...document.querySelectorAll('.plot')].map((p) => p.querySelectorAll('g').length).join() === '24,24,24'), 'and its last day, by the hour');
	const told = await page.getAttribute('.plot svg', 'aria-label');
	ok(/^Started: [1-9]/.test(told), 'in words, too', told);
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

export async function events() {
	const page = await tab();
	await logIn(page);
	await go(page, 'events');
	ok(await has(page, 'alarm', 'sql:ops.page_me', 'broken'), 'rules with their targets');
	await page.click('role=tab[name="Try a pattern"]');
	sql("SELECT sfn.start_execution('hello', '{}', 'matching')");
	await page.fill('textarea >> nth=0', '{"detail": {"name": ["matching"]}}');
	ok(await has(page, '1 of the newest'), 'a pattern is tried on the newest events');
	await page.fill('textarea >> nth=1', '{"detail": {"name": "matching"}}');
	ok(await has(page, 'The event matches.'), 'and on one that is written');
	await page.fill('textarea >> nth=1', '{"detail": {"name": "other"}}');
	ok(await has(page, 'The event does not match.'), 'which does not match');
	await page.fill('textarea >> nth=0', '{"detail": {"name": [{"prefixx": "o"}]}}');
	ok(await comes(page, () => document.querySelector('[role=alert]')?.textContent.includes('prefixx')), 'what is no pattern is said to be none');
	await page.click('role=tab[name="As they come"]');
	ok(await has(page, 'asks again every two seconds'), 'events as they come');
	sql("SELECT sfn.start_execution('hello', '{}', 'seen-at-once')");
	ok(await has(page, 'seen-at-once'), 'come');
	await page.context().close();
}

export async function deadLetters() {
	const page = await tab();
	await logIn(page);
	await go(page, 'events');
	await page.click('role=tab[name="Dead letters"]');
	ok(await has(page, 'broken'), 'what could not be delivered');
	const before = sql('SELECT pg_catalog.max(id) FROM sfn.event_dead_letters');
	await page.click('text=Redeliver >> nth=0');
	ok(await comes(page, async () => !document.querySelector('[role=alert]')), 'is delivered again');
	let after = before;
	for (const end = Date.now() + PATIENCE; after === before && Date.now() < end;)
		after = sql('SELECT pg_catalog.max(id) FROM sfn.event_dead_letters');
	ok(after !== before, 'and fails again, since nothing was mended');
	await quiet(page, 'dead letters');
}

export async function schedules() {
	const page = await tab();
	await logIn(page);
	await go(page, 'schedules');
	ok(await has(page, 'nightly', 'cron(0 2 * * ? *)', 'Europe/Berlin'), 'schedules');
	const times = await page.$$eval('.times >> nth=1 >> time', (t) => t.map((e) => e.textContent));
	is(times.length, 5, 'with the next five times');
	ok(times.every((t) => t.endsWith(' 02:00:00') || t.endsWith(' 03:00:00')), 'which are those of the expression', times);
	await quiet(page, 'schedules');
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
