// One execution: where it stands, what it did, why it waits; it changes on the screen as it does in the database.

import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { api, may, page, watch } from './api.js';
import { details, executionName, machineOf, milliseconds, nameOf, plural } from './format.js';
import { Graph } from './graph.js';
import { Answer } from './tasks.js';
import { Timeline } from './timeline.js';
import { Card, Copyable, Dialog, Duration, Empty, Failure, href, Json, Problem, Status, Table, Tabs, Time, useAddressed, useLoad } from './ui.js';

const EVENTS_AT_ONCE = 100;
const LONGEST_REST = 10000;	// milliseconds between two looks at an execution that takes long to look at

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Everything about it, anew whenever it has changed.
function useExecution(arn) {
	const [state, setState] = useState({});
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		setState({});
	}, [arn]);
	useEffect(() => {
		const stop = new AbortController();
		let pause = 1000;
		const look = async () => {
			while (!stop.signal.aborted) {
				const began = Date.now();
				try {
					const [execution, graph, states] = await Promise.all([page('execution', { execution: arn }), page('graph', { of: arn }), page('states', { execution: arn })]);
					if (stop.signal.aborted)
						return;
					setState({ execution, graph, states });
					pause = 1000;
					if (execution.status !== 'RUNNING' && execution.status !== 'PENDING_REDRIVE')
						return;
					await sleep(Math.min(2 * (Date.now() - began), LONGEST_REST));
					await visible(stop.signal);
					while ((await watch(arn, execution.mark, stop.signal)).mark === execution.mark)
						await visible(stop.signal);
				} catch (error) {
					if (error.name === 'AbortError')
						return;
					setState((before) => ({ ...before, error }));
					if (error.status !== 0 && error.status !== 503)
						return;
					await sleep(pause);
					pause = Math.min(pause * 2, 15000);
				}
			}
		};
		look();
		return () => stop.abort();
	}, [arn, turn]);
	return { ...state, reload: () => setTurn((t) => t + 1) };
}

// A tab that nobody sees asks for nothing.
const visible = (signal) => new Promise((done) => {
	if (!document.hidden)
		return done();
	const look = () => {
		if (document.hidden && !signal.aborted)
			return;
		document.removeEventListener('visibilitychange', look);
		done();
	};
	document.addEventListener('visibilitychange', look);
	signal.addEventListener('abort', look);
});

// Which state of the drawing a visit was of: names repeat, in branches and iterations.
function visitsByNode(graph, states) {
	const nodes = new Map(graph.nodes.map((n) => [n.id, n]));
	const nodeKey = (n) => {
		const owner = n.scope === '' ? null : nodes.get(n.scope.slice(0, n.scope.lastIndexOf('.')));
		return JSON.stringify([owner ? nodeKey(owner) : null, owner ? n.scope.slice(n.scope.lastIndexOf('.') + 1) : '', n.name]);
	};
	const ids = new Map(graph.nodes.map((n) => [nodeKey(n), n.id]));
	const visits = new Map(states.map((s) => [s.id, s]));
	const keys = new Map();
	const visitKey = (s) => {
		if (!keys.has(s.id)) {
			const parent = visits.get(s.parent);
			keys.set(s.id, JSON.stringify([parent ? visitKey(parent) : null, parent ? (parent.type === 'Parallel' ? String(s.iteration) : '0') : '', s.state]));
		}
		return keys.get(s.id);
	};
	const found = new Map();
	for (const s of states) {
		const id = ids.get(visitKey(s));
		if (!found.has(id))
			found.set(id, []);
		found.get(id).push(s);
	}
	return found;
}

function Why({ why, tasks, reload }) {
	const callbacks = (tasks ?? []).filter((t) => t.waitsFor === 'a callback' && t.taskToken);
	if (!why?.length && !callbacks.length)
		return null;
	return html`<section class="why" aria-label="Why it waits">
		${(why ?? []).slice(0, 8).map((w) => html`<p><strong>${w.state ?? executionName(w.executionArn)}</strong> waits for ${w.waitsFor}${w.detail && html`: <span class="mono">${w.detail}</span>`}
			${w.since && html`<span class="quiet"> since <${Time} at=${w.since} /></span>`}${w.until && html`<span class="quiet"> until <${Time} at=${w.until} /></span>`}</p>`)}
		${(why?.length ?? 0) > 8 && html`<p class="quiet">and ${why.length - 8} more</p>`}
		${callbacks.map((task) => html`<${Answer} key=${task.taskToken} task=${task} done=${reload} />`)}
	</section>`;
}

// What a state got and gave, with what is new in what it gave.
function StateDetail({ execution, visit, visits, choose }) {
	const data = useLoad(() => page('state', { execution, id: visit.id }), [execution, visit.id, visit.status]);
	const at = visits.findIndex((v) => v.id === visit.id);
	return html`<${Card} title=${visit.state} aside=${html`<${Status} of=${visit.status} />`}>
		${visits.length > 1 && html`<div class="picker">
			<button class="small" disabled=${at <= 0} aria-label="The time before" onClick=${() => choose(visits[at - 1].id)}>‹</button>
			<label>Time <input type="number" min="1" max=${visits.length} value=${at + 1} onChange=${(e) => choose((visits[e.target.value - 1] ?? visit).id)}/> of ${visits.length}</label>
			<button class="small" disabled=${at >= visits.length - 1} aria-label="The time after" onClick=${() => choose(visits[at + 1].id)}>›</button>
			<span class="quiet mono">${visit.path}</span></div>`}
		<dl class="facts"><dt>Entered</dt><dd><${Time} at=${visit.entered} fraction /></dd><dt>${visit.exited ? 'Took' : 'So far'}</dt><dd><${Duration} from=${visit.entered} to=${visit.exited} /></dd>
			${visit.attempts > 0 && html`<dt>Attempts</dt><dd>${visit.attempts}</dd>`}</dl>
		<${Problem} error=${data.error} />
		<${Failure} of=${data.value} />
		<${Tries} of=${visit.tries} />
		<div class="pair">${flowOf(data.value ?? {}).map((step) => html`<div key=${step.title}><h3>${step.title}</h3><${Changed} ...${step} /></div>`)}</div><//>`;
}

// What flows through a state; what is new beside its input is marked.
const flowOf = ({ input, arguments: given, result, output }) => [
	{ title: 'Input', of: input },
	given != null && { title: 'What the task was given', of: given, before: input },
	result != null && { title: 'What it answered', of: result },
	{ title: 'Output', of: output, before: input },
].filter(Boolean);

// Attempts that a Retry or a redrive made.
const Tries = ({ of: tries }) => tries && html`<h3>Attempts</h3><ol class="tries">${tries.map((one) => html`<li><${Time} at=${one.began} fraction /> <${Duration} from=${one.began} to=${one.ended ?? one.began} />
	${one.error ? html` <span class="bad-text">✕ ${one.error}</span>` : ''}</li>`)}</ol>`;

const LONGEST_MARKED = 100000;	// characters

const linesOf = (value) => JSON.stringify(value, null, 2).split('\n');
const plain = (line) => line.trim().replace(/,$/, '');

// A value, with the lines marked that what it was made of has not.
function Changed({ title, of, before }) {
	const label = `${title} of the state`;
	if (of == null || JSON.stringify(of).length > LONGEST_MARKED)
		return html`<${Json} value=${of ?? undefined} label=${label} />`;
	const known = before !== undefined && new Set(linesOf(before).map(plain));
	return html`<pre class="code lines" tabindex="0" aria-label=${label}>${linesOf(of).map((line, i) => html`<span key=${i} class=${known && !known.has(plain(line)) ? 'new' : ''}>${line}</span>`)}</pre>`;
}

function Events({ arn, mark }) {
	const [isReverse, setReverse] = useState(true);
	const [pages, setPages] = useState({ events: [], next: undefined });
	const [problem, setProblem] = useState(null);
	const [open, setOpen] = useState(null);
	const load = async (token, before) => {
		try {
			const answer = await api('GetExecutionHistory', { executionArn: arn, maxResults: EVENTS_AT_ONCE, reverseOrder: isReverse, ...(token && { nextToken: token }) });
			setPages({ events: [...before, ...answer.events], next: answer.nextToken });
			setProblem(null);
		} catch (e) {
			setProblem(e);
		}
	};
	useEffect(() => {
		load(null, []);
	}, [arn, mark, isReverse]);
	const columns = [
		['Id', (e) => e.id, 'number'],
		['Type', (e) => html`${details(e) ? html`<button class="link" aria-expanded=${open === e.id} onClick=${() => setOpen(open === e.id ? null : e.id)}>${e.type}</button>` : e.type}
			${open === e.id && html`<${Json} value=${details(e)} label="Details of the event" />`}`, 'rest plainly'],
		['State', (e) => details(e)?.name ?? ''],
		['Time', (e) => html`<${Time} at=${e.timestamp * 1000} fraction />`, 'plainly'],
	];
	return html`<${Card} title="Events" aside=${html`<button class="small" onClick=${() => setReverse(!isReverse)}>${isReverse ? 'Newest first' : 'Oldest first'}</button>`}>
		<${Problem} error=${problem} />
		<${Table} cls="events" columns=${columns} rows=${pages.events} keyOf=${(e) => e.id} />
		${pages.next && html`<p class="more"><button onClick=${() => load(pages.next, pages.events)}>More</button></p>`}<//>`;
}

// Who started it may stop it, too.
const mayStop = (rights) => may('StopExecution', 'stop', rights) || may('StopExecution', 'start', rights);

function Actions({ execution, reload }) {
	const [asking, setAsking] = useState(null);
	const [problem, setProblem] = useState(null);
	const run = (action, request) => async () => {
		setAsking(null);
		try {
			await api(action, request);
			setProblem(null);
			reload();
		} catch (e) {
			setProblem(e);
		}
	};
	const arn = execution.executionArn;
	return html`<div class="buttons">
		${execution.status === 'RUNNING' && mayStop(execution.rights) && html`<button onClick=${() => setAsking('stop')}>Stop …</button>`}
		${execution.redriveStatus === 'REDRIVABLE' && may('RedriveExecution', 'redrive', execution.rights) && html`<button onClick=${run('RedriveExecution', { executionArn: arn })}>Redrive</button>`}
		${may('StartExecution', 'start', execution.rights) && html`<a class="button" href=${href('start', machineOf(arn))}>New execution</a>`}
		<${Problem} error=${problem} />
		${asking && html`<${Dialog} title="Stop the execution?" close=${() => setAsking(null)}><p>It ends as aborted. What it has done stays done; it can be redriven.</p>
			<div class="buttons"><button class="primary" onClick=${run('StopExecution', { executionArn: arn, error: 'Stopped', cause: 'Stopped on the page' })}>Stop</button><button onClick=${() => setAsking(null)}>Cancel</button></div><//>`}
	</div>`;
}

const linkSql = (arn) => `SELECT sfn.create_link('graph', '${arn.replaceAll("'", "''")}', expires => '30 days');`;

export function Execution({ arn }) {
	const { execution, graph, states, error, reload } = useExecution(arn);
	const [node, setNode] = useState(null);
	const [visitId, setVisitId] = useAddressed('state', null);
	const [tab, setTab] = useAddressed('tab', 'timeline');
	const chosen = useRef(false);
	const byNode = useMemo(() => (graph && states ? visitsByNode(graph, states) : new Map()), [graph, states]);
	const nodeOf = (id) => [...byNode].find(([, visits]) => visits.some((v) => v.id === id))?.[0];
	const first = useMemo(() => states?.find((s) => s.status === 'RUNNING') ?? states?.find((s) => ['FAILED', 'CAUGHT'].includes(s.status)) ?? states?.at(-1), [states]);
	const visit = states?.find((s) => s.id === visitId) ?? (chosen.current ? undefined : first);	// at first: what is under way, or what went wrong
	useEffect(() => {
		if (visit)
			setNode(nodeOf(visit.id) ?? null);
	}, [states, visit?.id]);
	if (!execution)
		return html`<${Problem} error=${error} /><p class="quiet loading">${error ? '' : 'Loading …'}</p>`;
	const selectNode = (id) => {
		chosen.current = true;
		setNode(id);
		setVisitId(byNode.get(id)?.at(-1)?.id ?? null);
	};
	const selectVisit = (id) => {
		chosen.current = true;
		setVisitId(id);
		setNode(nodeOf(id) ?? null);
	};
	const stop = execution.stopDate ?? execution.now;
	return html`
		<div class="head"><div><h1>${execution.name}</h1><${Status} of=${execution.status} />
			<span class="quiet"><a href=${href('machine', machineOf(arn))}>${machineOf(arn)}</a> · started <${Time} at=${execution.startDate} /> · <${Duration} from=${execution.startDate} to=${execution.stopDate} />
			${execution.redriveCount > 0 && ` · redriven ${plural(execution.redriveCount, 'time')}`}${execution.mapRunArn && html` · <a href=${href('map-run', execution.mapRunArn)}>map run</a>`}</span></div>
			<${Actions} execution=${execution} reload=${reload} /></div>
		<${Problem} error=${error} />
		<${Why} why=${execution.why} tasks=${execution.tasks} reload=${reload} />
		<${Failure} of=${execution} />
		<div class="halves">
			<${Card} title="Graph" cls="graph-card"><${Graph} graph=${graph} selected=${node} select=${selectNode} withLegend /><//>
			<div class="stack">
				<section class="card"><${Tabs} label="Parts of the execution" at=${tab} choose=${setTab} of=${[['timeline', 'Timeline'], ['data', 'Input and output'], ['more', 'More']]} />
					<div role="tabpanel">
					${tab === 'timeline' && (states.length ? html`<${Timeline} states=${states} start=${new Date(execution.startDate).getTime()} end=${new Date(stop).getTime()} selected=${visit?.id} select=${selectVisit} />`
						: html`<${Empty} title="No state has been entered yet">A worker will begin it; see <a href="#/workers">Workers</a>.<//>`)}
					${tab === 'data' && html`<div class="pair"><div><h3>Input</h3><${Json} value=${execution.input} label="Input" /></div><div><h3>Output</h3><${Json} value=${execution.output ?? undefined} label="Output" /></div></div>`}
					${tab === 'more' && html`<dl class="facts"><dt>ARN</dt><dd class="mono">${execution.executionArn}</dd><dt>Ended</dt><dd><${Time} at=${execution.stopDate} /></dd>
						${execution.versionArn && html`<dt>Version</dt><dd class="mono">${nameOf(execution.versionArn)}</dd>`}${execution.aliasArn && html`<dt>Alias</dt><dd class="mono">${nameOf(execution.aliasArn)}</dd>`}
						<dt>Took</dt><dd>${milliseconds(new Date(stop) - new Date(execution.startDate))}</dd>
						${execution.mapRuns?.length > 0 && html`<dt>Map runs</dt><dd>${execution.mapRuns.map((m) => html`<a class="mono block" href=${href('map-run', m.mapRunArn)}>${nameOf(m.mapRunArn)}</a>`)}</dd>`}</dl>
						<h3>A picture of it, for wikis and dashboards</h3><p>Whoever has the link sees the graph as it is then, without a key, for as long as you say:</p><${Copyable} text=${linkSql(execution.executionArn)} />`}
					</div></section>
				${visit ? html`<${StateDetail} execution=${arn} visit=${visit} visits=${byNode.get(node) ?? [visit]} choose=${selectVisit} />`
					: node && html`<${Card} title=${graph.nodes.find((n) => n.id === node)?.name}><p class="quiet">It has not been entered.</p><//>`}
				<${Events} arn=${arn} mark=${execution.mark} />
			</div>
		</div>`;
}
