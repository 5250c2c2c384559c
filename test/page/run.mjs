// All tests of the page, one after the other in one browser.

import { close, finish, ok, open } from './lib.mjs';

const files = (process.env.T || 'session executions execution screens editor drawings care looks').split(' ');
await open();
for (const file of files) {
	const tests = await import(`./${file}.mjs`);
	for (const [name, test] of Object.entries(tests)) {
		try {
			await test();
		} catch (error) {
			ok(false, `${file}: ${name}`, String(error.stack ?? error));
		}
	}
}
await close();
process.exit(finish() > 0 ? 1 : 0);
