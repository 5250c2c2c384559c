// Events: which rules there are, what they would match, what happens now, what could not be delivered, what is kept.

import { html, useEffect, useState } from '../vendor/preact.js';
import { may, page } from './api.js';
import { Archives } from './archives.js';
import { count, executionName, plural } from './format.js';
import { Card, Empty, href, Json, JsonInput, jsonProblem, Notice, Problem, Status, Table, Tabs, Time, useAddressed, useLoad } from './ui.js';

const RULE = "SELECT sfn.create_rule('alarm',\n  '{\"source\": [\"aws.states\"], \"detail\": {\"status\": [\"FAILED\", \"TIMED_OUT\"]}}',\n  'sql:ops.page_me');";
const PATTERN = '{\n  "source": ["aws.states"],\n  "detail": {\n    "status": ["FAILED", "TIMED_OUT"]\n  }\n}';
const START = "SELECT sfn.start_execution('hello', '{}');";
const PAUSE = 300;	// milliseconds without a key

const JsonOrText = ({ value, label }) => html`<details><summary>${label}</summary><${Json} value=${value} label=${label} /></details>`;

// Who is told: a machine by its name, which leads to it.
export function Target({ of: target, role }) {
	const machine = /:stateMachine:([^:]+)/.exec(target)?.[1];
	return html`<div>${machine ? html`<a href=${href('machine', machine)} title=${target}>${machine}</a>` : html`<span class="mono">${target}</span>`} <span class="quiet">as ${role}</span></div>`;
}

function Rules({ test }) {
	const { value, error } = useLoad(() => page('rules'), [], 10000);
	const rules = value?.rules ?? [];
	const columns = [
		['Rule', (r) => html`<strong class="name">${r.name}</strong>${!r.enabled && html` <span class="status status-ABORTED">off</span>`}
			${(r.disabledReason ?? r.description) && html`<div class="quiet">${r.disabledReason ?? r.description}</div>`}`, 'main'],
		['Tells', (r) => (r.targets.length ? r.targets.map((t) => html`<${Target} key=${t.id} of=${t.target} role=${t.role} />`) : html`<span class="quiet">nobody</span>`)],
		['Pattern', (r) => html`${r.schedule && html`<div class="mono">${r.schedule}</div>`}
			${r.pattern && html`<div class="mono clipped" title=${JSON.stringify(r.pattern, null, 2)}>${JSON.stringify(r.pattern)}</div><button class="link" onClick=${() => test(JSON.stringify(r.pattern, null, 2))}>Try it</button>`}`],
		['Bus', (r) => r.bus],
		['Owner', (r) => r.owner],
		['Dead letters', (r) => r.deadLetters || '–', 'number'],
	];
	return html`<${Problem} error=${error} />
		${value && !rules.length && html`<${Empty} title="There are no rules" sql=${RULE}>A rule tells a function, a URL, a state machine or a channel of events that match its pattern:<//>`}
		${rules.length > 0 && html`<${Table} columns=${columns} rows=${rules} keyOf=${(r) => `${r.bus}/${r.name}`} />`}`;
}

// The same value a while after it was last changed.
function useSettled(value) {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), PAUSE);
		return () => clearTimeout(timer);
	}, [value]);
	return settled;
}

const eventColumns = [
	['Execution', ({ event }) => html`<a class="name" href=${href('execution', event.detail.executionArn)}>${executionName(event.detail.executionArn)}</a>`, 'main'],
	['Status', ({ event }) => html`<${Status} of=${event.detail.status} />`, 'plainly'],
	['Time', ({ event }) => html`<${Time} at=${event.time} />`, 'plainly'],
	['All of it', ({ event }) => html`<${JsonOrText} value=${event} label="Event" />`, 'rest plainly'],
];
const matchColumn = ['Pattern', ({ matches }) => html`<span class=${matches ? 'good' : 'quiet'}>${matches ? '✓ matches' : 'no match'}</span>`, 'plainly'];

const EventTable = ({ events }) => html`<${Table} columns=${events.some((e) => e.matches != null) ? eventColumns.toSpliced(1, 0, matchColumn) : eventColumns} rows=${events} keyOf=${(e) => e.event.id} />`;

// What a pattern would match: of the newest events, and of one that is written.
function Tester({ pattern, change }) {
	const [event, setEvent] = useState('');
	const [wanted, given] = [useSettled(pattern), useSettled(event)];
	const isReady = jsonProblem(wanted) === null;
	const newest = useLoad(async () => (isReady ? page('events', { pattern: JSON.parse(wanted) }) : null), [wanted], 5000);
	const own = useLoad(async () => (isReady && given && jsonProblem(given) === null ? page('testPattern', { pattern: JSON.parse(wanted), event: JSON.parse(given) }) : null), [wanted, given]);
	const events = newest.value?.events ?? [];
	const matching = events.filter((e) => e.matches).length;
	return html`<div class="pair"><div><${JsonInput} label="Pattern" value=${pattern} change=${change} rows=${10} /></div>
			<div><${JsonInput} label="An event of your own, if you like" value=${event} change=${setEvent} rows=${10} isOptional />
			${!own.error && own.value && html`<${Notice}>${own.value.matches ? 'The event matches.' : 'The event does not match.'}<//>`}</div></div>
		<${Problem} error=${newest.error ?? own.error} />
		${!newest.error && newest.value && html`<p role="status">${matching} of the newest ${plural(events.length, 'event')} ${matching === 1 ? 'matches' : 'match'}.</p><${EventTable} events=${events} />`}`;
}

function AsTheyCome() {
	const { value, error } = useLoad(() => page('events'), [], 2000);
	return html`<${Problem} error=${error} />${value && !value.events.length && html`<${Empty} title="Nothing has happened yet" sql=${START}>Each change of an execution's status is an event. Start one:<//>`}
		${value?.events.length > 0 && html`<p class="quiet">The newest of each execution; the page asks again every two seconds.</p><${EventTable} events=${value.events} />`}`;
}

function DeadLetters() {
	const { value, error, reload } = useLoad(() => page('deadLetters'), [], 10000);
	const [problem, setProblem] = useState(null);
	const letters = value?.deadLetters ?? [];
	const redeliver = (id) => async () => {
		try {
			await page('redeliver', { id });
			setProblem(null);
			reload();
		} catch (e) {
			setProblem(e);
		}
	};
	const columns = [
		['Rule', (d) => html`<strong class="name">${d.rule}</strong><div class="quiet">target ${d.targetId}</div>`, 'main'],
		['Given up', (d) => html`<${Time} at=${d.creationDate} />`],
		['Error', (d) => html`${d.error ?? '–'}<div class="quiet clipped" title=${d.cause ?? ''}>${d.cause ?? ''}</div>`],
		['Event', (d) => html`<${JsonOrText} value=${d.event} label="Event" />`, 'rest plainly'],
		[html`<span class="hidden">Redeliver</span>`, (d) => may('RedeliverEvent') && html`<button aria-label=${`Redeliver to ${d.rule}`} onClick=${redeliver(d.id)}>Redeliver</button>`],
	];
	return html`<${Problem} error=${error ?? problem} />
		${value && !letters.length && html`<${Empty} title="All could be delivered">Events that a rule's target could not be told of stand here for two weeks.<//>`}
		${letters.length > 0 && html`<${Table} columns=${columns} rows=${letters} keyOf=${(d) => d.id} />`}`;
}

export function Events() {
	const [tab, setTab] = useAddressed('tab', 'rules');
	const [pattern, setPattern] = useState(PATTERN);
	const test = (text) => {
		setPattern(text);
		setTab('test');
	};
	return html`<div class="head"><h1>Events</h1></div>
		<section class="card"><${Tabs} label="What of events" at=${tab} choose=${setTab} of=${[['rules', 'Rules'], ['test', 'Try a pattern'], ['now', 'As they come'], ['dead', 'Dead letters'], ['archives', 'Archives']]} />
		<div role="tabpanel">
		${tab === 'rules' && html`<${Rules} test=${test} />`}${tab === 'test' && html`<${Tester} pattern=${pattern} change=${setPattern} />`}
		${tab === 'now' && html`<${AsTheyCome} />`}${tab === 'dead' && html`<${DeadLetters} />`}${tab === 'archives' && html`<${Archives} />`}</div></section>`;
}

const SCHEDULE = "SELECT sfn.create_schedule('nightly', 'cron(0 2 * * ? *)', 'nightly-report', timezone => 'Europe/Berlin');";

const scheduleColumns = [
	['Schedule', (s) => html`<strong class="name">${s.name}</strong>${!s.enabled && html` <span class="status status-ABORTED">off</span>`}
		<div class="quiet">${s.group !== 'default' && `${s.group} · `}${s.disabledReason ?? s.description ?? ''}</div>`, 'main'],
	['Next', (s) => (s.next.length ? html`<ol class="plain times">${s.next.map((t) => html`<li key=${t}><${Time} at=${t} /></li>`)}</ol>` : html`<span class="quiet">${s.enabled ? 'never again' : '–'}</span>`)],
	['Expression', (s) => html`<span class="mono">${s.expression}</span><div class="quiet">${s.timezone}${s.flexible && `, up to ${s.flexible} later`}</div>`],
	['Starts or tells', (s) => html`<${Target} of=${s.target} role=${s.role} />`],
	['Last', (s) => html`<${Time} at=${s.lastDue} />`],
	['Runs', (s) => count(s.runs), 'number'],
	['Missed', (s) => s.missed || '–', 'number'],
];

export function Schedules() {
	const { value, error } = useLoad(() => page('schedules'), [], 10000);
	const schedules = value?.schedules ?? [];
	return html`<div class="head"><h1>Schedules</h1></div><${Card} title="What is due"><${Problem} error=${error} />
		${value && !schedules.length && html`<${Empty} title="There are no schedules" sql=${SCHEDULE}>A schedule starts a state machine, or tells another target, at the times of an expression:<//>`}
		${schedules.length > 0 && html`<${Table} columns=${scheduleColumns} rows=${schedules} keyOf=${(x) => `${x.group}/${x.name}`} />`}<//>`;
}
