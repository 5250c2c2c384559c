// Logging in and out; what happens when the session or the gateway goes.

import { base, comes, go, is, logIn, ok, quiet, tab, text } from './lib.mjs';

export async function logsInAndOut() {
	const page = await tab();
	await logIn(page);
	ok((await text(page, '.who')).startsWith('shop@'), 'it says who looks at it');
	await page.click('text=Log out');
	await page.waitForSelector('[name=accessKeyId]');
	await page.reload();
	ok(await page.waitForSelector('[name=accessKeyId]'), 'after logging out one has to log in');
	await quiet(page, 'logging in and out');
}

export async function refusesWrongSecrets() {
	const page = await tab();
	await page.goto(`${base}/ui/`);
	await page.fill('[name=accessKeyId]', 'page');
	await page.fill('[name=secretAccessKey]', 'wrong');
	await page.click('button.primary');
	await page.waitForSelector('[role=alert]');
	ok((await text(page, '[role=alert]')).includes('The secret is not that of the access key'), 'a wrong secret is said to be wrong');
	await page.context().close();
}

// A link into the page works by itself, and one comes back to it after a session has ended.
export async function comesBackAfterTheSession() {
	const page = await tab();
	await page.goto(`${base}/ui/#/machine/order-fulfilment`);
	await page.fill('[name=accessKeyId]', 'page');
	await page.fill('[name=secretAccessKey]', 'secret');
	await page.click('button.primary');
	ok(await comes(page, () => document.querySelector('h1')?.textContent === 'order-fulfilment'), 'a link leads to its machine');
	await page.context().clearCookies();
	await go(page, 'machines');
	await page.waitForSelector('[name=accessKeyId]');
	ok((await text(page, '.notice')).includes('The session has ended'), 'an ended session is told calmly');
	await page.fill('[name=accessKeyId]', 'page');
	await page.fill('[name=secretAccessKey]', 'secret');
	await page.click('button.primary');
	ok(await comes(page, () => document.querySelector('h1')?.textContent === 'State machines'), 'and one is back where one was');
	await page.context().close();
}

export async function saysWhenTheGatewayIsAway() {
	const page = await tab();
	await logIn(page);
	await page.route('**/ui/page/**', (route) => route.abort());
	await go(page, 'machines');
	ok(await comes(page, () => document.querySelector('[role=alert]')?.textContent.includes('does not answer')), 'a gateway that is away is said to be');
	await page.unroute('**/ui/page/**');
	ok(await comes(page, () => document.querySelector('table') && !document.querySelector('[role=alert]')), 'and when it is back the page goes on');
	await page.context().close();
}

export async function showsNothingToWhoSeesNothing() {
	const page = await tab();
	await logIn(page, 'empty');
	for (const [screen, wanted] of [['executions', 'There are no executions yet'], ['tasks', 'Nothing waits'], ['map-runs', 'There are no map runs'], ['failures', 'Nothing has failed']]) {
		await go(page, screen);
		ok(await comes(page, (w) => document.querySelector('.empty')?.textContent.includes(w), wanted), `${screen}: ${wanted}`);
	}
	is(await page.evaluate(() => document.querySelectorAll('[role=alert]').length), 0, 'nothing is an error');
	await quiet(page, 'a role that sees nothing');
}
