// A recording as a page has it in itself: of one server, or of several whose events lie on one axis of time.

import type { ClientsStep } from '../board/step-title.js';
import type { LifecycleEvent } from '../lifecycle/events.js';

export interface EmbeddedRecording {
  readonly servers: readonly {
    readonly name: string;
    readonly mode: string;
    /** In the order of time. */
    readonly events: readonly LifecycleEvent[];
  }[];
  /** The steps of its clients, in the order of time. */
  readonly marks: readonly ClientsStep[];
}
