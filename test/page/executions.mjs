// The list of executions: filters, pages, many at once; starting one.

import { arn, comes, go, is, logIn, ok, quiet, sql, tab, text } from './lib.mjs';

const names = (page) => page.$$eval('tbody tr a.name', (links) => links.map((a) => a.textContent));
const rows = (page, count) => comes(page, (n) => document.querySelectorAll('tbody tr').length === n, count);

export async function filters() {
	const page = await tab();
	await logIn(page);
	ok(await rows(page, 50), 'the newest fifty');
	await page.click('text=Older');
	ok(await rows(page, 100), 'fifty more');
	await page.fill('input[placeholder="its whole name"]', 'order-fulfilment');
	ok(await rows(page, 3), 'those of one machine');
	await page.selectOption('select >> nth=0', 'FAILED');
	ok(await rows(page, 1), 'those that failed');
	is((await names(page)).join(), 'o-1003', 'which is one');
	ok(await comes(page, () => location.hash.includes('machine=order-fulfilment')), 'the address has the filters');
	await page.reload();
	ok(await rows(page, 1), 'and keeps them');
	await page.selectOption('select >> nth=0', '');
	await page.fill('input[placeholder="begins with"]', 'o-1002');
	ok(await rows(page, 1), 'by the beginning of a name');
	await page.fill('input[placeholder="begins with"]', 'nothing');
	ok(await comes(page, () => document.querySelector('.empty')?.textContent.includes('No execution fits')), 'none, and what to do then');
	await quiet(page, 'filters');
}

// By what the database alone knows of an execution: the state it is in, what it was given.
export async function filtersByContent() {
	const page = await tab();
	await logIn(page);
	await page.fill('input[placeholder="a state\'s name"]', 'Pause');
	ok(await comes(page, () => [...document.querySelectorAll('tbody a.name')].some((a) => a.textContent === 'p-1')), 'those that are in a state');
	await page.fill('input[placeholder="a state\'s name"]', '');
	const input = 'input[placeholder=\'customer.id = "c17"\']';
	await page.fill(input, 'amount = 1200');
	await page.press(input, 'Enter');
	ok(await comes(page, () => [...document.querySelectorAll('tbody a.name')].map((a) => a.textContent).join() === 'o-1002'), 'the one whose input has a value');
	await page.fill(input, 'amount = = 2');
	await page.press(input, 'Enter');
	ok(await comes(page, () => document.querySelector('[role=alert]')), 'what is no JSONata is said to be none');
	await page.fill(input, '');
	await page.press(input, 'Enter');
	await page.selectOption('select >> nth=1', '1');
	ok(await rows(page, 50), 'those of the last day');
	await page.selectOption('select >> nth=2', 'EXPRESS');
	ok(await comes(page, () => document.querySelector('tbody a')?.textContent.includes('x-1')), 'those of express machines');
	await page.context().close();
}

// A value that few have: one looks through the rest by pressing, each time a bounded part.
export async function looksFurtherBack() {
	sql("SELECT sfn.start_executions('hello', (SELECT pg_catalog.array_agg('{}'::json) FROM pg_catalog.generate_series(1, 990)))");
	const page = await tab();
	await logIn(page);
	await page.fill('input[placeholder="begins with"]', 'o-1001');
	ok(await comes(page, () => document.querySelector('.more')?.textContent.includes('searched back to')), 'it is said how far back was searched');
	await page.click('.more button');
	ok(await rows(page, 1), 'further back it is found');
	ok(await comes(page, () => !document.querySelector('.more')), 'and then there is no more');
	await quiet(page, 'looking further back');
}

// As a front of several shards answers, of which one is down.
export async function saysThatAShardIsMissing() {
	const page = await tab();
	let missing = [{ shard: 1, problem: 'shard 1 cannot be reached' }];
	await page.route('**/ui/page/executions', async (route) => {
		const response = await route.fetch();
		await route.fulfill({ response, json: { ...await response.json(), missingShards: missing } });
	});
	await logIn(page);
	ok(await comes(page, () => document.querySelector('.banner[role=status]')?.textContent === 'What shard 1 has is missing here: shard 1 cannot be reached.'), 'what a shard has that is down is said to be missing');
	missing = [];
	ok(await comes(page, () => !document.querySelector('.banner[role=status]')), 'until it is back');
	await quiet(page, 'a shard that is down');
}

export async function stopsAndRedrivesMany() {
	sql("SELECT sfn.start_execution('pause', '{}', 'many-' || n) FROM pg_catalog.generate_series(1, 3) n");
	const page = await tab();
	await logIn(page);
	await page.fill('input[placeholder="begins with"]', 'many-');
	ok(await rows(page, 3), 'three that run');
	await page.check('thead input[type=checkbox]');
	await page.click('text=Stop 3');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelectorAll('.status-ABORTED').length === 3), 'are stopped together');
	await page.click('text=Redrive 3');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelectorAll('.status-RUNNING').length === 3), 'and redriven');
	await quiet(page, 'many at once');
}

export async function startsOne() {
	const page = await tab();
	await logIn(page);
	await go(page, 'start', 'hello');
	await page.fill('textarea', '{"a": 1,\n "b": }');
	ok(await comes(page, () => /Line 2, column \d+/.test(document.querySelector('.hint').textContent)), 'what is wrong with the input is said while one types');
	ok(await page.isDisabled('form button.primary'), 'and it cannot be started');
	await page.fill('textarea', '{"a": 1}');
	await page.fill('input[maxlength="80"]', 'by-hand');
	await page.click('form button.primary');
	ok(await comes(page, () => document.querySelector('h1')?.textContent === 'by-hand' && document.querySelector('.head .status-SUCCEEDED')), 'then it is, and shown');
	await go(page, 'start', 'hello');
	await page.waitForSelector('textarea');
	await page.fill('input[maxlength="80"]', 'by-hand');
	await page.fill('textarea', '{"a": 2}');
	await page.click('form button.primary');
	await page.waitForSelector('[role=alert]');
	ok((await text(page, '[role=alert]')).includes('ExecutionAlreadyExists'), 'a name that is taken is refused in words');
	is(sql(`SELECT pg_catalog.count(*) FROM sfn.executions WHERE execution_arn = '${arn('hello', 'by-hand')}'`), '1', 'and starts nothing');
	await page.context().close();
}

// What a key is not good for has no button; what the role may not do neither.
export async function showsAReaderNoButtons() {
	const page = await tab();
	await logIn(page, 'reader');
	ok(await rows(page, 50), 'a key for reading sees the list');
	is(await page.$$eval('.head .button, tbody input', (b) => b.length), 0, 'and nothing to press');
	await go(page, 'execution', arn('pause', 'p-1'));
	ok(await comes(page, () => document.querySelector('.head .status-RUNNING')), 'it sees one that runs');
	is(await page.$$eval('.head button, .head .button', (b) => b.length), 0, 'and cannot stop it');
	await go(page, 'start', 'hello');
	await page.waitForSelector('textarea');
	ok(await page.isDisabled('form button.primary'), 'nor start one');
	await quiet(page, 'a key for reading');
}

export async function showsAGuestWhatHeMayDo() {
	const page = await tab();
	await logIn(page, 'guest');
	await go(page, 'execution', arn('pause', 'p-1'));
	ok(await comes(page, () => document.querySelector('.head .status-RUNNING')), 'a role that may see sees one that runs');
	is(await page.$$eval('.head button, .head .button', (b) => b.map((e) => e.textContent).join()), '', 'and no button');
	sql("SELECT sfn.grant_state_machine('pause', 'guest', 'stop')");
	await page.reload();
	ok(await comes(page, () => document.querySelector('.head .buttons')?.textContent.includes('Stop')), 'one that may stop sees it');
	sql("SELECT sfn.revoke_state_machine('pause', 'guest', 'stop')");
	await quiet(page, 'a guest');
}
