// Small parts that all screens are made of.  Whatever comes from executions is a text node.

import { html, useCallback, useEffect, useRef, useState } from '../vendor/preact.js';
import { between, localTime, milliseconds, utcTime } from './format.js';

export const href = (...path) => '#/' + path.map(encodeURIComponent).join('/');

const marks = { RUNNING: '◔', SUCCEEDED: '✓', CAUGHT: '!', FAILED: '✕', TIMED_OUT: '⧗', ABORTED: '■', PENDING_REDRIVE: '↻' };
const words = { TIMED_OUT: 'Timed out', PENDING_REDRIVE: 'Pending redrive' };
const word = (status) => words[status] ?? status.charAt(0) + status.slice(1).toLowerCase();

export const Status = ({ of }) =>
	html`<span class=${'status status-' + of}><span aria-hidden="true">${marks[of] ?? '•'}</span> ${word(of)}</span>`;

export const Time = ({ at, fraction }) =>
	at ? html`<time datetime=${new Date(at).toISOString()} title=${utcTime(at)}>${localTime(at, fraction)}</time>` : html`–`;

// How long it took, or takes since; counts on by itself.
export function Duration({ from, to }) {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		if (to || !from)
			return undefined;
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, [from, to]);
	return html`<span class="number">${from ? milliseconds(Math.max(0, between(from, to ?? now))) : '–'}</span>`;
}

// Asks now, when what is asked for changes, and every so often while the page can be seen.
export function useLoad(ask, wanted, every) {
	const [state, setState] = useState({ value: undefined, error: null });
	const latest = useRef(0);
	const load = useCallback(async () => {
		const mine = ++latest.current;
		try {
			const value = await ask();
			if (mine === latest.current)
				setState({ value, error: null });
		} catch (error) {
			if (mine === latest.current)
				setState((s) => ({ ...s, error }));
		}
	}, wanted);
	useEffect(() => {
		load();
		const timer = every && setInterval(() => document.hidden || load(), every);
		return () => {
			latest.current++;
			clearInterval(timer);
		};
	}, [load, every]);
	return { ...state, reload: load };
}

export const Problem = ({ error }) =>
	error && html`<div class="notice notice-bad" role="alert"><strong>${error.code ?? 'Error'}</strong> ${error.message}</div>`;

// An error of an execution; a cause that is an object says first what it calls its message.
export function Failure({ of }) {
	if (!of?.error && !of?.cause)
		return null;
	let parts = null;
	try {
		parts = JSON.parse(of.cause);
	} catch {
		parts = null;
	}
	const message = typeof parts?.message === 'string' && parts.message;
	return html`<div class="notice notice-bad"><strong>${of.error ?? 'Error'}</strong>${message && ` ${message}`}
		${message ? html`<details><summary>More of it</summary><${Json} value=${parts} label="Cause" /></details>` : of.cause && html`<pre class="cause">${of.cause}</pre>`}</div>`;
}

export const Notice = ({ children }) => html`<div class="notice" role="status">${children}</div>`;

// What to do where there is nothing yet, with what to paste.
export const Empty = ({ title, sql, children }) => html`
	<div class="empty">
		<p><strong>${title}</strong></p>
		${children && html`<p>${children}</p>`}
		${sql && html`<${Copyable} text=${sql} />`}
	</div>`;

export function Copyable({ text }) {
	const [done, setDone] = useState(false);
	const copy = async () => {
		await navigator.clipboard?.writeText(text).catch(() => {});
		setDone(true);
		setTimeout(() => setDone(false), 1500);
	};
	return html`<div class="code-box"><pre class="code" tabindex="0">${text}</pre>
		<button class="small" onClick=${copy}>${done ? 'Copied' : 'Copy'}</button></div>`;
}

export const Card = ({ title, aside, children, cls = '' }) => html`
	<section class=${'card ' + cls}>
		<header><h2>${title}</h2>${aside && html`<div class="aside">${aside}</div>`}</header>
		${children}
	</section>`;

// Rows of things, each column a title, what it shows and a class.  On a phone a row is a few lines, with the titles before what they are of.
export const Table = ({ columns, rows, keyOf, cls = '', children }) => html`<div class="table-scroll"><table class=${cls}>
	<thead><tr>${columns.map(([title, , kind]) => html`<th class=${kind}>${title}</th>`)}</tr></thead>
	<tbody>${rows.map((row) => html`<tr key=${keyOf(row)}>${columns.map(([title, show, kind]) => html`<td class=${kind} data-title=${typeof title === 'string' ? title : ''}>${show(row)}</td>`)}</tr>`)}${children}</tbody>
</table></div>`;

// Where there is little room the chosen one comes to the middle.
export function Tabs({ of, at, choose, label }) {
	const list = useRef(null);
	useEffect(() => toMiddle(list.current, '[aria-selected=true]'), [at]);
	const step = (e) => {
		const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
		const next = by && of[of.findIndex(([key]) => key === at) + by];
		if (!next)
			return;
		choose(next[0]);
		list.current.children[of.indexOf(next)].focus();
	};
	return html`<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${step}>
		${of.map(([key, title]) => html`
			<button role="tab" key=${key} aria-selected=${key === at} onClick=${() => choose(key)}>${title}</button>`)}
	</div>`;
}

const queryOf = () => new URLSearchParams(location.hash.split('?')[1] ?? '');

// A choice that stands in the address, so that a link leads to what one looks at.
export function useAddressed(key, otherwise) {
	const [value, setValue] = useState(() => queryOf().get(key) ?? otherwise);
	useEffect(() => {
		const changed = () => setValue(queryOf().get(key) ?? otherwise);
		addEventListener('hashchange', changed);
		return () => removeEventListener('hashchange', changed);
	}, []);
	const choose = (chosen) => {
		const query = queryOf();
		if (chosen === otherwise)
			query.delete(key);
		else
			query.set(key, chosen);
		setValue(chosen);
		history.replaceState(null, '', `${location.hash.split('?')[0] || '#/'}${query.size ? `?${query}` : ''}`);
	};
	return [value, choose];
}

export function toMiddle(list, selector) {
	const one = list.querySelector(selector);
	if (one)
		list.scrollLeft = one.offsetLeft - list.offsetLeft - (list.clientWidth - one.offsetWidth) / 2;
}

const MOST_SHOWN = 200000;

export function Json({ value, label }) {
	const text = value === undefined ? '' : JSON.stringify(value, null, 2);
	const long = text.length > MOST_SHOWN;
	return html`<pre class="code" tabindex="0" aria-label=${label}>${
		long ? text.slice(0, MOST_SHOWN) + `\n… ${(text.length / 1024).toFixed(0)} KB in all` : text || '–'}</pre>`;
}

export function Dialog({ title, close, children }) {
	const element = useRef(null);
	useEffect(() => {
		element.current.showModal();
	}, []);
	return html`<dialog ref=${element} onClose=${close} aria-label=${title}>
		<h2>${title}</h2>${children}</dialog>`;
}

// A text of JSON that says what is wrong with it while one types.
export function JsonInput({ value, change, label, rows = 10, isOptional = false }) {
	const isLeftOut = isOptional && !value.trim();
	const problem = isLeftOut ? null : jsonProblem(value);
	return html`<label class="field"><span>${label}</span>
		<textarea rows=${rows} spellcheck=${false} value=${value} onInput=${(e) => change(e.target.value)}
			aria-invalid=${problem !== null}></textarea>
		<span class=${problem ? 'hint bad' : 'hint'} role="status">${problem ?? (isLeftOut ? '' : 'Valid JSON')}</span></label>`;
}

// Where a text stops being JSON: browsers tell it in words of their own, or not at all.
function endOfJson(text) {
	const plain = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
	let at = 0;
	const blank = () => {
		while (/\s/.test(text[at] ?? 'x'))
			at++;
	};
	const takes = (sign) => {
		blank();
		return text[at] === sign && ++at > 0;
	};
	const word = () => {
		blank();
		plain.lastIndex = at;
		const found = plain.exec(text);
		at += found?.[0].length ?? 0;
		return found !== null;
	};
	const list = (end, item) => {
		if (takes(end))
			return true;
		do {
			if (!item())
				return false;
		} while (takes(','));
		return takes(end);
	};
	const member = () => (blank(), text[at] === '"') && word() && takes(':') && value();
	const value = () => (takes('{') ? list('}', member) : takes('[') ? list(']', value) : word());
	if (value())
		blank();
	return at;
}

export function jsonProblem(text) {
	try {
		JSON.parse(text);
		return null;
	} catch {
		const before = text.slice(0, endOfJson(text)).split('\n');
		return `Line ${before.length}, column ${before.at(-1).length + 1}: this is no JSON`;
	}
}
