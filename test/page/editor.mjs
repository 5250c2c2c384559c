// The editor: what is wrong, where; how it looks; what it would do.

import { comes, go, is, logIn, ok, picture, quiet, sql, tab, text } from './lib.mjs';

const definition = `{
  "StartAt": "A",
  "States": {
    "A": {
      "Type": "Pass",
      "Next": "Nowhere"
    }
  }
}`;

// The editor stands in a shadow, which selectors of Playwright see through.
const shows = (page, selector) => page.waitForSelector(selector).then(() => true, () => false);

// As somebody who marks all and writes something else.
async function write(page, definition) {
	await page.click('.code-host .cm-content');
	await page.keyboard.press('ControlOrMeta+a');
	await page.keyboard.insertText(definition);
	return comes(page, (start) => document.querySelector('.code-host').shadowRoot.querySelector('.cm-line').textContent === start, definition.split('\n')[0]);
}

export async function editor() {
	const page = await tab();
	await logIn(page);
	await go(page, 'editor');
	ok(await write(page, definition), 'a definition is written');
	ok(await comes(page, () => document.querySelector('.diagnostics')?.textContent.includes('Nowhere')), 'what is wrong is said while one types');
	is(await text(page, '.diagnostics a'), 'Line 6, column 7', 'with its line and column');
	ok(await shows(page, '.cm-lintRange-error:has-text("Next")'), 'and marked where it is');
	await page.click('.diagnostics a');
	ok(await shows(page, '.cm-content:focus .cm-activeLine:has-text("Nowhere")'), 'a press leads there');
	ok(await page.isDisabled('text=Save >> nth=-1'), 'and it is not saved');
	await write(page, definition.replace('"Next": "Nowhere"', '"Result": {"a": 1},\n      "End": true'));
	ok(await comes(page, () => document.querySelector('.notice')?.textContent.includes('No problems')), 'put right it is right');
	is(await page.$$eval('svg.graph .state', (s) => s.length), 1, 'and drawn');
	await page.click('role=tab[name="Test a state"]');
	await page.click('text=Test the state');
	ok(await comes(page, () => document.querySelector('[aria-label="What the state did"] .status-SUCCEEDED')), 'a state can be tried');
	await page.click('role=tab[name="Test the machine"]');
	await page.click('text=Run the machine');
	ok(await comes(page, () => document.querySelector('[aria-label="What it would do"] .status-SUCCEEDED')), 'and the machine');
	await page.fill('.head input', 'made-here');
	await page.click('.head button.primary');
	ok(await comes(page, () => document.querySelector('.head')?.textContent.includes('Saved: made-here')), 'saved it is a machine');
	is(sql("SELECT pg_catalog.count(*) FROM sfn.state_machines WHERE name = 'made-here'"), '1', 'in the database');
	await quiet(page, 'the editor');
}

// Tasks are answered in their place: a state, then the whole machine.
export async function testsWithAnswers() {
	const page = await tab();
	await logIn(page);
	await go(page, 'editor', 'order-fulfilment');
	ok(await comes(page, () => document.querySelectorAll('svg.graph .state').length > 9), 'a machine that is there is opened');
	await page.click('role=tab[name="Test a state"]');
	await page.selectOption('[role=tabpanel] select >> nth=0', 'Charge');
	await page.fill('[role=tabpanel] textarea >> nth=0', '{"amount": 7}');
	await page.click('text=Test the state');
	ok(await comes(page, () => document.querySelector('[aria-label="What the state did"]')?.textContent.includes('then Prepare')), 'a task is answered and goes on');
	await page.fill('input[placeholder="nothing, it answers"]', 'Sql.division_by_zero');
	await page.selectOption('[role=tabpanel] select >> nth=1', 'DEBUG');
	await page.click('text=Test the state');
	ok(await comes(page, () => document.querySelector('[aria-label="What the state did"]')?.textContent.includes('Sql.division_by_zero')), 'or fails');
	await page.click('role=tab[name="Test the machine"]');
	await page.fill('[role=tabpanel] textarea >> nth=0', '{"amount": 7, "items": [1]}');
	await page.fill('[role=tabpanel] textarea >> nth=1', '{"Reserve stock": {"result": {"reserved": true}}, "Charge": {"result": 1}}');
	await page.click('text=Run the machine');
	ok(await comes(page, () => document.querySelector('[aria-label="What it would do"] .status-SUCCEEDED')), 'so does the machine');
	ok(await comes(page, () => document.querySelector('svg.graph .state[aria-label^="Task Charge"].mark-succeeded') && document.querySelector('svg.graph .state[aria-label^="Pass Refund"].mark-none')), 'and the drawing shows which way it went');
	await quiet(page, 'tests with answers');
}

export async function opensWhatIsThere() {
	const again = await tab();
	await logIn(again);
	await go(again, 'editor', 'order-fulfilment');
	ok(await shows(again, '.cm-line >> nth=20'), 'with its text');
	await comes(again, () => document.querySelectorAll('svg.graph .state').length > 9);
	await picture(again, 'editor');
	await quiet(again, 'a machine in the editor');
}
