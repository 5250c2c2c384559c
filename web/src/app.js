// The page: who looks at it, which screen the address names, what stands on top.

import { html, render, useEffect, useRef, useState } from '../vendor/preact.js';
import { logOut, readSession, whenSessionEnds, whenShardsAreMissing } from './api.js';
import { Execution } from './execution.js';
import { Events, Schedules } from './events.js';
import { Executions, NewExecution } from './executions.js';
import { Login } from './login.js';
import { Machine, Machines } from './machines.js';
import { Activities, Failures, MapRun, MapRuns, Workers } from './others.js';
import { Tasks } from './tasks.js';
import { Editor } from './editor.js';
import { Empty, toMiddle } from './ui.js';

const screens = {
	'': { title: 'Executions', show: (rest, query) => html`<${Executions} query=${query} />` },
	executions: { title: 'Executions', show: (rest, query) => html`<${Executions} query=${query} />` },
	execution: { title: 'Execution', show: ([arn]) => html`<${Execution} key=${arn} arn=${arn} />` },
	start: { title: 'New execution', show: ([machine]) => html`<${NewExecution} key=${machine} machine=${machine} />` },
	machines: { title: 'State machines', show: () => html`<${Machines} />` },
	machine: { title: 'State machine', show: ([name]) => html`<${Machine} key=${name} name=${name} />` },
	editor: { title: 'Editor', show: ([name]) => html`<${Editor} key=${name} name=${name} />` },
	tasks: { title: 'Waiting tasks', show: () => html`<${Tasks} />` },
	failures: { title: 'Failures', show: () => html`<${Failures} />` },
	'map-runs': { title: 'Map runs', show: () => html`<${MapRuns} />` },
	'map-run': { title: 'Map run', show: ([arn]) => html`<${MapRun} key=${arn} arn=${arn} />` },
	events: { title: 'Events', show: () => html`<${Events} />` },
	schedules: { title: 'Schedules', show: () => html`<${Schedules} />` },
	activities: { title: 'Activities', show: () => html`<${Activities} />` },
	workers: { title: 'Workers', show: (rest, query, session) => html`<${Workers} seesBacklog=${session.about.seesBacklog} role=${session.about.role} />` },
};

const bar = [['executions', 'Executions'], ['machines', 'Machines'], ['tasks', 'Waiting tasks'], ['failures', 'Failures'],
	['map-runs', 'Map runs'], ['events', 'Events'], ['schedules', 'Schedules'], ['activities', 'Activities'], ['workers', 'Workers'], ['editor', 'Editor']];

function readAddress() {
	const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
	let parts;
	try {
		parts = path.split('/').map(decodeURIComponent);
	} catch {
		parts = ['?'];
	}
	return { screen: parts[0], rest: parts.slice(1), query: Object.fromEntries(new URLSearchParams(query ?? '')) };
}

function useAddress() {
	const [address, setAddress] = useState(readAddress);
	useEffect(() => {
		const changed = () => {
			setAddress(readAddress());
			scrollTo(0, 0);
		};
		addEventListener('hashchange', changed);
		return () => removeEventListener('hashchange', changed);
	}, []);
	return address;
}

function Bar({ session, at, leave }) {
	const nav = useRef(null);
	useEffect(() => toMiddle(nav.current, '[aria-current]'), [at]);
	return html`<header class="bar">
	<a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>To the content</a>
	<a class="brand" href="#/executions">sfn</a>
	<nav aria-label="Screens" ref=${nav}>${bar.map(([key, title]) => html`<a key=${key} href=${'#/' + key} aria-current=${key === at || key === at + 's' || (key === 'executions' && at === 'start') ? 'page' : null}>${title}</a>`)}</nav>
	<span class="who">${session.about.role}@${session.about.database}</span>
	${!session.isOpen && html`<button class="small" onClick=${leave}>Log out</button>`}</header>`;
}

// What index.html has, too, so that something stands there before the scripts do.
function EmptyBar() {
	return html`<header class="bar"><span class="brand">sfn</span></header>`;
}

function App() {
	const [session, setSession] = useState(undefined);
	const [reason, setReason] = useState(null);
	const [problem, setProblem] = useState(null);
	const [missing, setMissing] = useState([]);
	const address = useAddress();
	const begin = async () => {
		try {
			setSession(await readSession());
			setProblem(null);
		} catch (e) {
			setProblem(e);
		}
	};
	useEffect(() => {
		whenSessionEnds(() => {
			setReason('The session has ended. Log in again; you come back to where you were.');
			setSession(null);
		});
		whenShardsAreMissing((now) => setMissing((was) => (JSON.stringify(was) === JSON.stringify(now) ? was : now)));
		begin();
	}, []);
	const screen = screens[address.screen];
	useEffect(() => {
		document.title = `${screen?.title ?? 'Not found'} · sfn`;
	}, [screen]);
	if (problem)
		return html`<${EmptyBar} /><main class="login"><div class="card"><h1>sfn</h1><p>${problem.message}</p><button onClick=${begin}>Try again</button></div></main>`;
	if (session === undefined)
		return html`<${EmptyBar} />`;
	if (session === null)
		return html`<${EmptyBar} /><${Login} done=${begin} reason=${reason} />`;
	const leave = async () => {
		await logOut();
		setReason(null);
		setSession(null);
	};
	return html`<${Bar} session=${session} at=${address.screen || 'executions'} leave=${leave} />
		${session.isOpen && html`<p class="banner">Requests are not signed here: everybody on this machine is ${session.about.role}.</p>`}
		${missing.length > 0 && html`<p class="banner" role="status">What ${missing.length > 1 ? 'shards' : 'shard'} ${missing.map((m) => m.shard).join(', ')} ${missing.length > 1 ? 'have' : 'has'} is missing here: ${missing[0].problem}.</p>`}
		<main id="main" tabindex="-1">${screen ? screen.show(address.rest, address.query, session) : html`<${Empty} title="There is nothing at this address"><a href="#/executions">Executions</a><//>`}</main>`;
}

render(html`<${App} />`, document.getElementById('app'));
