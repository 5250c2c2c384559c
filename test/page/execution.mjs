// One execution on the screen: drawn rightly, and as it is now.

import { arn, comes, faultsOfGraph, go, is, logIn, ok, PATIENCE, picture, quiet, sql, tab, text } from './lib.mjs';

const marks = (page) => page.$$eval('svg.graph .state', (states) => Object.fromEntries(states.map((g) => [g.getAttribute('aria-label').split(',')[0], g.getAttribute('class').match(/mark-(\w+)/)[1]])));
const soon = (name, mark) => [([n, m]) => [...document.querySelectorAll('svg.graph .state')].some((g) => g.getAttribute('aria-label').split(',')[0] === n && g.classList.contains(`mark-${m}`)), [name, mark]];

// A person approves: blue turns to green without a reload, and the machine goes on.
export async function approves() {
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('order-fulfilment', 'o-1002'));
	ok(await comes(page, ...soon('Task Manager approval', 'current')), 'what waits is blue');
	ok((await text(page, '.why')).includes('Manager approval waits for a callback'), 'and it is said why');
	await picture(page, 'waiting');
	await page.click('text=Approve …');
	await page.fill('dialog textarea', '{"ok": tru');
	ok(await page.isDisabled('dialog button.primary'), 'an answer that is no JSON is not sent');
	await page.fill('dialog textarea', '{"ok": true}');
	await page.click('dialog button.primary');
	ok(await comes(page, ...soon('Task Manager approval', 'succeeded')), 'approved it is green');
	ok(await comes(page, () => document.querySelector('.head .status-SUCCEEDED')), 'and the execution goes on to its end');
	is((await marks(page))['Fail Reject'], 'none', 'what it did not come to is white');
	await page.click('[data-id] >> text=Manager approval');
	ok(await comes(page, () => [...document.querySelectorAll('.code .new')].some((s) => s.textContent.includes('"ok": true'))), 'what a state has added stands out');
	await quiet(page, 'approving');
}

export async function rejects() {
	sql("SELECT sfn.start_execution('order-fulfilment', '{\"amount\": 1500, \"items\": []}', 'rejected')");
	const page = await tab();
	await logIn(page);
	await go(page, 'tasks');
	await page.click('button[aria-label="Reject Manager approval"]');
	await page.fill('dialog input', 'TooExpensive');
	await page.fill('dialog textarea', 'We cannot pay for it');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelector('.empty')), 'what was rejected waits no more');
	await go(page, 'execution', arn('order-fulfilment', 'rejected'));
	ok(await comes(page, () => document.querySelector('.notice-bad')?.textContent.includes('TooExpensive')), 'and its execution says why it failed');
	is((await marks(page))['Task Manager approval'], 'failed', 'the state is red');
	await quiet(page, 'rejecting');
}

// Something changes in the database, and on the screen.
export async function isLive() {
	sql("SELECT sfn.start_execution('pause', '{}', 'live')");
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('pause', 'live'));
	ok(await comes(page, ...soon('Wait Pause', 'current')), 'it runs');
	const began = Date.now();
	sql(`SELECT sfn.stop_execution('${arn('pause', 'live')}', 'Enough', 'for today')`);
	ok(await comes(page, ...soon('Wait Pause', 'aborted')), 'stopped elsewhere it is grey here');
	console.log(`# seen after ${Date.now() - began} ms`);
	await page.click('text=Redrive');
	ok(await comes(page, () => document.querySelector('.head .status-RUNNING')), 'redriven it runs');
	await page.click('text=Stop …');
	await page.click('dialog button.primary');
	ok(await comes(page, () => document.querySelector('.head .status-ABORTED')), 'and is stopped here');
	await quiet(page, 'a live execution');
}

export async function showsWhatWasCaught() {
	sql("SELECT sfn.start_execution('order-fulfilment', '{\"amount\": 500, \"items\": [1]}', 'caught')");
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('order-fulfilment', 'caught'));
	ok(await comes(page, () => document.querySelector('.head .status-FAILED')), 'an order that cannot be charged fails');
	const seen = await marks(page);
	is(seen['Task Charge'], 'caught', 'the error that was caught is orange');
	is(seen['Pass Refund'], 'succeeded', 'where it led is green');
	is(seen['Fail Failed'], 'failed', 'and the end is red');
	await picture(page, 'caught');
	await quiet(page, 'a caught error');
}

// What flows through a state, each beside what it was made of; and each attempt.
export async function showsTheFlow() {
	sql("SELECT sfn.start_execution('order-fulfilment', '{\"amount\": 500, \"items\": [1]}', 'flowing')");
	is(sql(`SELECT sfn.wait_for_execution('${arn('order-fulfilment', 'flowing')}', '${PATIENCE} ms')`), 'FAILED', 'an order that cannot be charged ends');
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('order-fulfilment', 'flowing'));
	await page.click('[data-id] >> text=Charge');
	ok(await comes(page, () => document.querySelector('[aria-label="What the task was given of the state"]')?.textContent.includes('SELECT 1000')), 'what a task was given');
	ok(await comes(page, () => document.querySelectorAll('.tries li').length === 2 && document.querySelector('.tries').textContent.includes('Sql.division_by_zero')), 'each of its attempts');
	is(await page.$$eval('svg.timeline .mark-caught > .box', (b) => b.length), 2, 'which are on the timeline, too');
	await page.click('[data-id] >> text=Reserve stock');
	ok(await comes(page, () => document.querySelector('[aria-label="What it answered of the state"]')?.textContent.includes('"reserved": true')), 'what it answered');
	is(await page.$$eval('[aria-label="Output of the state"] .new', (l) => l.map((e) => e.textContent.trim()).join()), '"reserved": true', 'which is what is new in its output');
	await quiet(page, 'the flow through a state');
}

export async function countsIterations() {
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('order-fulfilment', 'o-1001'));
	ok(await comes(page, () => [...document.querySelectorAll('.times text')].some((t) => t.textContent === '×3')), 'a state of a Map says how often it was entered');
	await page.click('[data-id] >> text=Check');
	ok(await comes(page, () => document.querySelector('.picker')?.textContent.includes('of 3')), 'and each time can be looked at');
	await page.click('button[aria-label="The time before"]');
	ok(await comes(page, () => document.querySelector('.picker input').value === '2'), 'one after the other');
	ok((await faultsOfGraph(page)).length === 0, 'nothing overlaps', await faultsOfGraph(page));
	await picture(page, 'execution');
	const events = await page.$$eval('.events tbody tr', (r) => r.length);
	ok(events > 20, 'its events are listed', events);
	await page.click('.events button >> nth=0');
	ok(await page.waitForSelector('.events pre'), 'with what they tell');
	await quiet(page, 'iterations');
}

// What one looks at stands in the address: whoever is sent it sees the same.
export async function hasDeepLinks() {
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('order-fulfilment', 'o-1001'));
	await page.click('[data-id] >> text=Charge');
	await page.click('role=tab[name="Input and output"]');
	ok(await comes(page, () => /[?&]state=\d+/.test(location.hash) && location.hash.includes('tab=data')), 'the address names the state and the tab');
	await page.reload();
	ok(await comes(page, () => [...document.querySelectorAll('h2')].some((h) => h.textContent === 'Charge')), 'which leads to the state');
	is(await page.getAttribute('role=tab[name="Input and output"]', 'aria-selected'), 'true', 'and the tab');
	await page.focus('role=tab[name="Input and output"]');
	await page.keyboard.press('ArrowRight');
	ok(await comes(page, () => document.activeElement.textContent === 'More' && document.activeElement.getAttribute('aria-selected') === 'true'), 'arrows go from tab to tab');
	await quiet(page, 'deep links');
}

// By the keyboard alone.
export async function worksByKeyboard() {
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('order-fulfilment', 'o-1001'));
	await page.waitForSelector('svg.graph .state');
	await page.focus('svg.graph .state[aria-label^="Choice Validate"]');
	await page.keyboard.press('Enter');
	ok(await comes(page, () => [...document.querySelectorAll('h2')].some((h) => h.textContent === 'Validate')), 'Enter chooses a state');
	await page.focus('.fold');
	await page.keyboard.press('Enter');
	ok(await comes(page, () => !document.querySelector('svg.graph .open')), 'and folds a Parallel');
	ok((await faultsOfGraph(page)).length === 0, 'which is drawn rightly then, too', await faultsOfGraph(page));
	const order = [];
	await page.focus('.brand');
	for (let i = 0; i < 4; i++) {
		await page.keyboard.press('Tab');
		order.push(await page.evaluate(() => document.activeElement.textContent));
	}
	is(order.join(), 'Executions,Machines,Waiting tasks,Failures', 'Tab goes through the screens');
	await quiet(page, 'the keyboard');
}

// Names that would like to be something else are names.
export async function showsHostileNames() {
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('hostile', 'h-1'));
	ok(await comes(page, () => document.querySelector('.head .status-SUCCEEDED')), 'it is shown');
	is(await page.evaluate(() => document.querySelectorAll('#app img, #app script').length), 0, 'no name has become an element');
	ok((await page.$$eval('svg.graph .state title', (t) => t.map((e) => e.textContent))).some((t) => t.includes('<img src=x onerror=alert(1)>')), 'names are shown as they are');
	ok((await faultsOfGraph(page)).length === 0, 'long and strange ones stay in their boxes', await faultsOfGraph(page));
	await picture(page, 'hostile');
	await quiet(page, 'hostile names');
}
