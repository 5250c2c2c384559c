// Logging in, by an access key or by a role and its password.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { logIn } from './api.js';
import { Copyable, Problem, Tabs } from './ui.js';

export function Login({ done, reason }) {
	const [kind, setKind] = useState('key');
	const [problem, setProblem] = useState(null);
	const [isWaiting, setWaiting] = useState(false);
	const form = useRef(null);
	// by hand: the attribute has the browser complain in its console when somebody was faster
	useEffect(() => form.current.querySelector('input').focus(), []);
	const send = async (e) => {
		e.preventDefault();
		const given = Object.fromEntries([...new FormData(e.target)].filter(([, v]) => v));
		setWaiting(true);
		try {
			await logIn(given);
			await done();
		} catch (error) {
			setProblem(error);
			setWaiting(false);
		}
	};
	return html`<main class="login"><form class="card" ref=${form} onSubmit=${send}>
		<h1>sfn</h1><p class="quiet">State machines in PostgreSQL</p>
		${reason && html`<div class="notice" role="status">${reason}</div>`}
		<${Tabs} label="How to log in" at=${kind} choose=${(k) => { setKind(k); setProblem(null); }} of=${[['key', 'Access key'], ['role', 'Role']]} />
		<div role="tabpanel" key=${kind}>
		${kind === 'key' ? html`
			<label class="field"><span>Access key id</span><input name="accessKeyId" required autocomplete="username"/></label>
			<label class="field"><span>Secret access key</span><input name="secretAccessKey" type="password" required autocomplete="current-password"/></label>
			<label class="field"><span>Session token, if it has one</span><input name="sessionToken" type="password" autocomplete="off"/></label>`
		: html`<label class="field"><span>Role</span><input name="role" required autocomplete="username"/></label>
			<label class="field"><span>Password</span><input name="password" type="password" required autocomplete="current-password"/></label>`}
		</div>
		<${Problem} error=${problem} />
		<div class="buttons"><button class="primary" disabled=${isWaiting}>Log in</button></div>
		<details><summary>How do I get a key?</summary><${Copyable} text="SELECT * FROM sfn.create_access_key();" /></details>
	</form></main>`;
}
