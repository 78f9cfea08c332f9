// A recording as a page has it in itself.

import type { LifecycleEvent } from '../lifecycle/events.js';

export interface EmbeddedRecording {
  readonly name: string;
  readonly mode: string;
  readonly events: readonly LifecycleEvent[];
}
