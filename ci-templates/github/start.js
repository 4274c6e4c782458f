// Starts the program, whose outputs, summary and masks go straight to the runner's files.
'use strict';
const { spawnSync } = require('node:child_process');

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
const words = (name) => input(name).split(/\s+/).filter(Boolean);
const isOff = (process.env.OUTLAST_MODE ?? '').toLowerCase() === 'off';

/** Runs `outlast` with these arguments; its exit code, 127 when there is no such program. */
function outlast(...args) {
  const run = spawnSync(input('program') || 'outlast', args, { stdio: 'inherit' });
  if (run.error) console.log(`::error title=outlast::the program cannot be started (${run.error.code})`);
  return run.error ? 127 : (run.status ?? 1);
}

/** The same, and the step ends with its code when that is not 0. */
function need(...args) {
  const code = outlast(...args);
  if (code !== 0) process.exit(code);
}

module.exports = { input, words, isOff, outlast, need };
