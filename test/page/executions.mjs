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

export async function stopsAndRedrivesMany() {
	sql("SELECT sfn.start_execution('pause', '{}', 'many-' || n) FROM pg_catalog.generate_series(1, 3) n");
	const page = await tab();
	await logIn(page);
	await page.fill('input[placeholder="begins with"]', 'many-');
	ok(await rows(page, 3), 'three that run');
	for (const box of await page.$$('tbody input[type=checkbox]'))
		await box.check();
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

export async function hidesNothingOfAReader() {
	const page = await tab();
	await logIn(page, 'reader');
	ok(await rows(page, 50), 'a key for reading sees the list');
	await go(page, 'start', 'hello');
	await page.waitForSelector('textarea');
	ok(await comes(page, () => !document.querySelector('form button.primary').disabled), 'and the form');
	await page.click('form button.primary');
	await page.waitForSelector('[role=alert]');
	ok((await text(page, '[role=alert]')).includes('is not authorized to perform'), 'but starts nothing');
	await page.context().close();
}
