// The editor: what is wrong, where; how it looks; what it would do.

import { comes, go, is, logIn, ok, picture, quiet, sql, tab } from './lib.mjs';

const definition = `{
  "StartAt": "A",
  "States": {
    "A": {
      "Type": "Pass",
      "Next": "Nowhere"
    }
  }
}`;

export async function editor() {
	const page = await tab();
	await logIn(page);
	await go(page, 'editor');
	await page.fill('.editor textarea', definition);
	ok(await comes(page, () => document.querySelector('.diagnostics')?.textContent.includes('Nowhere')), 'what is wrong is said while one types');
	ok(await comes(page, () => [4, 5, 6].some((n) => document.querySelector('.diagnostics a').textContent === `Line ${n}`)), 'with its line');
	ok(await page.isDisabled('text=Save >> nth=-1'), 'and it is not saved');
	await page.fill('.editor textarea', definition.replace('"Next": "Nowhere"', '"Result": {"a": 1},\n      "End": true'));
	ok(await comes(page, () => document.querySelector('.notice')?.textContent.includes('No problems')), 'put right it is right');
	is(await page.$$eval('svg.graph .state', (s) => s.length), 1, 'and drawn');
	await page.click('role=tab[name="Test a state"]');
	await page.click('text=Test the state');
	ok(await comes(page, () => document.querySelector('[aria-label="What the state did"]')?.textContent.includes('SUCCEEDED')), 'a state can be tried');
	await page.click('role=tab[name="Test the machine"]');
	await page.click('text=Run the machine');
	ok(await comes(page, () => document.querySelector('[aria-label="What it would do"]')?.textContent.includes('SUCCEEDED')), 'and the machine');
	await page.fill('.head input', 'made-here');
	await page.click('.head button.primary');
	ok(await comes(page, () => document.querySelector('.head')?.textContent.includes('Saved: made-here')), 'saved it is a machine');
	is(sql("SELECT pg_catalog.count(*) FROM sfn.state_machines WHERE name = 'made-here'"), '1', 'in the database');
	await quiet(page, 'the editor');
	const again = await tab();
	await logIn(again);
	await go(again, 'editor', 'order-fulfilment');
	ok(await comes(again, () => document.querySelectorAll('svg.graph .state').length > 9), 'a machine that is there is opened');
	await picture(again, 'editor');
	await quiet(again, 'a machine in the editor');
}
