// Tasks that wait for somebody: approving and rejecting is an answer by their token.

import { html, useState } from '../vendor/preact.js';
import { api, may, page } from './api.js';
import { executionName, machineOf, plural } from './format.js';
import { Dialog, Empty, href, JsonInput, jsonProblem, Problem, Table, Tabs, Time, useAddressed, useLoad } from './ui.js';

const WAIT = 'SELECT execution_arn, state, waits_for, since FROM sfn.pending_tasks;';

function AnswerDialog({ task, isApproval, close, done }) {
	const [output, setOutput] = useState('{\n  "approved": true\n}');
	const [error, setError] = useState('Rejected');
	const [cause, setCause] = useState('');
	const [problem, setProblem] = useState(null);
	const send = async (e) => {
		e.preventDefault();
		try {
			if (isApproval)
				await api('SendTaskSuccess', { taskToken: task.taskToken, output });
			else
				await api('SendTaskFailure', { taskToken: task.taskToken, error, cause });
			close();
			done();
		} catch (refusal) {
			setProblem(refusal);
		}
	};
	return html`<${Dialog} title=${`${isApproval ? 'Approve' : 'Reject'} ${task.state}`} close=${close}><form onSubmit=${send}>
		<p class="quiet">${machineOf(task.executionArn)} · ${executionName(task.executionArn)}</p>
		${isApproval ? html`<${JsonInput} label="Output of the task" value=${output} change=${setOutput} rows=${8} />`
			: html`<label class="field"><span>Error</span><input value=${error} maxlength="256" onInput=${(e) => setError(e.target.value)}/></label>
				<label class="field"><span>Cause</span><textarea rows="3" value=${cause} onInput=${(e) => setCause(e.target.value)}></textarea></label>`}
		<${Problem} error=${problem} />
		<div class="buttons"><button class="primary" disabled=${isApproval && jsonProblem(output) !== null}>${isApproval ? 'Approve' : 'Reject'}</button><button type="button" onClick=${close}>Cancel</button></div></form><//>`;
}

export function Answer({ task, done }) {
	const [open, setOpen] = useState(null);
	return html`<div class="buttons">${may('SendTaskSuccess') && html`<button class="primary" aria-label=${`Approve ${task.state}`} onClick=${() => setOpen('approve')}>Approve …</button>`}
		${may('SendTaskFailure') && html`<button aria-label=${`Reject ${task.state}`} onClick=${() => setOpen('reject')}>Reject …</button>`}
		${open && html`<${AnswerDialog} task=${task} isApproval=${open === 'approve'} close=${() => setOpen(null)} done=${done} />`}</div>`;
}

export function Tasks() {
	const [tab, setTab] = useAddressed('tab', 'callback');
	const { value, error, reload } = useLoad(() => page('tasks', { limit: 500, ...(tab === 'callback' && { waitsFor: 'a callback' }) }), [tab], 5000);
	const tasks = value?.tasks ?? [];
	const columns = [
		['State', (t) => html`<strong>${t.state}</strong>`, 'main'],
		['Execution', (t) => html`<a href=${href('execution', t.executionArn)}>${executionName(t.executionArn)}</a> <span class="quiet">${machineOf(t.executionArn)}</span>`],
		['Waits for', (t) => t.waitsFor],
		['Since', (t) => html`<${Time} at=${t.since} />`],
		['Until', (t) => html`<${Time} at=${t.timeoutAt ?? t.heartbeatAt} />`],
		[html`<span class="hidden">Answer</span>`, (t) => t.waitsFor === 'a callback' && t.taskToken && html`<${Answer} task=${t} done=${reload} />`, 'rest'],
	];
	return html`<div class="head"><h1>Waiting tasks</h1></div>
		<section class="card"><${Tabs} label="Which tasks" at=${tab} choose=${setTab} of=${[['callback', 'For an answer'], ['all', 'All']]} />
		<div role="tabpanel"><${Problem} error=${error} />
		${value && !tasks.length && html`<${Empty} title="Nothing waits" sql=${WAIT}>Tasks that wait for a person or another program stand here. In psql:<//>`}
		${tasks.length > 0 && html`<p class="quiet">${plural(tasks.length, 'task')}, the oldest first</p><${Table} columns=${columns} rows=${tasks} keyOf=${(t) => t.executionArn + t.state + t.since} />`}</div></section>`;
}
