// A definition: what is wrong with it while one types, how it looks, what it would do.

import { html, useEffect, useState } from '../vendor/preact.js';
import { api, page } from './api.js';
import { Graph } from './graph.js';
import { Card, href, Json, JsonInput, jsonProblem, Notice, Problem, Tabs } from './ui.js';
import { graphOf } from './definition.js';

const FIRST = `{
  "StartAt": "Hello",
  "States": {
    "Hello": {
      "Type": "Pass",
      "Next": "Done"
    },
    "Done": {
      "Type": "Succeed"
    }
  }
}`;

const PAUSE = 300;	// milliseconds without a key

function useDiagnostics(text) {
	const [state, setState] = useState({ diagnostics: [], error: null });
	useEffect(() => {
		let isOld = false;
		const timer = setTimeout(async () => {
			try {
				const answer = await api('ValidateStateMachineDefinition', { definition: text });
				if (!isOld)
					setState({ diagnostics: answer.diagnostics ?? [], error: null });
			} catch (error) {
				if (!isOld)
					setState({ diagnostics: [], error });
			}
		}, PAUSE);
		return () => {
			isOld = true;
			clearTimeout(timer);
		};
	}, [text]);
	return state;
}

// Where a JSON pointer is in the text, as far as its members can be found one behind the other.
export function lineOf(text, location) {
	let at = 0;
	for (const part of (location ?? '').split('/').filter(Boolean)) {
		const name = JSON.stringify(part.replaceAll('~1', '/').replaceAll('~0', '~'));
		const found = text.indexOf(name, at);
		if (found >= 0)
			at = found;
	}
	return text.slice(0, at).split('\n').length;
}

const pick = (line) => (e) => {
	const area = document.querySelector('.editor textarea');
	const lines = area.value.split('\n');
	const from = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
	e.preventDefault();
	area.focus();
	area.setSelectionRange(from, from + lines[line - 1].length);
};

function Save({ text, name, isGood }) {
	const [target, setTarget] = useState(name ?? '');
	const [problem, setProblem] = useState(null);
	const [saved, setSaved] = useState(null);
	const save = async (e) => {
		e.preventDefault();
		setProblem(null);
		try {
			const known = await page('machine', { machine: target });
			if (known.stateMachineArn)
				await api('UpdateStateMachine', { stateMachineArn: known.stateMachineArn, definition: text });
			else
				await api('CreateStateMachine', { name: target, definition: text, roleArn: 'arn:aws:iam::000000000000:role/sfn' });
			setSaved(target);
		} catch (error) {
			setProblem(error);
		}
	};
	return html`<form class="filters" onSubmit=${save}><label><span>Save as</span><input required maxlength="80" value=${target} onInput=${(e) => setTarget(e.target.value)}/></label>
		<button class="primary" disabled=${!isGood || !target}>Save</button>${saved && html`<span role="status">Saved: <a href=${href('machine', saved)}>${saved}</a></span>`}<${Problem} error=${problem} /></form>`;
}

function TestMachine({ text, isGood }) {
	const [input, setInput] = useState('{}');
	const [mocks, setMocks] = useState('{}');
	const [result, setResult] = useState(null);
	const [problem, setProblem] = useState(null);
	const run = async () => {
		try {
			setResult(await page('testMachine', { definition: text, input, mocks: JSON.parse(mocks) }));
			setProblem(null);
		} catch (e) {
			setProblem(e);
		}
	};
	const isReady = isGood && jsonProblem(input) === null && jsonProblem(mocks) === null;
	return html`<${JsonInput} label="Input" value=${input} change=${setInput} rows=${4} /><${JsonInput} label="Answers of tasks, by state" value=${mocks} change=${setMocks} rows=${4} />
		<div class="buttons"><button class="primary" disabled=${!isReady} onClick=${run}>Run the machine</button></div><${Problem} error=${problem} />${result && html`<${Json} value=${result} label="What it would do" />`}`;
}

function TestState({ text, states, isGood }) {
	const [state, setState] = useState('');
	const [input, setInput] = useState('{}');
	const [level, setLevel] = useState('INFO');
	const [result, setResult] = useState(null);
	const [problem, setProblem] = useState(null);
	const run = async () => {
		try {
			setResult(await api('TestState', { definition: text, stateName: state || states[0], input, inspectionLevel: level }));
			setProblem(null);
		} catch (e) {
			setProblem(e);
		}
	};
	return html`<div class="filters"><label><span>State</span><select value=${state || states[0]} onChange=${(e) => setState(e.target.value)}>${states.map((s) => html`<option>${s}</option>`)}</select></label>
		<label><span>Tell</span><select value=${level} onChange=${(e) => setLevel(e.target.value)}><option>INFO</option><option>DEBUG</option><option>TRACE</option></select></label></div>
		<${JsonInput} label="Input" value=${input} change=${setInput} rows=${5} />
		<div class="buttons"><button class="primary" disabled=${!isGood || !states.length || jsonProblem(input) !== null} onClick=${run}>Test the state</button></div>
		<${Problem} error=${problem} />${result && html`<${Json} value=${result} label="What the state did" />`}`;
}

export function Editor({ name }) {
	const [text, setText] = useState(FIRST);
	const [tab, setTab] = useState('problems');
	const [drawing, setDrawing] = useState(() => graphOf(FIRST));
	const [node, setNode] = useState(null);
	const [problem, setProblem] = useState(null);
	const { diagnostics, error } = useDiagnostics(text);
	useEffect(() => {
		if (name)
			page('machine', { machine: name }).then((m) => m.definition && setText(JSON.stringify(m.definition, null, 2)), setProblem);
	}, [name]);
	useEffect(() => {
		setDrawing((before) => graphOf(text) ?? before);
	}, [text]);
	const errors = diagnostics.filter((d) => d.severity === 'ERROR');
	const isGood = !errors.length && !error && jsonProblem(text) === null;
	const line = (d) => lineOf(text, d.location);
	return html`<div class="head"><h1>Editor</h1><${Save} text=${text} name=${name} isGood=${isGood} /></div><${Problem} error=${problem} />
		<div class="halves"><div class="stack editor"><${Card} title="Definition"><${JsonInput} label="In the Amazon States Language" value=${text} change=${setText} rows=${30} /><//></div>
		<div class="stack"><section class="card"><${Tabs} label="What of it" at=${tab} choose=${setTab} of=${[['problems', `Problems (${diagnostics.length})`], ['state', 'Test a state'], ['machine', 'Test the machine']]} />
			<div role="tabpanel">
			${tab === 'problems' && html`<${Problem} error=${error} />${diagnostics.length ? html`<ul class="plain diagnostics">${diagnostics.map((d, i) => html`<li key=${i} class=${d.severity === 'ERROR' ? 'bad' : 'warn'}>
				<a href="#" onClick=${pick(line(d))}>Line ${line(d)}</a> <strong>${d.severity === 'ERROR' ? 'Error' : 'Warning'}</strong> ${d.message} <span class="quiet mono">${d.location ?? ''}</span></li>`)}</ul>` : !error && html`<${Notice}>No problems.<//>`}`}
			${tab === 'state' && html`<${TestState} text=${text} states=${drawing?.nodes.filter((n) => n.scope === '').map((n) => n.name) ?? []} isGood=${isGood} />`}
			${tab === 'machine' && html`<${TestMachine} text=${text} isGood=${isGood} />`}</div></section>
			<${Card} title="Graph" cls="graph-card">${drawing && html`<${Graph} graph=${drawing} selected=${node} select=${setNode} />`}<//></div></div>`;
}
