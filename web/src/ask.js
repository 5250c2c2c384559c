// Asks the API for what a button is for, and says what it answered when it refused.

import { html, useState } from '../vendor/preact.js';
import { api } from './api.js';
import { Dialog, Problem } from './ui.js';

export function useAsk(done) {
	const [problem, setProblem] = useState(null);
	const ask = async (action, request) => {
		try {
			await api(action, request);
			setProblem(null);
			done();
		} catch (refusal) {
			setProblem(refusal);
		}
	};
	return [problem, ask];
}

export function Ask({ title, text, action, request, close, done, yes = 'Delete' }) {
	const [problem, ask] = useAsk(() => {
		close();
		done();
	});
	return html`<${Dialog} title=${title} close=${close}><p>${text}</p><${Problem} error=${problem} />
		<div class="buttons"><button class="primary" onClick=${() => ask(action, request)}>${yes}</button><button onClick=${close}>Cancel</button></div><//>`;
}
