// Failures, map runs, activities, workers.

import { html } from '../vendor/preact.js';
import { api, page } from './api.js';
import { count, executionName, milliseconds, nameOf, plural } from './format.js';
import { Card, Duration, Empty, href, Notice, Problem, Status, Table, Time, useLoad } from './ui.js';

const FAILED = "SELECT execution_arn, stop_date, error, cause FROM sfn.executions\n  WHERE status IN ('FAILED', 'TIMED_OUT', 'ABORTED') ORDER BY stop_date DESC LIMIT 20;";
const sameFailures = (f) => `#/executions?${new URLSearchParams({ machine: f.machine, status: f.status, ...(f.error && { error: f.error }) })}`;
const failureColumns = [
	['Error', (f) => html`<a class="name" href=${sameFailures(f)}>${f.error ?? 'without an error'}</a><div class="quiet clipped" title=${f.cause ?? ''}>${f.cause ?? ''}</div>`, 'main'],
	['Times', (f) => html`<strong>${count(f.count)}</strong>`, 'number'],
	['State', (f) => f.states.join(', ') || '–'],
	['Machine', (f) => html`<a href=${href('machine', f.machine.split('/')[0])}>${f.machine}</a>`],
	['Status', (f) => html`<${Status} of=${f.status} />`, 'plainly'],
	['Last', (f) => html`<${Time} at=${f.last} />`],
	['Newest', (f) => html`<a href=${href('execution', f.example)}>${executionName(f.example)}</a>`, 'rest'],
];

export function Failures() {
	const { value, error } = useLoad(() => page('failures'), [], 10000);
	const failures = value?.failures ?? [];
	return html`<div class="head"><div><h1>Failures</h1><span class="quiet">of the last day, by machine, state and error</span></div></div><section class="card"><${Problem} error=${error} />
		${value && !failures.length && html`<${Empty} title="Nothing has failed in the last day" sql=${FAILED}>Executions that fail, time out or are stopped are grouped here. For older ones:<//>`}
		${failures.length > 0 && html`<${Table} columns=${failureColumns} rows=${failures} keyOf=${(f) => [f.machine, f.status, f.error].join()} />`}</section>`;
}

const parts = [['succeeded', 'Succeeded'], ['failed', 'Failed'], ['timedOut', 'Timed out'], ['aborted', 'Aborted'], ['running', 'Running'], ['pending', 'Pending']];

function Progress({ of: m }) {
	let x = 0;
	const text = parts.filter(([key]) => m[key]).map(([key, word]) => `${count(m[key])} ${word.toLowerCase()}`).join(', ');
	return html`<svg class="progress" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label=${text}><title>${text}</title><rect class="pending" width="1000" height="14"/>
		${parts.map(([key]) => {
			const width = (m[key] / Math.max(1, m.items)) * 1000;
			const rect = html`<rect key=${key} class=${key} x=${x} width=${width} height="14"/>`;
			x += width;
			return rect;
		})}</svg>`;
}

const mapRunColumns = [
	['Map', (m) => html`<a class="name" href=${href('map-run', m.mapRunArn)}>${m.label}</a>`, 'main'],
	['Status', (m) => html`<${Status} of=${m.status} />`, 'plainly'],
	['Items', (m) => html`<${Progress} of=${m} />`, 'wide'],
	['Done', (m) => `${count(m.items - m.pending - m.running)} of ${count(m.items)}`, 'number'],
	['Execution', (m) => html`<a href=${href('execution', m.executionArn)}>${executionName(m.executionArn)}</a>`],
	['Started', (m) => html`<${Time} at=${m.startDate} />`],
	['Duration', (m) => html`<${Duration} from=${m.startDate} to=${m.stopDate} />`, 'number'],
];
const childColumns = [
	['Name', (e) => html`<a class="name" href=${href('execution', e.executionArn)}>${e.name}</a>`, 'main'],
	['Status', (e) => html`<${Status} of=${e.status} />`, 'plainly'],
	['Started', (e) => html`<${Time} at=${e.startDate * 1000} />`, 'plainly'],
	['Duration', (e) => html`<${Duration} from=${e.startDate * 1000} to=${e.stopDate && e.stopDate * 1000} />`, 'number'],
];

const DISTRIBUTED = `SELECT sfn.create_state_machine('each', '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor": {
  "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}}}}');
SELECT sfn.start_execution('each', '[1, 2, 3]');`;

export function MapRuns() {
	const { value, error } = useLoad(() => page('mapRuns', { limit: 200 }), [], 5000);
	const runs = value?.mapRuns ?? [];
	return html`<div class="head"><h1>Map runs</h1></div><section class="card"><${Problem} error=${error} />
		${value && !runs.length && html`<${Empty} title="There are no map runs" sql=${DISTRIBUTED}>Each run of a Map whose processor has the mode DISTRIBUTED stands here, as of this one:<//>`}
		${runs.length > 0 && html`<${Table} columns=${mapRunColumns} rows=${runs} keyOf=${(m) => m.mapRunArn} />`}</section>`;
}

export function MapRun({ arn }) {
	const { value: m, error } = useLoad(() => page('mapRun', { mapRun: arn }), [arn], 2000);
	const children = useLoad(() => api('ListExecutions', { mapRunArn: arn, maxResults: 100 }), [arn], 5000);
	if (!m)
		return html`<${Problem} error=${error} /><p class="quiet loading">Loading …</p>`;
	if (!m.mapRunArn)
		return html`<${Empty} title="There is no such map run">It is gone, or you may not see it.<//>`;
	return html`<div class="head"><div><h1>${m.label}</h1><${Status} of=${m.status} /><span class="quiet"> of <a href=${href('execution', m.executionArn)}>${executionName(m.executionArn)}</a> · started <${Time} at=${m.startDate} /> · <${Duration} from=${m.startDate} to=${m.stopDate} /></span></div></div>
		${m.error && html`<${Notice}><strong>${m.error}</strong> ${m.cause}<//>`}
		<${Card} title=${plural(m.items, 'item')}><${Progress} of=${m} /><dl class="numbers">${parts.map(([key, text]) => html`<div key=${key}><dt>${text}</dt><dd>${count(m[key])}</dd></div>`)}
			${m.itemsPerSecond != null && html`<div><dt>Rate</dt><dd>${m.itemsPerSecond} /s</dd></div>`}${m.secondsLeft != null && html`<div><dt>Left, about</dt><dd>${milliseconds(m.secondsLeft * 1000)}</dd></div>`}</dl><//>
		<${Card} title="Children"><${Problem} error=${children.error} /><${Table} columns=${childColumns} rows=${children.value?.executions ?? []} keyOf=${(e) => e.executionArn} />
			${children.value?.nextToken && html`<p class="quiet">The newest 100</p>`}<//>`;
}

const activityColumns = [
	['Name', (a) => html`<strong>${nameOf(a.activityArn)}</strong>`, 'main'],
	['Owner', (a) => a.owner],
	['Waiting', (a) => count(a.waiting), 'number'],
	['Taken', (a) => count(a.taken), 'number'],
	['Oldest', (a) => html`<${Time} at=${a.oldest} />`],
	['Created', (a) => html`<${Time} at=${a.creationDate} />`, 'rest'],
];

export function Activities() {
	const { value, error } = useLoad(() => page('activities'), [], 5000);
	const activities = value?.activities ?? [];
	return html`<div class="head"><h1>Activities</h1></div><section class="card"><${Problem} error=${error} />
		${value && !activities.length && html`<${Empty} title="There are no activities" sql="SELECT sfn.create_activity('packing');">Queues of work for programs that poll. Make one:<//>`}
		${activities.length > 0 && html`<${Table} columns=${activityColumns} rows=${activities} keyOf=${(a) => a.activityArn} />`}</section>`;
}

const identifier = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

const backlogParts = [['open_executions', 'Open executions'], ['executions_to_begin', 'To begin'], ['rows_due', 'Due'], ['timers', 'Timers'], ['requests_waiting', 'Requests waiting'], ['requests_in_flight', 'Requests in flight'],
	['activity_tasks_waiting', 'Activity tasks waiting'], ['callbacks', 'Callbacks'], ['map_runs', 'Map runs'], ['quarantined', 'Quarantined']];

const workerColumns = [
	['Worker', (w) => html`<strong>${w.worker}</strong>`, 'main'],
	['State', (w) => html`${w.state}${w.reason && html` <span class="quiet">${w.reason}</span>`}`],
	['Since', (w) => html`<${Time} at=${w.since} />`],
	['Database', (w) => w.database ?? '–'],
	['Pid', (w) => w.pid, 'number'],
	['Turns', (w) => count(w.turns), 'number'],
	['Busy', (w) => (w.busySeconds == null ? '–' : milliseconds(w.busySeconds * 1000)), 'number'],
	['Execution', (w) => (w.executionArn ? html`<a href=${href('execution', w.executionArn)}>${executionName(w.executionArn)}</a>` : '–'), 'rest'],
];

export function Workers({ seesBacklog, role }) {
	const { value, error } = useLoad(() => page('workers'), [], 2000);
	const backlog = useLoad(async () => (seesBacklog ? page('backlog') : null), [seesBacklog], 15000);
	return html`<div class="head"><h1>Workers</h1></div>
		<${Card} title="Processes"><${Problem} error=${error} />${value && !value.workers.length && html`<${Empty} title="No worker is to be seen" sql="SHOW shared_preload_libraries;">Workers need sfn in shared_preload_libraries, and a restart:<//>`}
			${value?.workers.length > 0 && html`<${Table} columns=${workerColumns} rows=${value.workers} keyOf=${(w) => w.pid} />`}<//>
		<${Card} title="Backlog"><${Problem} error=${backlog.error} />${!seesBacklog && html`<${Empty} title="The backlog of all roles is for those who watch the server" sql=${`GRANT pg_read_all_stats TO ${identifier(role)};`}>A superuser gives the right:<//>`}
			${backlog.value && html`<dl class="numbers">${backlogParts.map(([key, text]) => html`<div key=${key}><dt>${text}</dt><dd>${count(backlog.value[key])}</dd></div>`)}</dl>`}<//>`;
}
