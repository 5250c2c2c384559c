// The other screens have what they are for.

import { comes, faultsOfGraph, go, is, logIn, ok, PATIENCE, quiet, sql, tab } from './lib.mjs';

const has = (page, ...texts) => comes(page, (wanted) => wanted.every((w) => document.querySelector('main')?.textContent.includes(w)), texts);

export async function machines() {
	const page = await tab();
	await logIn(page);
	await go(page, 'machines');
	ok(await has(page, 'order-fulfilment', 'nightly-report', 'Mean time'), 'machines with their counts');
	await page.click('text=order-fulfilment');
	ok(await has(page, 'Versions, aliases, grants'), 'a machine');
	await page.click('role=tab[name="Versions, aliases, grants"]');
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

// An alias is made, led to two versions, and deleted; who may not has no buttons.
export async function aliases() {
	sql("SELECT sfn.create_state_machine('aliased', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\", \"End\": true}}}')");
	const page = await tab();
	await logIn(page);
	await go(page, 'machine', 'aliased');
	await page.click('role=tab[name="Versions, aliases, grants"]');
	ok(await has(page, 'publish one first', "SELECT sfn.publish_state_machine_version('aliased');"), 'without a version it is said what to do');
	is(await page.$$eval('button:has-text("New alias")', (b) => b.length), 0, 'and no alias can be made');
	sql("SELECT sfn.publish_state_machine_version('aliased', 'one')");
	sql("SELECT sfn.update_state_machine('aliased', '{\"StartAt\": \"B\", \"States\": {\"B\": {\"Type\": \"Pass\", \"End\": true}}}')");
	sql("SELECT sfn.publish_state_machine_version('aliased', 'two')");
	await page.click('button:has-text("New alias")');
	await page.fill('dialog input >> nth=0', '42');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelector('dialog [role=alert]')), 'a name that is none is refused in words');
	await page.fill('dialog input >> nth=0', 'live');
	await page.selectOption('dialog select >> nth=0', { label: '1 one' });
	await page.click('dialog button.primary');
	ok(await has(page, 'live → version 1 100 %'), 'an alias is made');
	await page.click('[aria-label="Edit live"]');
	await page.selectOption('dialog select >> nth=1', { label: '2 two' });
	await page.fill('dialog input[type=number] >> nth=0', '90');
	await page.fill('dialog input[maxlength="256"]', 'a tenth tries the new one');
	await page.click('dialog button.primary');
	ok(await has(page, 'version 1 90 %, version 2 10 %', 'a tenth tries the new one'), 'and led to two versions');
	is(sql("SELECT pg_catalog.string_agg(r->>'weight', '/') FROM sfn.list_state_machine_aliases('aliased'), pg_catalog.json_array_elements(routing_configuration) r"), '90/10', 'in the database');
	await page.click('[aria-label="Delete version 1"]');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelector('dialog [role=alert]')?.textContent.includes('ConflictException')), 'a version that an alias names stays');
	await page.click('dialog >> text=Cancel');
	await page.click('[aria-label="Delete live"]');
	await page.click('dialog button.primary');
	ok(await has(page, 'An alias is a name for a version'), 'and deleted');
	is(sql("SELECT pg_catalog.count(*) FROM sfn.list_state_machine_aliases('aliased')"), '0', 'from the database, too');
	await page.context().close();	// whose console tells of what was refused
}

export async function aliasesForReaders() {
	sql("SELECT sfn.grant_state_machine('aliased', 'guest', 'update')");
	const page = await tab();
	await logIn(page, 'guest');
	await go(page, 'machine', 'aliased');
	await page.click('role=tab[name="Versions, aliases, grants"]');
	ok(await comes(page, () => [...document.querySelectorAll('button')].some((b) => b.textContent.includes('New alias'))), 'who may update makes aliases');
	is(await page.$$eval('button:has-text("Delete")', (b) => b.length), 0, 'and deletes nothing');
	sql("SELECT sfn.revoke_state_machine('aliased', 'guest', 'update')");
	sql("SELECT sfn.grant_state_machine('aliased', 'guest', 'see')");
	await page.reload();
	await page.click('role=tab[name="Versions, aliases, grants"]');
	ok(await has(page, 'An alias is a name for a version'), 'who may see sees them');
	is(await page.$$eval('[role=tabpanel] button', (b) => b.map((e) => e.textContent).join()), 'Copy', 'and has no button');
	await quiet(page, 'aliases for readers');
}

export async function failuresAndRuns() {
	const page = await tab();
	await logIn(page);
	await go(page, 'failures');
	ok(await has(page, 'InvalidOrder', 'NoData', 'Reject', 'No data'), 'failures by machine and error, with the states');
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
	await page.click('button:has-text("Redeliver") >> nth=0');
	ok(await comes(page, async () => !document.querySelector('[role=alert]')), 'is delivered again');
	let after = before;
	for (const end = Date.now() + PATIENCE; after === before && Date.now() < end;)
		after = sql('SELECT pg_catalog.max(id) FROM sfn.event_dead_letters');
	ok(after !== before, 'and fails again, since nothing was mended');
	await quiet(page, 'dead letters');
}

export async function archives() {
	sql("SELECT sfn.put_event('shop', 'sold', '{\"n\": 1}'), sfn.put_event('shop', 'sold', '{\"n\": 2}'), sfn.put_event('shop', 'sold', '{\"n\": 3}')");
	const page = await tab();
	await logIn(page);
	await go(page, 'events');
	await page.click('role=tab[name="Archives"]');
	ok(await has(page, 'sales', 'what was sold', '{"source":["shop"]}', '90 days'), 'archives');
	ok(await comes(page, () => document.querySelector('tr:has(.name) td.number')?.textContent === '3'), 'with how many events they have');

	await page.click('button:has-text("New archive")');
	await page.fill('dialog input >> nth=0', 'no name');
	await page.fill('dialog textarea', '{"source": [');
	ok(await comes(page, () => document.querySelector('dialog button.primary').disabled), 'a pattern that is no JSON is not sent');
	await page.fill('dialog textarea', '{"source": "shop"}');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelector('dialog [role=alert]')), 'what is refused is said in words');
	await page.fill('dialog input >> nth=0', 'everything');
	await page.fill('dialog textarea', '');
	await page.fill('dialog input[type=number]', '7');
	await page.click('dialog button.primary');
	ok(await has(page, 'everything', 'all events', '7 days'), 'an archive is made');
	is(sql("SELECT retention FROM sfn.event_archives WHERE name = 'everything'"), '7 days', 'in the database');

	await page.click('[aria-label="Replay sales"]');
	await page.fill('dialog input >> nth=0', 'again');
	await page.click('dialog button.primary');
	ok(await has(page, 'again', 'of sales', 'Completed', '3 events'), 'a replay goes through');
	is(sql("SELECT state || replayed FROM sfn.event_replays WHERE name = 'again'"), 'COMPLETED3', 'in the database, too');
	is(await page.$$eval('[aria-label="Cancel again"]', (b) => b.length), 0, 'what has ended cannot be cancelled');

	// without workers a replay stands still, and can be seen at work
	const admin = process.env.PGUSER;
	sql('ALTER SYSTEM SET sfn.enabled = off', admin);
	sql('SELECT pg_catalog.pg_reload_conf()', admin);
	for (const end = Date.now() + PATIENCE; sql("SELECT pg_catalog.count(*) FROM sfn.workers WHERE worker = 'executor'", admin) !== '0' && Date.now() < end;);
	sql("SELECT sfn.start_replay('slow', 'sales', '2000-01-01')");
	await page.click('[aria-label="Cancel slow"]');
	await page.click('dialog button.primary');
	ok(await has(page, 'slow', 'Cancelled'), 'a replay is cancelled');
	sql('ALTER SYSTEM RESET sfn.enabled', admin);
	sql('SELECT pg_catalog.pg_reload_conf()', admin);
	is(sql("SELECT state FROM sfn.event_replays WHERE name = 'slow'"), 'CANCELLED', 'in the database, too');
	await page.click('[aria-label="Delete everything"]');
	await page.click('dialog >> text=Cancel');
	ok(await has(page, 'everything'), 'who does not want to delete does not');
	await page.click('[aria-label="Delete everything"]');
	await page.click('dialog button.primary');
	ok(await comes(page, () => !document.body.textContent.includes('everything')), 'an archive is deleted');
	is(sql("SELECT pg_catalog.count(*) FROM sfn.event_archives WHERE name = 'everything'"), '0', 'from the database, too');
	await page.context().close();	// whose console tells of what was refused
}

export async function archivesForReaders() {
	const page = await tab();
	await logIn(page, 'reader');
	await go(page, 'events');
	await page.click('role=tab[name="Archives"]');
	ok(await has(page, 'sales', '90 days'), 'who may look sees archives');
	is(await page.$$eval('[role=tabpanel] button', (b) => b.length), 0, 'and has no button');
	await quiet(page, 'archives for readers');
}

export async function schedules() {
	const page = await tab();
	await logIn(page);
	await go(page, 'schedules');
	ok(await has(page, 'nightly', 'cron(0 2 * * ? *)', 'Europe/Berlin'), 'schedules');
	const times = await page.$$eval('tr:has-text("nightly") .times time', (t) => t.map((e) => e.textContent));
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
