// Versions of a machine and the aliases that name them: publishing one, leading an alias from one to another.

import { html, useState } from '../vendor/preact.js';
import { may } from './api.js';
import { Ask, useAsk } from './ask.js';
import { nameOf } from './format.js';
import { Copyable, Dialog, Problem, Time } from './ui.js';

const lastOf = (arn) => nameOf(arn).split(':').pop();
const shares = (routing) => routing.map((r) => `version ${lastOf(r.stateMachineVersionArn)} ${r.weight} %`).join(', ');
const literal = (text) => `'${text.replaceAll("'", "''")}'`;

// An alias that is there, or a new one: of two versions each start draws one by their weights.
function AliasDialog({ alias, machine, close, done }) {
	const [name, setName] = useState('');
	const [description, setDescription] = useState(alias?.description ?? '');
	const [first, setFirst] = useState(alias?.routing[0].stateMachineVersionArn ?? machine.versions[0].arn);
	const [second, setSecond] = useState(alias?.routing[1]?.stateMachineVersionArn ?? '');
	const [weight, setWeight] = useState(alias?.routing[0].weight ?? 100);
	const [problem, ask] = useAsk(() => {
		close();
		done();
	});
	const send = (e) => {
		e.preventDefault();
		const routingConfiguration = second ? [{ stateMachineVersionArn: first, weight }, { stateMachineVersionArn: second, weight: 100 - weight }] : [{ stateMachineVersionArn: first, weight: 100 }];
		if (alias)
			ask('UpdateStateMachineAlias', { stateMachineAliasArn: alias.arn, description, routingConfiguration });
		else
			ask('CreateStateMachineAlias', { name, ...(description && { description }), routingConfiguration });
	};
	const choice = (of) => machine.versions.filter((v) => v.arn !== of).map((v) => html`<option value=${v.arn}>${lastOf(v.arn)} ${v.description ?? ''}</option>`);
	return html`<${Dialog} title=${alias ? `Alias ${lastOf(alias.arn)}` : 'New alias'} close=${close}><form onSubmit=${send}>
		${!alias && html`<label class="field"><span>Name</span><input required maxlength="80" value=${name} onInput=${(e) => setName(e.target.value)} placeholder="live"/></label>`}
		<div class="routing"><label class="field"><span>Version</span><select value=${first} onChange=${(e) => setFirst(e.target.value)}>${choice(second)}</select></label>
			<label class="field"><span>Share, %</span><input type="number" min="0" max="100" required disabled=${!second} value=${second ? weight : 100} onInput=${(e) => setWeight(Number(e.target.value))}/></label>
			<label class="field"><span>Other version</span><select value=${second} onChange=${(e) => setSecond(e.target.value)}><option value="">none</option>${choice(first)}</select></label>
			<label class="field"><span>Share, %</span><input type="number" disabled value=${second ? 100 - weight : 0}/></label></div>
		<label class="field"><span>Description</span><input maxlength="256" value=${description} onInput=${(e) => setDescription(e.target.value)}/></label>
		<p class="quiet">Executions that run stay with the version that they began with.</p><${Problem} error=${problem} />
		<div class="buttons"><button class="primary">Save</button><button type="button" onClick=${close}>Cancel</button></div></form><//>`;
}

export function Aliases({ machine: m, done }) {
	const [open, setOpen] = useState(null);
	const close = () => setOpen(null);
	const maySave = (action) => m.versions.length > 0 && may(action, 'update', m.rights);
	return html`<div class="line"><h3>Aliases</h3>${maySave('CreateStateMachineAlias') && html`<button class="small" onClick=${() => setOpen(html`<${AliasDialog} machine=${m} close=${close} done=${done} />`)}>New alias …</button>`}</div>
		${m.aliases.length > 0 ? html`<ul class="plain aliases">${m.aliases.map((a) => html`<li key=${a.arn} class="line"><span><strong>${lastOf(a.arn)}</strong> → ${shares(a.routing)} <span class="quiet">${a.description ?? ''}</span></span>
			<span class="buttons">${maySave('UpdateStateMachineAlias') && html`<button class="small" aria-label=${`Edit ${lastOf(a.arn)}`} onClick=${() => setOpen(html`<${AliasDialog} alias=${a} machine=${m} close=${close} done=${done} />`)}>Edit …</button>`}
			${may('DeleteStateMachineAlias', 'manage', m.rights) && html`<button class="small" aria-label=${`Delete ${lastOf(a.arn)}`} onClick=${() => setOpen(html`<${Ask} title=${`Delete the alias ${lastOf(a.arn)}?`} text="Who starts by it is refused from then on. What runs goes on."
				action="DeleteStateMachineAlias" request=${{ stateMachineAliasArn: a.arn }} close=${close} done=${done} />`)}>Delete …</button>`}</span></li>`)}</ul>`
			: html`<p class="quiet">${m.versions.length ? 'None. An alias is a name for a version, or for two of which starts draw one:' : 'None. They name versions: publish one first, here or in psql:'}</p>
				<${Copyable} text=${m.versions.length ? `SELECT sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "${m.versions[0].arn}", "weight": 100}]');` : `SELECT sfn.publish_state_machine_version(${literal(m.name)});`} />`}
		${open}`;
}

export function Publish({ machine, done }) {
	const [description, setDescription] = useState('');
	const [problem, ask] = useAsk(() => {
		setDescription('');
		done();
	});
	const publish = (e) => {
		e.preventDefault();
		ask('PublishStateMachineVersion', { stateMachineArn: machine.stateMachineArn, ...(description && { description }) });
	};
	return html`<form class="filters" onSubmit=${publish}><label class="long"><span>Publish it as a version: what is new?</span><input maxlength="256" value=${description} onInput=${(e) => setDescription(e.target.value)}/></label>
		<button>Publish</button><${Problem} error=${problem} /></form>`;
}

export function Versions({ machine: m, done }) {
	const [asked, setAsked] = useState(null);
	const close = () => setAsked(null);
	return html`<h3>Versions</h3>${m.versions.length > 0 ? html`<ul class="plain">${m.versions.map((v) => html`<li key=${v.arn} class="line"><span><strong>${lastOf(v.arn)}</strong> ${v.description ?? ''} <span class="quiet"><${Time} at=${v.creationDate} /></span></span>
		${may('DeleteStateMachineVersion', 'manage', m.rights) && html`<button class="small" aria-label=${`Delete version ${lastOf(v.arn)}`} onClick=${() => setAsked(v)}>Delete …</button>`}</li>`)}</ul>` : html`<p class="quiet">None</p>`}
		${asked && html`<${Ask} title=${`Delete version ${lastOf(asked.arn)}?`} text="It is refused while an alias names it. What runs goes on." action="DeleteStateMachineVersion" request=${{ stateMachineVersionArn: asked.arn }} close=${close} done=${done} />`}
		${may('PublishStateMachineVersion', 'update', m.rights) && html`<${Publish} machine=${m} done=${done} />`}`;
}
