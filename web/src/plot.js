// A small plot: one bar for each hour, with its number and unit on it.

import { html } from '../vendor/preact.js';
import { localTime } from './format.js';

const HEIGHT = 44;
const STEP = 10;

export function Plot({ title, hours, value, show, cls, sum }) {
	const values = hours.map((hour) => hour[value] ?? 0);
	const most = Math.max(...values, 0);
	const highest = most || 1;
	const about = `${title}: ${sum}, at most ${show(most)} in an hour`;
	return html`<figure class="plot"><figcaption><span>${title}</span> <strong>${sum}</strong></figcaption>
		<svg viewBox=${`0 0 ${hours.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${about} class=${cls}>
			<line x1="0" x2=${hours.length * STEP} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5}/>
			${hours.map((hour, i) => {
				const height = (values[i] / highest) * (HEIGHT - 4);
				return html`<g key=${hour.from}><rect class="hour" x=${i * STEP} width=${STEP} height=${HEIGHT}/><rect x=${i * STEP + 1} y=${HEIGHT - 1 - height} width=${STEP - 2} height=${height}/>
					<title>${`from ${localTime(hour.from).slice(11, 16)}: ${hour[value] == null ? '–' : show(hour[value])}`}</title></g>`;
			})}</svg></figure>`;
}
