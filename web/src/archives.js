// Archives of events, and replays of them: what is kept, putting it once more, and how far that is.

import { html, useState } from '../vendor/preact.js';
import { may, page } from './api.js';
import { Ask, useAsk } from './ask.js';
import { between, count } from './format.js';
import { Dialog, Duration, Empty, JsonInput, jsonProblem, Problem, Table, Time, useLoad } from './ui.js';

const ARCHIVE = "SELECT sfn.create_archive('orders', '{\"source\": [\"shop\"]}', retention => '90 days');";
const looks = { STARTING: 'RUNNING', RUNNING: 'RUNNING', COMPLETED: 'SUCCEEDED', CANCELLED: 'ABORTED', FAILED: 'FAILED' };
const isOpen = (replay) => replay.state === 'STARTING' || replay.state === 'RUNNING';

// As inputs of that type have it, on the clock of the browser.
const localInput = (moment) => {
	const at = new Date(moment);
	return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
};
const seconds = (input) => new Date(input).getTime() / 1000;

function NewArchive({ about, close, done }) {
	const [name, setName] = useState('');
	const [bus, setBus] = useState('default');
	const [days, setDays] = useState('');
	const [description, setDescription] = useState('');
	const [pattern, setPattern] = useState('');
	const [problem, ask] = useAsk(() => {
		close();
		done();
	});
	const send = (e) => {
		e.preventDefault();
		ask('AWSEvents.CreateArchive', { ArchiveName: name, EventSourceArn: `${about.arn}:event-bus/${bus}`, ...(days && { RetentionDays: Number(days) }),
			...(description && { Description: description }), ...(pattern.trim() && { EventPattern: pattern }) });
	};
	return html`<${Dialog} title="New archive" close=${close}><form onSubmit=${send}>
		<div class="routing"><label class="field"><span>Name</span><input required maxlength="48" value=${name} onInput=${(e) => setName(e.target.value)} placeholder="orders"/></label>
			<label class="field"><span>Events of the bus</span><select value=${bus} onChange=${(e) => setBus(e.target.value)}>${about.buses.map((b) => html`<option value=${b}>${b}</option>`)}</select></label>
			<label class="field"><span>For so many days</span><input type="number" min="1" placeholder="for ever" value=${days} onInput=${(e) => setDays(e.target.value)}/></label></div>
		<${JsonInput} label="Those that match a pattern; all without one" value=${pattern} change=${setPattern} rows=${5} isOptional />
		<label class="field"><span>Description</span><input maxlength="512" value=${description} onInput=${(e) => setDescription(e.target.value)}/></label><${Problem} error=${problem} />
		<div class="buttons"><button class="primary" disabled=${pattern.trim() && jsonProblem(pattern) !== null}>Make it</button><button type="button" onClick=${close}>Cancel</button></div></form><//>`;
}

function NewReplay({ archive: a, about, close, done }) {
	const [name, setName] = useState('');
	const [from, setFrom] = useState(localInput(a.creationDate));
	const [to, setTo] = useState(localInput(Date.now()));
	const [rule, setRule] = useState('');
	const { value } = useLoad(() => page('rules'), []);
	const rules = (value?.rules ?? []).filter((r) => r.bus === a.bus);
	const ruleArn = (r) => `${about.arn}:rule/${r.bus === 'default' ? '' : `${r.bus}/`}${r.name}`;
	const [problem, ask] = useAsk(() => {
		close();
		done();
	});
	const send = (e) => {
		e.preventDefault();
		ask('AWSEvents.StartReplay', { ReplayName: name, EventSourceArn: `${about.arn}:archive/${a.name}`, EventStartTime: seconds(from), EventEndTime: seconds(to),
			Destination: { Arn: `${about.arn}:event-bus/${a.bus}`, ...(rule && { FilterArns: [rule] }) } });
	};
	return html`<${Dialog} title=${`Replay ${a.name}`} close=${close}><form onSubmit=${send}>
		<label class="field"><span>Name</span><input required maxlength="64" value=${name} onInput=${(e) => setName(e.target.value)} placeholder="orders-again"/></label>
		<div class="routing"><label class="field"><span>Events from</span><input type="datetime-local" step="1" required value=${from} onInput=${(e) => setFrom(e.target.value)}/></label>
			<label class="field"><span>To</span><input type="datetime-local" step="1" required value=${to} onInput=${(e) => setTo(e.target.value)}/></label>
			<label class="field"><span>For</span><select value=${rule} onChange=${(e) => setRule(e.target.value)}><option value="">all rules</option>${rules.map((r) => html`<option value=${ruleArn(r)}>${r.name}</option>`)}</select></label></div>
		<p class="quiet">They are put on the bus ${a.bus} once more, in their order, and do once more what rules do with them.</p><${Problem} error=${problem} />
		<div class="buttons"><button class="primary">Replay</button><button type="button" onClick=${close}>Cancel</button></div></form><//>`;
}

// By the times of events, which costs no counting: of the replay's time, how much lies behind.
function Progress({ of: r }) {
	const share = r.state === 'COMPLETED' ? 1 : r.lastTime ? Math.min(1, between(r.from, r.lastTime) / Math.max(1, between(r.from, r.to))) : 0;
	const text = `${count(r.replayed)} ${r.replayed === 1 ? 'event' : 'events'}${r.lastTime && isOpen(r) ? `, ${Math.round(share * 100)} % of the time` : ''}`;
	return html`<svg class="progress" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label=${text}><title>${text}</title><rect class="pending" width="1000" height="14"/>
		<rect class=${isOpen(r) ? 'running' : r.state === 'FAILED' ? 'failed' : r.state === 'CANCELLED' ? 'aborted' : 'succeeded'} width=${share * 1000} height="14"/></svg>${text}`;
}

const replayColumns = (cancel) => [
	['Replay', (r) => html`<strong class="name">${r.name}</strong><div class="quiet">of ${r.archive}${r.rules && `, for ${r.rules.map((arn) => arn.split('/').pop()).join(', ')}`}</div>`, 'main'],
	['State', (r) => html`<span class=${`status status-${looks[r.state]}`}>${r.state.charAt(0) + r.state.slice(1).toLowerCase()}</span>${r.stateReason && html`<div class="quiet">${r.stateReason}</div>`}`, 'plainly'],
	['Put again', (r) => html`<${Progress} of=${r} />`, 'wide'],
	['Events', (r) => html`<${Time} at=${r.from} /> – <${Time} at=${r.to} />`],
	['Took', (r) => html`<${Duration} from=${r.creationDate} to=${r.endDate} />`, 'number'],
	[html`<span class="hidden">Cancel</span>`, (r) => isOpen(r) && may('CancelReplay') && html`<button class="small" aria-label=${`Cancel ${r.name}`} onClick=${() => cancel(r)}>Cancel …</button>`],
];

const archiveColumns = (replay, drop) => [
	['Archive', (a) => html`<strong class="name">${a.name}</strong><div class="quiet">${a.description ?? ''}</div>`, 'main'],
	['Keeps', (a) => (a.pattern ? html`<div class="mono clipped" title=${JSON.stringify(a.pattern, null, 2)}>${JSON.stringify(a.pattern)}</div>` : 'all events')],
	['Bus', (a) => a.bus],
	['For', (a) => a.retention ?? 'ever'],
	['Events', (a) => count(a.events), 'number'],
	['Owner', (a) => a.owner],
	[html`<span class="hidden">Replay, delete</span>`, (a) => html`<span class="buttons">${may('StartReplay') && html`<button class="small" aria-label=${`Replay ${a.name}`} onClick=${() => replay(a)}>Replay …</button>`}
		${may('DeleteArchive') && html`<button class="small" aria-label=${`Delete ${a.name}`} onClick=${() => drop(a)}>Delete …</button>`}</span>`],
];

export function Archives() {
	const [open, setOpen] = useState(null);
	const archives = useLoad(() => page('archives'), [], 5000);
	const replays = useLoad(() => page('replays'), [], 2000);
	const close = () => setOpen(null);
	const done = () => {
		archives.reload();
		replays.reload();
	};
	const { value } = archives;
	const replay = (a) => setOpen(html`<${NewReplay} archive=${a} about=${value} close=${close} done=${done} />`);
	const drop = (a) => setOpen(html`<${Ask} title=${`Delete the archive ${a.name}?`} text="Its events and replays go with it." action="AWSEvents.DeleteArchive" request=${{ ArchiveName: a.name }} close=${close} done=${done} />`);
	const cancel = (r) => setOpen(html`<${Ask} title=${`Cancel the replay ${r.name}?`} text="What it has put stays put." action="AWSEvents.CancelReplay" request=${{ ReplayName: r.name }} yes="Cancel the replay" close=${close} done=${done} />`);
	return html`<${Problem} error=${archives.error ?? replays.error} />
		${value && may('CreateArchive') && html`<div class="line"><h3>Archives</h3><button class="small" onClick=${() => setOpen(html`<${NewArchive} about=${value} close=${close} done=${done} />`)}>New archive …</button></div>`}
		${value && !value.archives.length && html`<${Empty} title="There are no archives" sql=${ARCHIVE}>An archive keeps the events of a bus that match a pattern, to be put again when a rule was not there, or had a mistake:<//>`}
		${value?.archives.length > 0 && html`<${Table} columns=${archiveColumns(replay, drop)} rows=${value.archives} keyOf=${(a) => a.name} />`}
		${replays.value?.replays.length > 0 && html`<h3>Replays</h3><${Table} columns=${replayColumns(cancel)} rows=${replays.value.replays} keyOf=${(r) => `${r.name} ${r.state}`} />`}${open}`;
}
