// The recording that a page has in itself, as its own script unpacks it.

import { gunzipSync } from 'node:zlib';
import type { EmbeddedRecording } from '../../src/live/recording-data.js';

export function embeddedIn(html: string): EmbeddedRecording {
  const [, text] = /<script type="application\/json" id="recording">(.*?)<\/script>/.exec(html)!;
  return JSON.parse(gunzipSync(Buffer.from(JSON.parse(text!), 'base64')).toString());
}
