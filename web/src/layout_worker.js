// Lays out a large machine beside the page, which stays usable meanwhile.

import { layOut } from './layout.js';

self.onmessage = (e) => self.postMessage(layOut(e.data.graph, e.data.folded));
