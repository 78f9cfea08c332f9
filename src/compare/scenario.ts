// A scenario: what the clients do to every server at the same moments, what that teaches, and how its figures read.
// Each is a file in scenarios/; they are found by looking into that folder, and nothing else names them.

import { readdirSync } from 'node:fs';
import type { Crowd } from '../clients/crowd.js';
import type { ModelName } from '../models/options.js';
import type { Claim, ModelResult } from './comparison.js';

export interface Scenario {
  /** Its place in the list: the easy ones come first. */
  readonly order: number;
  /** One sentence. */
  readonly teaches: string;
  /** A teacher asks it before the run. */
  readonly question: string;
  /** What the latencies are of, such as `quick requests`. */
  readonly measured: string;
  /** The models on which it shows most; --modes replaces them. */
  readonly modes?: readonly ModelName[];
  /** Flags of `serve` for every server. */
  readonly serve?: readonly string[];
  /** The number of connections, where --connections can change it. */
  readonly connections?: number;
  /** How long a client waits for a reply before it gives up, in milliseconds. */
  readonly patienceMs?: number;
  /** How many pauses of a paced server may come before that reply. Without it, clients wait a hundred times as long. */
  readonly pausesBeforeReply?: number;
  /** Its clients kill server processes, so that a server which ends by SIGKILL has not failed. */
  readonly kills?: true;
  /** After the story, the models one after the other at full speed. */
  readonly load?: { readonly connections: number; readonly seconds: number };
  readonly run: (run: ScenarioRun) => Promise<void>;
  /** What the figures of the models that did not fail say; that requests failed is said for every scenario. */
  readonly verdict: (models: readonly ModelResult[]) => readonly (Claim | undefined)[];
}

export interface ScenarioRun {
  /** As the scenario or --connections says. */
  readonly connections: number;
  /** Announces a step, lets the clients of every server do it at once, and resolves when all have done it. */
  readonly step: (text: string, act: (clients: Crowd) => Promise<void>) => Promise<void>;
}

/** Where neither --modes nor a scenario names any. */
export const DEFAULT_MODES: readonly ModelName[] = ['blocking', 'evented'];

/** Of the servers that a scenario is about, those that do not run. Any variant of a model stands for the plain one. */
export function missingFrom({ modes = DEFAULT_MODES }: Scenario, running: readonly ModelName[]): ModelName[] {
  const present = new Set(running.flatMap((name) => [name, name.split(':')[0]]));
  return modes.filter((name) => !present.has(name));
}

const FOLDER = new URL('./scenarios/', import.meta.url);

export function scenarioNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length));
}

export async function loadScenario(name: string): Promise<Scenario> {
  const { scenario } = (await import(new URL(`${name}.js`, FOLDER).href)) as { scenario: Scenario };
  return scenario;
}

/** All of them, in their order. */
export async function allScenarios(): Promise<{ name: string; scenario: Scenario }[]> {
  const all = await Promise.all(
    scenarioNames().map(async (name) => ({ name, scenario: await loadScenario(name) })),
  );
  return all.sort((a, b) => a.scenario.order - b.scenario.order);
}
