// State machines: what there are, what each is, how it does.

import { html, useState } from '../vendor/preact.js';
import { api, may, page } from './api.js';
import { Aliases, Versions } from './aliases.js';
import { Diff } from './diff.js';
import { count, milliseconds, nameOf } from './format.js';
import { ExecutionList } from './executions.js';
import { Graph } from './graph.js';
import { Plot } from './plot.js';
import { Card, Copyable, Empty, href, Json, Problem, Table, Tabs, Time, useAddressed, useLoad } from './ui.js';

const CREATE = "SELECT sfn.create_state_machine('hello',\n  '{\"StartAt\": \"Hello\", \"States\": {\"Hello\": {\"Type\": \"Pass\", \"End\": true}}}');";
const ended = (m) => (m.succeeded ?? 0) + (m.failed ?? 0) + (m.timedOut ?? 0) + (m.aborted ?? 0);

// How the executions ended, as parts of one line.
function Ends({ of: m }) {
	const all = ended(m);
	if (!all)
		return html`<span class="quiet">–</span>`;
	const bad = (m.failed ?? 0) + (m.timedOut ?? 0);
	const text = `${count(m.succeeded)} succeeded, ${count(bad)} failed or timed out, ${count(m.aborted)} aborted`;
	const good = (m.succeeded / all) * 120;
	const worse = (bad / all) * 120;
	return html`<svg class="ends" width="120" height="10" role="img" aria-label=${text}><title>${text}</title><rect class="other" width="120" height="10" rx="3"/>
		<rect class="good" width=${good} height="10"/><rect class="bad" x=${good} width=${worse} height="10"/></svg>`;
}

const machineColumns = [
	['Name', (m) => html`<a class="name" href=${href('machine', m.name)}>${m.name}</a>${m.status !== 'ACTIVE' && html` <span class="status status-ABORTED">${m.status.toLowerCase()}</span>`}`, 'main'],
	['Type', (m) => (m.type === 'EXPRESS' ? 'Express' : 'Standard'), 'plainly'],
	['Role', (m) => m.role],
	['Started', (m) => count(m.started ?? 0), 'number'],
	['Ends', (m) => html`<${Ends} of=${m} />`],
	['Mean time', (m) => (ended(m) ? milliseconds(m.milliseconds / ended(m)) : '–'), 'number'],
	['Longest', (m) => (ended(m) ? milliseconds(m.longest) : '–'), 'number'],
	['Changed', (m) => html`<${Time} at=${m.updateDate ?? m.creationDate} />`, 'rest'],
];

export function Machines() {
	const [name, setName] = useState('');
	const { value, error } = useLoad(() => page('machines', { limit: 200, ...(name && { name }) }), [name], 5000);
	const machines = value?.machines ?? [];
	return html`<div class="head"><h1>State machines</h1></div><section class="card">
		<form class="filters" role="search" onSubmit=${(e) => e.preventDefault()}><label><span>Name</span><input type="search" value=${name} onInput=${(e) => setName(e.target.value)} placeholder="begins with"/></label></form>
		<${Problem} error=${error} />
		${value && !machines.length && html`<${Empty} title=${name ? 'No machine is called so' : 'There are no state machines yet'} sql=${name ? null : CREATE}>${name ? 'Names are compared letter by letter.' : 'Make one in psql, or by any tool that speaks to AWS Step Functions:'}<//>`}
		${machines.length > 0 && html`<${Table} columns=${machineColumns} rows=${machines} keyOf=${(m) => m.name} />
			<p class="quiet">Counts since the server started.</p>`}</section>`;
}

const counters = [['executions_started', 'Started'], ['executions_succeeded', 'Succeeded'], ['executions_failed', 'Failed'], ['executions_timed_out', 'Timed out'],
	['executions_aborted', 'Aborted'], ['executions_redriven', 'Redriven'], ['state_transitions', 'Transitions'], ['retries', 'Retries'], ['errors_caught', 'Errors caught'], ['tasks_failed', 'Tasks failed']];

const CURRENT = '';	// in place of a version

const definitionOf = async (arn) => JSON.stringify(JSON.parse((await api('DescribeStateMachine', { stateMachineArn: arn })).definition), null, 2);

// Two versions, or one and the definition as it is now.
function Compare({ machine, versions }) {
	const [from, setFrom] = useState(versions[0].arn);
	const [to, setTo] = useState(CURRENT);
	const { value, error } = useLoad(() => Promise.all([from, to].map((arn) => definitionOf(arn || machine.stateMachineArn))), [from, to, machine.updateDate]);
	const choice = (title, at, set) => html`<label><span>${title}</span><select value=${at} onChange=${(e) => set(e.target.value)}><option value=${CURRENT}>as it is now</option>
		${versions.map((v) => html`<option value=${v.arn}>${nameOf(v.arn)} ${v.description ?? ''}</option>`)}</select></label>`;
	return html`<h3>What has changed</h3><div class="filters">${choice('Between', from, setFrom)}${choice('and', to, setTo)}</div>
		<${Problem} error=${error} />${value && html`<${Diff} before=${value[0]} after=${value[1]} label="What has changed" />`}`;
}

const grantSql = (name) => `SELECT sfn.grant_state_machine('${name.replaceAll("'", "''")}', 'support', 'see');`;

const About = ({ of: m, reload }) => html`<${Versions} machine=${m} done=${reload} />
	${m.versions.length > 0 && html`<${Compare} machine=${m} versions=${m.versions} />`}
	<${Aliases} machine=${m} done=${reload} />
	<h3>Grants</h3>${m.grants.length ? html`<ul class="plain">${m.grants.map((g) => html`<li><strong>${g.grantee}</strong> may ${g.privilege} <span class="quiet">by ${g.grantor}, <${Time} at=${g.grantDate} /></span></li>`)}</ul>`
		: html`<p class="quiet">None: members of ${m.role} alone may do anything with it.</p><${Copyable} text=${grantSql(m.name)} />`}`;

const inSeconds = (s) => milliseconds(s * 1000);

function Counters({ of: m }) {
	const day = useLoad(() => page('day', { machine: m.name }), [m.name], 60000);
	const hours = day.value?.hours ?? [];
	const sum = (key) => hours.reduce((all, hour) => all + hour[key], 0);
	const timed = hours.filter((hour) => hour.seconds != null);
	const mean = timed.reduce((all, hour) => all + hour.seconds * hour.started, 0) / timed.reduce((all, hour) => all + hour.started, 0);
	return html`<h3>The last day, by the hour</h3><${Problem} error=${day.error} />
		<div class="plots">${day.value && html`<${Plot} title="Started" hours=${hours} value="started" show=${count} sum=${count(sum('started'))} cls="is-run" />
			<${Plot} title="Failed or timed out" hours=${hours} value="failed" show=${count} sum=${count(sum('failed'))} cls="is-bad" />
			<${Plot} title="Mean duration" hours=${hours} value="seconds" show=${inSeconds} sum=${inSeconds(mean)} cls="is-run" />`}</div>
		${day.value?.isPart && html`<p class="quiet">Of a part of them: there were more than ${count(sum('started'))}.</p>`}
		<h3>Since the server started</h3>
		${m.counters ? html`<dl class="numbers">${counters.map(([key, text]) => html`<div key=${key}><dt>${text}</dt><dd>${count(m.counters[key])}</dd></div>`)}
			<div><dt>Longest</dt><dd>${milliseconds(m.counters.max_execution_time)}</dd></div></dl><p class="quiet">Since <${Time} at=${m.counters.stats_reset} /></p>`
			: html`<p class="quiet">Nothing has been counted yet.</p>`}`;
}

export function Machine({ name }) {
	const [tab, setTab] = useAddressed('tab', 'executions');
	const { value: m, error, reload } = useLoad(() => page('machine', { machine: name }), [name], 10000);
	const drawing = useLoad(async () => (m?.name ? page('graph', { of: name }) : null), [m?.name, m?.updateDate]);
	const [node, setNode] = useState(null);
	if (error && !m)
		return html`<${Problem} error=${error} />`;
	if (!m)
		return html`<p class="quiet loading">Loading …</p>`;
	if (!m.name)
		return html`<${Empty} title=${`There is no state machine "${name}"`}>It is gone, or you may not see it. <a href="#/machines">State machines</a><//>`;
	return html`<div class="head"><div><h1>${m.name}</h1><span class="quiet">${m.type === 'EXPRESS' ? 'Express' : 'Standard'} · runs as ${m.role} · changed <${Time} at=${m.updateDate ?? m.creationDate} /></span></div>
			<div class="buttons"><a class="button" href=${href('editor', m.name)}>${may('UpdateStateMachine', 'update', m.rights) ? 'Edit' : 'Open in the editor'}</a>
				${may('StartExecution', 'start', m.rights) && html`<a class="button primary" href=${href('start', m.name)}>New execution</a>`}</div></div>
		<div class="halves"><${Card} title="Graph" cls="graph-card">${drawing.value && html`<${Graph} graph=${drawing.value} selected=${node} select=${setNode} />`}<${Problem} error=${drawing.error} /><//>
		<div class="stack"><section class="card"><${Tabs} label="Parts of the machine" at=${tab} choose=${setTab} of=${[['executions', 'Executions'], ['definition', 'Definition'], ['about', 'Versions, aliases, grants'], ['counters', 'Counters']]} />
			<div role="tabpanel">
			${tab === 'executions' && html`<${ExecutionList} filters=${{ machine: m.name, type: m.type }} isChoosable=${false} withMachine=${false} />`}
			${tab === 'definition' && html`<${Json} value=${m.definition} label="Definition" />`}
			${tab === 'about' && html`<${About} of=${m} reload=${reload} />`}
			${tab === 'counters' && html`<${Counters} of=${m} />`}
			</div></section></div></div>`;
}
