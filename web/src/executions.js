// Executions: all that one may see, newest first; many at once can be stopped or redriven.

import { html, useEffect, useState } from '../vendor/preact.js';
import { api, each, may, page } from './api.js';
import { plural } from './format.js';
import { Dialog, Duration, Empty, href, JsonInput, jsonProblem, Notice, Problem, Status, Table, Time, useLoad } from './ui.js';

const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
const spans = [['', 'Any time'], ['0.0416667', 'Last hour'], ['1', 'Last day'], ['7', 'Last week'], ['30', 'Last 30 days']];
const START = "SELECT sfn.create_state_machine('hello',\n  '{\"StartAt\": \"Hello\", \"States\": {\"Hello\": {\"Type\": \"Pass\", \"End\": true}}}');\nSELECT sfn.start_execution('hello', '{}');";

const requestOf = (filters) => ({
	...Object.fromEntries(['status', 'machine', 'name', 'error', 'state', 'input'].filter((key) => filters[key]).map((key) => [key, filters[key]])),
	...(filters.days && { since: new Date(Date.now() - filters.days * 86400000).toISOString() }),
});

const find = (filters, after) => page(filters.type === 'EXPRESS' ? 'expressExecutions' : 'executions', { ...requestOf(filters), ...(after && { after }) });

function Filters({ filters, change }) {
	const machines = useLoad(() => page('machines', { limit: 200 }), []);
	const set = (key) => (e) => change({ ...filters, [key]: e.target.value });
	const seldom = ['error', 'state', 'input', 'days', 'type'];
	const [isWhole, setWhole] = useState(seldom.some((key) => filters[key]));
	return html`<form class=${isWhole ? 'filters all' : 'filters'} role="search" onSubmit=${(e) => e.preventDefault()}>
		<label><span>Status</span><select value=${filters.status ?? ''} onChange=${set('status')}>
			<option value="">All</option>${statuses.map((s) => html`<option value=${s}>${s.charAt(0) + s.slice(1).toLowerCase().replace('_', ' ')}</option>`)}</select></label>
		<label><span>Machine</span><input type="search" list="machines-known" value=${filters.machine ?? ''} onInput=${set('machine')} placeholder="its whole name"/>
			<datalist id="machines-known">${machines.value?.machines.map((m) => html`<option value=${m.name}/>`)}</datalist></label>
		<label><span>Name</span><input type="search" value=${filters.name ?? ''} onInput=${set('name')} placeholder="begins with"/></label>
		<label class="seldom"><span>Error</span><input type="search" value=${filters.error ?? ''} onInput=${set('error')} placeholder="States.Timeout"/></label>
		<label class="seldom"><span>Now in the state</span><input type="search" value=${filters.state ?? ''} onInput=${set('state')} placeholder="a state's name"/></label>
		<label class="seldom"><span>Input, in JSONata</span><input type="search" value=${filters.input ?? ''} onChange=${set('input')} title="Enter looks for it" placeholder=${'customer.id = "c17"'}/></label>
		<label class="seldom"><span>Started</span><select value=${filters.days ?? ''} onChange=${set('days')}>${spans.map(([v, t]) => html`<option value=${v}>${t}</option>`)}</select></label>
		<label class="seldom"><span>Type</span><select value=${filters.type ?? ''} onChange=${set('type')}><option value="">Standard</option><option value="EXPRESS">Express</option></select></label>
		<button type="button" class="link more-filters" aria-expanded=${isWhole} onClick=${() => setWhole(!isWhole)}>${isWhole ? 'Fewer filters' : 'More filters'}</button>
	</form>`;
}

// What was chosen, and what can be done with it.
function Chosen({ chosen, executions, done }) {
	const [result, setResult] = useState(null);
	const [isAsking, setAsking] = useState(null);
	const of = (test) => executions.filter((e) => chosen.has(e.executionArn) && test(e));
	const running = of((e) => e.status === 'RUNNING');
	const ended = of((e) => ['FAILED', 'TIMED_OUT', 'ABORTED'].includes(e.status));
	const run = async () => {
		const [what, which, work] = isAsking;
		setAsking(null);
		const failed = await each(which, work);
		setResult({ what, count: which.length - failed.length, failed });
		done();
	};
	return html`<div class="chosen" aria-live="polite">
		<span>${plural(chosen.size, 'execution')} chosen</span>
		${may('StopExecution') && html`<button disabled=${!running.length} onClick=${() => setAsking(['stopped', running, (e) => api('StopExecution', { executionArn: e.executionArn })])}>Stop ${running.length || ''}</button>`}
		${may('RedriveExecution') && html`<button disabled=${!ended.length} onClick=${() => setAsking(['redriven', ended, (e) => api('RedriveExecution', { executionArn: e.executionArn })])}>Redrive ${ended.length || ''}</button>`}
		${result && html`<span>${result.count} ${result.what}${result.failed.length ? `, ${result.failed.length} refused: ${result.failed[0].error.message}` : ''}</span>`}
		${isAsking && html`<${Dialog} title=${`${plural(isAsking[1].length, 'execution')} will be ${isAsking[0]}`} close=${() => setAsking(null)}>
			<p>${isAsking[0] === 'stopped' ? 'They end as aborted. What they have done stays done.' : 'They go on from the states that failed.'}</p>
			<div class="buttons"><button class="primary" onClick=${run}>Go on</button><button onClick=${() => setAsking(null)}>Cancel</button></div><//>`}
	</div>`;
}

export function ExecutionTable({ executions, chosen, choose, withMachine = true }) {
	const box = (label, arns) => html`<input type="checkbox" aria-label=${label} checked=${arns.every((arn) => chosen.has(arn))} onChange=${() => choose(arns)}/>`;
	const columns = [
		choose && [box('Choose all that are shown', executions.map((e) => e.executionArn)), (e) => box('Choose ' + e.name, [e.executionArn]), 'check'],
		['Name', (e) => html`<a href=${href('execution', e.executionArn)} class="name" title=${e.name}>${e.name}</a>`, 'main'],
		['Status', (e) => html`<${Status} of=${e.status} />${e.isQuarantined && html` <span class="status status-TIMED_OUT">Quarantined</span>`}`, 'plainly'],
		withMachine && ['Machine', (e) => html`<a href=${href('machine', e.machine)}>${e.machine}</a>`],
		['Started', (e) => html`<${Time} at=${e.startDate} />`, 'plainly'],
		['Duration', (e) => html`<${Duration} from=${e.startDate} to=${e.stopDate} />`, 'number'],
		['Error', (e) => e.error ?? '', 'rest quiet'],
	];
	return html`<${Table} columns=${columns.filter(Boolean)} rows=${executions} keyOf=${(e) => e.executionArn} />`;
}

const MOST_PAGES = 20;	// that one press looks through

// The pages behind a place, up to the first in which something was found.
async function findMore(filters, after) {
	let answer;
	for (let i = 0; i < MOST_PAGES && after; i++) {
		answer = await find(filters, after);
		after = answer.after;
		if (answer.executions.length)
			break;
	}
	return answer;
}

const NOTHING = { executions: [], last: null };

export function ExecutionList({ filters, isChoosable = true, withMachine }) {
	const [more, setMore] = useState(NOTHING);
	const [chosen, setChosen] = useState(new Set());
	const [problem, setProblem] = useState(null);
	const [isLooking, setLooking] = useState(false);
	const key = JSON.stringify(filters);
	const first = useLoad(() => find(filters), [key], more.last ? 0 : 5000);
	useEffect(() => {
		setMore(NOTHING);
		setProblem(null);
		setChosen(new Set());
	}, [key]);
	const executions = [...(first.value?.executions ?? []), ...more.executions];
	const last = more.last ?? first.value;
	const load = async () => {
		setLooking(true);
		try {
			const answer = await findMore(filters, last.after);
			setMore({ executions: [...more.executions, ...answer.executions], last: answer });
			setProblem(null);
		} catch (e) {
			setProblem(e);
		}
		setLooking(false);
	};
	const choose = (arns) => {
		const isAll = arns.every((arn) => chosen.has(arn));
		setChosen(new Set(isAll ? [...chosen].filter((arn) => !arns.includes(arn)) : [...chosen, ...arns]));
	};
	const hasFilters = Object.keys(requestOf(filters)).length > 0 || filters.type;
	return html`
		<${Problem} error=${first.error ?? problem} />
		${chosen.size > 0 && html`<${Chosen} chosen=${chosen} executions=${executions} done=${first.reload} />`}
		${first.value && !first.error && !executions.length && (hasFilters
			? html`<${Empty} title="No execution fits">Take away a filter${last?.after ? ', or look further back' : ''}.<//>`
			: html`<${Empty} title="There are no executions yet" sql=${START}>Make a machine and start it, here or in psql:<//>`)}
		${executions.length > 0 && html`<${ExecutionTable} executions=${executions} chosen=${chosen} choose=${isChoosable ? choose : null} withMachine=${withMachine} />`}
		${last?.after && html`<p class="more"><button disabled=${isLooking} onClick=${load}>${last.isWhole ? 'Older' : 'Look further back'}</button>
			${!last.isWhole && html` <span class="quiet">searched back to <${Time} at=${last.searchedTo} /></span>`}</p>`}`;
}

export function Executions({ query }) {
	const [filters, setFilters] = useState(query);
	useEffect(() => setFilters(query), [JSON.stringify(query)]);
	const change = (f) => {
		setFilters(f);
		const set = Object.entries(f).filter(([, v]) => v);
		history.replaceState(null, '', '#/executions' + (set.length ? '?' + new URLSearchParams(set) : ''));
	};
	return html`<div class="head"><h1>Executions</h1>${may('StartExecution') && html`<a class="button primary" href=${href('start')}>New execution</a>`}</div>
		<section class="card"><${Filters} filters=${filters} change=${change} /><${ExecutionList} filters=${filters} isChoosable=${may('StopExecution') || may('RedriveExecution')} /></section>`;
}

export function NewExecution({ machine: given }) {
	const machines = useLoad(() => page('machines', { limit: 200 }), []);
	const [machine, setMachine] = useState(given ?? '');
	const [name, setName] = useState('');
	const [input, setInput] = useState('{}');
	const [isWaiting, setWaiting] = useState(false);
	const [problem, setProblem] = useState(null);
	const [result, setResult] = useState(null);
	const known = machines.value?.machines.find((m) => m.name === machine);
	const isExpress = known?.type === 'EXPRESS';
	const action = isExpress ? 'StartSyncExecution' : 'StartExecution';
	const start = async (e) => {
		e.preventDefault();
		setProblem(null);
		setWaiting(true);
		try {
			const { stateMachineArn } = await page('machine', { machine });
			if (!stateMachineArn)
				throw Object.assign(new Error(`There is no state machine "${machine}"`), { code: 'StateMachineDoesNotExist' });
			const answer = await api(action, { stateMachineArn, input, ...(name && { name }) });
			if (isExpress)
				setResult(answer);
			else
				location.hash = href('execution', answer.executionArn);
		} catch (error) {
			setProblem(error);
		}
		setWaiting(false);
	};
	return html`<div class="head"><h1>New execution</h1></div>
		<form class="card narrow" onSubmit=${start}>
			<label class="field"><span>State machine</span><input list="machines" required value=${machine} onInput=${(e) => setMachine(e.target.value)}/>
				<datalist id="machines">${machines.value?.machines.map((m) => html`<option value=${m.name}/>`)}</datalist></label>
			<label class="field"><span>Name (left out: one is made)</span><input value=${name} maxlength="80" onInput=${(e) => setName(e.target.value)}/></label>
			<${JsonInput} label="Input" value=${input} change=${setInput} rows=${12} />
			<${Problem} error=${problem} />${!may(action) && html`<${Notice}>The key you have logged in with is not good for starting executions.<//>`}
			<div class="buttons"><button class="primary" disabled=${isWaiting || !machine || jsonProblem(input) !== null || !may(action)}>${isExpress ? 'Run and wait' : 'Start'}</button></div>
			${result && html`<${Notice}><${Status} of=${result.status} /> in <${Duration} from=${result.startDate * 1000} to=${result.stopDate * 1000} /><pre class="code">${result.output ?? `${result.error ?? ''}\n${result.cause ?? ''}`}</pre><//>`}
		</form>`;
}
