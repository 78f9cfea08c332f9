// `evented-demo compare`: its flags, and what they are made into.

import { Command } from 'commander';
import { MODES, type Mode } from '../models/options.js';
import { listOf, numberedSteps, oneOf, option, pace, wholeNumber } from './option-values.js';
