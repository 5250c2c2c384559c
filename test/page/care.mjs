// What must hold when much is going on: many tabs, long histories, large payloads, a server that is restarted.

import { arn, base, comes, go, is, logIn, ok, PATIENCE, quiet, sql, tab } from './lib.mjs';

// Browsers open six connections to a host; each tab that waits for a change holds one.
export async function eightTabs() {
	const first = await tab();
	await logIn(first);
	const pages = [first];
	for (let i = 1; i < 8; i++) {
		const page = await first.context().newPage();
		page.setDefaultTimeout(PATIENCE);
		pages.push(page);
	}
	sql("SELECT sfn.start_execution('pause', '{}', 'seen-by-eight')");
	const address = `${base}/ui/#/execution/${encodeURIComponent(arn('pause', 'seen-by-eight'))}`;
	for (const page of pages)
		await page.goto(address);
	for (const [i, page] of pages.entries()) {
		await page.bringToFront();
		ok(await comes(page, () => document.querySelector('.head .status-RUNNING')), `tab ${i + 1} of eight shows it`);
	}
	sql(`SELECT sfn.stop_execution('${arn('pause', 'seen-by-eight')}')`);
	for (const [i, page] of pages.entries()) {
		await page.bringToFront();
		ok(await comes(page, () => document.querySelector('.head .status-ABORTED')), `tab ${i + 1} of eight hears of its end`);
	}
	await quiet(first, 'eight tabs');
}

// What is printed is for people to compare; nothing is asserted of a time.
export async function firstPaint() {
	const page = await tab();
	await page.goto(`${base}/ui/`);
	await page.waitForSelector('[name=accessKeyId]');
	const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
	const bytes = await page.evaluate(() => performance.getEntriesByType('resource').reduce((sum, r) => sum + r.transferSize, 0));
	ok(painted > 0, 'the page is painted');
	ok(bytes < 120 * 1024, 'with less than 120 KB', bytes);
	const unasked = await page.evaluate(() => {
		const early = [...document.querySelectorAll('link[rel=modulepreload], script')].map((e) => e.href || e.src);
		return performance.getEntriesByType('resource').map((r) => r.name).filter((name) => name.endsWith('.js') && !early.includes(name));
	});
	is(unasked.join(), '', 'every module is asked for at once, none after another');
	console.log(`# first paint after ${Math.round(painted)} ms, ${Math.round(bytes / 1024)} KB without the document`);
	await quiet(page, 'the first paint');
}

// What stands on a screen stays where it is while the rest comes.
export async function nothingJumps() {
	const page = await tab();
	await page.addInitScript(() => {
		window.moved = 0;
		new PerformanceObserver((list) => list.getEntries().filter((e) => !e.hadRecentInput).forEach((e) => {
			window.moved += e.value;
		})).observe({ type: 'layout-shift', buffered: true });
	});
	await logIn(page);
	for (const path of [['executions'], ['machines'], ['machine', 'order-fulfilment'], ['execution', arn('order-fulfilment', 'o-1001')], ['failures'], ['schedules'], ['workers']]) {
		await go(page, ...path);
		await page.reload();
		await comes(page, () => document.querySelector('tbody tr, svg.graph') && !document.querySelector('.loading'));
		const moved = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(window.moved)))));
		ok(moved < 0.1, `${path[0]}: nothing jumps`, moved);
	}
	await quiet(page, 'jumps');
}

// A history that is longer than any screen is read in pages.
export async function longHistory() {
	const rounds = process.env.SFN_SOAK ? 25000 : 2400;	// of four events each
	sql(`SELECT sfn.create_state_machine('long', '{"QueryLanguage": "JSONata", "StartAt": "Count", "States": {
		"Count": {"Type": "Pass", "Output": "{% {\\"n\\": $states.input.n - 1} %}", "Next": "More?"},
		"More?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n > 0 %}", "Next": "Count"}], "Default": "Done"}, "Done": {"Type": "Succeed"}}}')`);
	sql(`SELECT sfn.start_execution('long', '{"n": ${rounds}}', 'long')`);
	is(sql(`SELECT sfn.wait_for_execution('${arn('long', 'long')}', '${PATIENCE} ms')`), 'SUCCEEDED', 'a long execution ends');
	const page = await tab();
	await logIn(page);
	const began = Date.now();
	await go(page, 'execution', arn('long', 'long'));
	ok(await comes(page, () => document.querySelectorAll('.events tbody tr').length === 100), 'its newest hundred events are shown');
	console.log(`# after ${Date.now() - began} ms`);
	await page.click('text=More >> nth=-1');
	ok(await comes(page, () => document.querySelectorAll('.events tbody tr').length === 200), 'then a hundred more');
	await page.click('text=Newest first');
	ok(await comes(page, () => document.querySelector('.events tbody td')?.textContent === '1'), 'or the oldest first');
	ok(await comes(page, () => document.querySelector('.times text')?.textContent.startsWith('×')), 'a state says how often it was entered');
	is((await page.$$('svg.timeline g[role=button]')).length, 200, 'the timeline has no more rows than can be looked at');
	ok(await comes(page, () => [...document.querySelectorAll('svg.timeline .row-label')].at(-1)?.textContent === 'Done'), 'the newest');
	await quiet(page, 'a long history');
}

// A payload of a megabyte is shown in part, and nothing else waits for it.
export async function largePayload() {
	sql(`SELECT sfn.start_execution('hello', json_build_object('text', repeat('0123456789', 25000)), 'large')`);
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('hello', 'large'));
	await page.click('role=tab[name="Input and output"]');
	ok(await comes(page, () => document.querySelector('[aria-label=Input]')?.textContent.includes('KB in all')), 'a large input is cut, and its size is said');
	await quiet(page, 'a large payload');
}

// The server goes and comes; the page says so and goes on by itself.
export async function serverRestart() {
	sql("SELECT sfn.start_execution('pause', '{}', 'outlives')");
	const page = await tab();
	await logIn(page);
	await go(page, 'execution', arn('pause', 'outlives'));
	ok(await comes(page, () => document.querySelector('.head .status-RUNNING')), 'an execution runs');
	process.kill(Number(sql("SELECT pid FROM pg_catalog.pg_stat_activity WHERE backend_type = 'checkpointer'", 'postgres')), 'SIGKILL');	// which ends all of its processes
	for (const end = Date.now() + PATIENCE; Date.now() < end;) {
		try {
			sql(`SELECT sfn.stop_execution('${arn('pause', 'outlives')}')`);
			break;
		} catch (error) {
			if (!/starting up|not yet accepting|recovery mode|terminat|server closed|refused/.test(error.message))
				throw error;
		}
	}
	ok(await comes(page, () => document.querySelector('.head .status-ABORTED')), 'what happened behind it is seen without a press');
	ok(await comes(page, () => !document.querySelector('[role=alert]')), 'and nothing is said to be wrong any more');
	await page.context().close();
}
