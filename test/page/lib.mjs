// A browser with the page in it, what can be asked of it, and counting in TAP.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const modules = process.env.SFN_PAGE_MODULES;
const { chromium } = await import(pathToFileURL(createRequire(`${modules}/`).resolve('playwright-core')).href.replace(/index\.js$/, 'index.mjs'));

export const base = process.env.SFN_PAGE_URL;
export const PATIENCE = Number(process.env.SFN_PAGE_PATIENCE ?? 60000);
const pictures = process.env.SFN_PAGE_PICTURES;
const account = 'arn:aws:states:us-east-1:000000000000';
export const arn = (machine, name) => `${account}:execution:${machine}:${name}`;

let number = 0;
let failed = 0;

export function ok(good, what, ...about) {
	number++;
	console.log(`${good ? 'ok' : 'not ok'} ${number} - ${what}`);
	if (good)
		return;
	failed++;
	for (const one of about)
		console.log(`# ${JSON.stringify(one)?.slice(0, 2000)}`);
}
export const is = (got, wanted, what) => ok(got === wanted, what, { got, wanted });
export function finish() {
	console.log(`1..${number}`);
	return failed;
}

export function sql(text, role = 'shop') {
	const run = spawnSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', `SET ROLE "${role}"`, '-c', text], { encoding: 'utf8', timeout: PATIENCE });
	if (run.status !== 0)
		throw new Error(run.stderr);
	return run.stdout.trim();
}

let browser;
export async function open() {
	browser = await chromium.launch({ executablePath: process.env.SFN_CHROMIUM, args: ['--no-sandbox'] });
}
export const close = () => browser.close();

// A tab; what its console says is a failure at the end of the test.
export async function tab({ width = 1400, height = 980, colors = 'light' } = {}) {
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: colors, timezoneId: 'Europe/Berlin', locale: 'en-GB', reducedMotion: 'reduce' });
	const page = await context.newPage();
	page.setDefaultTimeout(PATIENCE);
	page.said = [];
	page.on('console', (m) => page.said.push(m.text()));
	page.on('pageerror', (e) => page.said.push(String(e)));
	page.on('dialog', (d) => {
		page.said.push(`dialog: ${d.message()}`);
		d.dismiss();
	});
	return page;
}

export async function logIn(page, key = 'page', secret = 'secret') {
	await page.goto(`${base}/ui/`);
	await page.fill('[name=accessKeyId]', key);
	await page.fill('[name=secretAccessKey]', secret);
	await page.click('button.primary');
	await page.waitForSelector('nav');
}

export async function go(page, ...path) {
	await page.evaluate((hash) => {
		location.hash = hash;
	}, '/' + path.map(encodeURIComponent).join('/'));
}

export async function picture(page, name) {
	mkdirSync(pictures, { recursive: true });
	await page.screenshot({ path: `${pictures}/${name}.png` });
}

export const text = async (page, selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();

// Waits until a condition in the page holds; false: it never did.
export async function comes(page, condition, argument, timeout = PATIENCE) {
	try {
		await page.waitForFunction(condition, argument, { timeout });
		return true;
	} catch {
		return false;
	}
}

export async function quiet(page, what) {
	ok(page.said.length === 0, `${what}: the console is empty`, page.said);
	await page.context().close();
}

// What is wrong with the drawing: boxes that overlap, names that stick out, lines that end nowhere or cut a box that is none of theirs.
export const faultsOfGraph = (page) => page.evaluate(() => {
	const faults = [];
	const boxOf = (g) => {
		const r = g.querySelector(':scope > rect').getBoundingClientRect();
		return { left: r.left, right: r.right, top: r.top, bottom: r.bottom };
	};
	const near = (p, b, by) => p.x > b.left - by && p.x < b.right + by && p.y > b.top - by && p.y < b.bottom + by;
	const plans = [document.querySelector('svg.graph'), ...document.querySelectorAll('svg.graph g.scope')];
	for (const plan of plans) {
		const states = [...plan.querySelectorAll(':scope > g.state, :scope > g.dot')];
		const boxes = states.map((g) => ({ id: g.dataset.id ?? g.textContent.trim().toLowerCase(), name: g.textContent, ...boxOf(g), g }));
		for (const [i, a] of boxes.entries()) {
			for (const b of boxes.slice(i + 1)) {
				if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
					faults.push(`${a.name} overlaps ${b.name}`);
			}
			const name = a.g.querySelector(':scope > text.name')?.getBoundingClientRect();
			if (name && (name.left < a.left - 0.5 || name.right > a.right + 0.5))
				faults.push(`the name sticks out: ${a.name}`);
		}
		for (const path of plan.querySelectorAll(':scope > g.edge > path')) {
			const matrix = path.getScreenCTM();
			const length = path.getTotalLength();
			const at = (part) => path.getPointAtLength(length * part).matrixTransform(matrix);
			const [from, to] = [path.dataset.from, path.dataset.to].map((id) => boxes.find((b) => b.id === id));
			if (!from || !to || !near(at(0), from, 3) || !near(at(1), to, 3))
				faults.push(`an edge from ${path.dataset.from} to ${path.dataset.to} ends nowhere`);
			for (let i = 0; i <= 100; i++) {
				const cut = boxes.find((b) => b !== from && b !== to && near(at(i / 100), b, -1));
				if (cut) {
					faults.push(`an edge from ${from?.name} to ${to?.name} cuts ${cut.name}`);
					break;
				}
			}
		}
	}
	return faults;
});

// Texts whose contrast is below 4.5 to 1, as far as they stand on plain colours.
export const faintTexts = (page) => page.evaluate(() => {
	const parse = (c) => c.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
	const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const faint = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const element = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('svg, noscript, option, :disabled, .hidden, .skip'))
			continue;
		let under = element;
		while (under && parse(getComputedStyle(under).backgroundColor)[3] === 0)
			under = under.parentElement;
		const a = light(parse(getComputedStyle(element).color));
		const b = light(under ? parse(getComputedStyle(under).backgroundColor) : [255, 255, 255]);
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5)
			faint.add(`${walker.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
	}
	return [...faint];
});

// The page itself never scrolls sideways.
export const isTooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);
