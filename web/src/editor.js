// A definition: what is wrong with it while one types, how it looks, what it would do.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { api, may, page } from './api.js';
import { Code } from './code.js';
import { graphOf, marked } from './definition.js';
import { plural } from './format.js';
import { Graph } from './graph.js';
import { Card, Failure, href, Json, JsonInput, jsonProblem, Notice, Problem, Status, Tabs, useAddressed } from './ui.js';

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

const NONE = [];

function useDiagnostics(text, type) {
	const [state, setState] = useState({ diagnostics: NONE, error: null });
	useEffect(() => {
		let isOld = false;
		const timer = setTimeout(async () => {
			try {
				const answer = await page('validate', { definition: text, type });
				if (!isOld)
					setState({ diagnostics: answer.diagnostics, error: null });
			} catch (error) {
				if (!isOld)
					setState({ diagnostics: NONE, error });
			}
		}, PAUSE);
		return () => {
			isOld = true;
			clearTimeout(timer);
		};
	}, [text, type]);
	return state;
}

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

const parsed = (text) => {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
};

// What a test came to: how it ended, with what, and what led there.
function Outcome({ of: { status, nextState, output, error, cause, history, inspectionData }, label }) {
	const values = inspectionData && Object.fromEntries(Object.entries(inspectionData).map(([key, value]) => [key, parsed(value)]));
	const ends = { CAUGHT_ERROR: 'CAUGHT', RETRIABLE: 'PENDING_REDRIVE' };
	return html`<section aria-label=${label} aria-live="polite"><p><${Status} of=${ends[status] ?? status} />${nextState && html` then <strong>${nextState}</strong>`}</p>
		<${Failure} of=${{ error, cause }} />
		${output !== undefined && html`<h3>Output</h3><${Json} value=${typeof output === 'string' ? parsed(output) : output} label="Output" />`}
		${values && html`<h3>On its way through the state</h3><${Json} value=${values} label="Values on their way through the state" />`}
		${history && html`<details><summary>${plural(history.length, 'event')}</summary><${Json} value=${history} label="Events" /></details>`}</section>`;
}

// Something that is asked for by a button, and its answer.
function useTest(ask) {
	const [state, setState] = useState({ result: null, problem: null });
	const run = async () => {
		try {
			setState({ result: await ask(), problem: null });
		} catch (problem) {
			setState({ result: null, problem });
		}
	};
	return [state, run];
}

function TestMachine({ text, isGood, show }) {
	const [input, setInput] = useState('{}');
	const [mocks, setMocks] = useState('{}');
	const [{ result, problem }, run] = useTest(() => page('testMachine', { definition: text, input, mocks: JSON.parse(mocks) }));
	const isReady = isGood && jsonProblem(input) === null && jsonProblem(mocks) === null;
	useEffect(() => show(result?.history ?? null), [result]);
	return html`<${JsonInput} label="Input" value=${input} change=${setInput} rows=${4} />
		<${JsonInput} label=${'Answers of tasks, by state: {"Charge": {"result": {}}}, or {"error": "", "cause": ""}'} value=${mocks} change=${setMocks} rows=${4} />
		<div class="buttons"><button class="primary" disabled=${!isReady} onClick=${run}>Run the machine</button></div><${Problem} error=${problem} />${result && html`<${Outcome} of=${result} label="What it would do" />`}`;
}

const answering = ['Task', 'Parallel', 'Map'];

function TestState({ text, states, isGood }) {
	const [name, setName] = useState('');
	const [input, setInput] = useState('{}');
	const [level, setLevel] = useState('INFO');
	const [answer, setAnswer] = useState('{}');
	const [error, setError] = useState('');
	const state = states.find((s) => s.name === name) ?? states[0];
	const isAnswered = answering.includes(state?.type);
	const mock = error ? { errorOutput: { error, cause: 'The test said so' } } : { result: answer };
	const [{ result, problem }, run] = useTest(() => api('TestState', { definition: text, stateName: state.name, input, inspectionLevel: level, ...(isAnswered && { mock }) }));
	const isReady = isGood && state && jsonProblem(input) === null && (!isAnswered || error || jsonProblem(answer) === null);
	return html`<div class="filters"><label><span>State</span><select value=${state?.name} onChange=${(e) => setName(e.target.value)}>${states.map((s) => html`<option>${s.name}</option>`)}</select></label>
		<label><span>Tell</span><select value=${level} onChange=${(e) => setLevel(e.target.value)}><option>INFO</option><option>DEBUG</option><option>TRACE</option></select></label>
		${isAnswered && html`<label><span>It fails with</span><input value=${error} onInput=${(e) => setError(e.target.value)} placeholder="nothing, it answers"/></label>`}</div>
		<${JsonInput} label="Input" value=${input} change=${setInput} rows=${5} />
		${isAnswered && !error && html`<${JsonInput} label=${`Answer in place of the ${state.type}`} value=${answer} change=${setAnswer} rows=${4} />`}
		<div class="buttons"><button class="primary" disabled=${!isReady} onClick=${run}>Test the state</button></div>
		<${Problem} error=${problem} />${result && html`<${Outcome} of=${result} label="What the state did" />`}`;
}

export function Editor({ name }) {
	const [text, setText] = useState(FIRST);
	const [type, setType] = useState('STANDARD');
	const [tab, setTab] = useAddressed('tab', 'problems');
	const [drawing, setDrawing] = useState(() => graphOf(FIRST));
	const [history, setHistory] = useState(null);	// of the last test of the machine
	const [node, setNode] = useState(null);
	const [problem, setProblem] = useState(null);
	const place = useRef(null);
	const { diagnostics, error } = useDiagnostics(text, type);
	useEffect(() => {
		const open = async ({ stateMachineArn }) => {
			const machine = stateMachineArn && await api('DescribeStateMachine', { stateMachineArn });
			if (!machine)
				return;
			setText(machine.definition.includes('\n') ? machine.definition : JSON.stringify(JSON.parse(machine.definition), null, 2));
			setType(machine.type);
		};
		if (name)
			page('machine', { machine: name }).then(open).catch(setProblem);
	}, [name]);
	useEffect(() => {
		setDrawing((before) => graphOf(text) ?? before);
		setHistory(null);
	}, [text]);
	const isGood = !error && diagnostics.every((d) => d.severity !== 'ERROR') && jsonProblem(text) === null;
	const states = drawing?.nodes ?? [];
	const go = (d) => (e) => {
		e.preventDefault();
		place.current?.(d);
	};
	return html`<div class="head"><h1>Editor</h1>${(may('CreateStateMachine') || may('UpdateStateMachine')) && html`<${Save} text=${text} name=${name} isGood=${isGood} />`}</div><${Problem} error=${problem} />
		<div class="halves"><div class="stack editor"><${Card} title="Definition" aside=${html`<span class="quiet">Ctrl-Space completes, F8 goes to the next problem</span>`}>
			<${Code} label="Definition in the Amazon States Language" text=${text} change=${setText} diagnostics=${diagnostics} names=${states.map((s) => s.name)} place=${place} /><//></div>
		<div class="stack"><section class="card"><${Tabs} label="What of it" at=${tab} choose=${setTab} of=${[['problems', `Problems (${diagnostics.length})`], ['state', 'Test a state'], ['machine', 'Test the machine']]} />
			<div role="tabpanel">
			${tab === 'problems' && html`<${Problem} error=${error} />${diagnostics.length ? html`<ul class="plain diagnostics">${diagnostics.map((d, i) => html`<li key=${i} class=${d.severity === 'ERROR' ? 'bad' : 'warn'}>
				<a href="#" onClick=${go(d)}>${d.line ? `Line ${d.line}, column ${d.col}` : 'The whole'}</a> <strong>${d.severity === 'ERROR' ? 'Error' : 'Warning'}</strong> ${d.message}${d.hint && html`<div class="quiet">${d.hint}</div>`}</li>`)}</ul>` : !error && html`<${Notice}>No problems.<//>`}`}
			${tab === 'state' && html`<${TestState} text=${text} states=${states} isGood=${isGood} />`}
			${tab === 'machine' && html`<${TestMachine} text=${text} isGood=${isGood} show=${setHistory} />`}</div></section>
			<${Card} title="Graph" cls="graph-card">${drawing && html`<${Graph} graph=${history ? marked(drawing, history) : drawing} selected=${node} select=${setNode} />`}<//></div></div>`;
}
