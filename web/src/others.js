// Failures, map runs, activities, workers.

import { html } from '../vendor/preact.js';
import { api, page } from './api.js';
import { count, executionName, milliseconds, nameOf, plural } from './format.js';
import { Card, Duration, Empty, href, Notice, Problem, Status, Time, useLoad } from './ui.js';

export function Failures() {
	const { value, error } = useLoad(() => page('failures'), [], 10000);
	const failures = value?.failures ?? [];
	return html`<div class="head"><h1>Failures</h1><span class="quiet">of the last day, by machine and error</span></div><section class="card"><${Problem} error=${error} />
		${value && !failures.length && html`<${Empty} title="Nothing has failed in the last day">Executions that fail, time out or are stopped are grouped here.<//>`}
		${failures.length > 0 && html`<div class="table-scroll"><table><thead><tr><th class="number">Times</th><th>Error</th><th>Machine</th><th>Status</th><th>Last</th><th>Newest</th></tr></thead>
			<tbody>${failures.map((f) => html`<tr key=${f.machine + f.status + f.error}><td class="number"><strong>${count(f.count)}</strong></td>
				<td><a href=${`#/executions?${new URLSearchParams({ machine: f.machine, status: f.status, ...(f.error && { error: f.error }) })}`}>${f.error ?? 'without an error'}</a><div class="quiet clipped" title=${f.cause ?? ''}>${f.cause ?? ''}</div></td>
				<td>${f.machine}</td><td><${Status} of=${f.status} /></td><td><${Time} at=${f.last} /></td><td><a href=${href('execution', f.example)}>${executionName(f.example)}</a></td></tr>`)}</tbody></table></div>`}</section>`;
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

export function MapRuns() {
	const { value, error } = useLoad(() => page('mapRuns', { limit: 200 }), [], 5000);
	const runs = value?.mapRuns ?? [];
	return html`<div class="head"><h1>Map runs</h1></div><section class="card"><${Problem} error=${error} />
		${value && !runs.length && html`<${Empty} title="There are no map runs">Each run of a Map whose processor has the mode DISTRIBUTED stands here.<//>`}
		${runs.length > 0 && html`<div class="table-scroll"><table><thead><tr><th>Map</th><th>Status</th><th>Items</th><th class="number">Done</th><th>Execution</th><th>Started</th><th class="number">Duration</th></tr></thead>
			<tbody>${runs.map((m) => html`<tr key=${m.mapRunArn}><td><a class="name" href=${href('map-run', m.mapRunArn)}>${m.label}</a></td>
				<td><${Status} of=${m.status} /></td><td class="wide"><${Progress} of=${m} /></td><td class="number">${count(m.items - m.pending - m.running)} of ${count(m.items)}</td><td><a href=${href('execution', m.executionArn)}>${executionName(m.executionArn)}</a></td><td><${Time} at=${m.startDate} /></td><td class="number"><${Duration} from=${m.startDate} to=${m.stopDate} /></td></tr>`)}</tbody></table></div>`}</section>`;
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
		<${Card} title="Children"><${Problem} error=${children.error} /><div class="table-scroll"><table><thead><tr><th>Name</th><th>Status</th><th>Started</th><th class="number">Duration</th></tr></thead>
			<tbody>${children.value?.executions.map((e) => html`<tr key=${e.executionArn}><td><a href=${href('execution', e.executionArn)}>${e.name}</a></td><td><${Status} of=${e.status} /></td><td><${Time} at=${e.startDate * 1000} /></td><td class="number"><${Duration} from=${e.startDate * 1000} to=${e.stopDate && e.stopDate * 1000} /></td></tr>`)}</tbody></table></div>
			${children.value?.nextToken && html`<p class="quiet">The newest 100</p>`}<//>`;
}

export function Activities() {
	const { value, error } = useLoad(() => page('activities'), [], 5000);
	const activities = value?.activities ?? [];
	return html`<div class="head"><h1>Activities</h1></div><section class="card"><${Problem} error=${error} />
		${value && !activities.length && html`<${Empty} title="There are no activities" sql="SELECT sfn.create_activity('packing');">Queues of work for programs that poll. Make one:<//>`}
		${activities.length > 0 && html`<div class="table-scroll"><table><thead><tr><th>Name</th><th>Owner</th><th class="number">Waiting</th><th class="number">Taken</th><th>Oldest</th><th>Created</th></tr></thead>
			<tbody>${activities.map((a) => html`<tr key=${a.activityArn}><td>${nameOf(a.activityArn)}</td><td>${a.owner}</td><td class="number">${count(a.waiting)}</td><td class="number">${count(a.taken)}</td><td><${Time} at=${a.oldest} /></td><td><${Time} at=${a.creationDate} /></td></tr>`)}</tbody></table></div>`}</section>`;
}

const identifier = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

const backlogParts = [['open_executions', 'Open executions'], ['executions_to_begin', 'To begin'], ['rows_due', 'Due'], ['timers', 'Timers'], ['requests_waiting', 'Requests waiting'], ['requests_in_flight', 'Requests in flight'],
	['activity_tasks_waiting', 'Activity tasks waiting'], ['callbacks', 'Callbacks'], ['map_runs', 'Map runs'], ['quarantined', 'Quarantined']];

export function Workers({ seesBacklog, role }) {
	const { value, error } = useLoad(() => page('workers'), [], 2000);
	const backlog = useLoad(async () => (seesBacklog ? page('backlog') : null), [seesBacklog], 15000);
	return html`<div class="head"><h1>Workers</h1></div>
		<${Card} title="Processes"><${Problem} error=${error} />${value && !value.workers.length && html`<${Empty} title="No worker is to be seen" sql="SHOW shared_preload_libraries;">Workers need sfn in shared_preload_libraries, and a restart:<//>`}
			${value?.workers.length > 0 && html`<div class="table-scroll"><table><thead><tr><th>Worker</th><th>Database</th><th class="number">Pid</th><th>State</th><th>Since</th><th>Execution</th><th class="number">Turns</th><th class="number">Busy</th></tr></thead>
			<tbody>${value.workers.map((w) => html`<tr key=${w.pid}><td><strong>${w.worker}</strong></td><td>${w.database ?? '–'}</td><td class="number">${w.pid}</td><td>${w.state}${w.reason && html` <span class="quiet">${w.reason}</span>`}</td><td><${Time} at=${w.since} /></td>
				<td>${w.executionArn ? html`<a href=${href('execution', w.executionArn)}>${executionName(w.executionArn)}</a>` : '–'}</td><td class="number">${count(w.turns)}</td><td class="number">${w.busySeconds == null ? '–' : milliseconds(w.busySeconds * 1000)}</td></tr>`)}</tbody></table></div>`}<//>
		<${Card} title="Backlog"><${Problem} error=${backlog.error} />${!seesBacklog && html`<${Empty} title="The backlog of all roles is for those who watch the server" sql=${`GRANT pg_read_all_stats TO ${identifier(role)};`}>A superuser gives the right:<//>`}
			${backlog.value && html`<dl class="numbers">${backlogParts.map(([key, text]) => html`<div key=${key}><dt>${text}</dt><dd>${count(backlog.value[key])}</dd></div>`)}</dl>`}<//>`;
}
