// The beginning of the job.
'use strict';
const { randomUUID } = require('node:crypto');
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { input, words, isOff, outlast, need } = require('./start.js');

if (isOff) process.exit(0);

let config = input('config');
if (input('config-text')) {
  config = join(process.env.RUNNER_TEMP, `outlast-${randomUUID()}.yml`);
  writeFileSync(config, input('config-text') + '\n', { mode: 0o600, flag: 'wx' });
}
if (config) {
  process.env.OUTLAST_CONFIG = config;
  appendFileSync(process.env.GITHUB_ENV, `OUTLAST_CONFIG=${config}\n`);
}

const option = (name) => (input(name) ? [`--${name}`, input(name)] : []);
const token = input('token-variable') ? ['--token-env', input('token-variable')] : [];

appendFileSync(process.env.GITHUB_STATE, 'started=true\n');
if (input('history') && existsSync(input('history'))) outlast('history', 'merge', input('history'));
need('record', 'start', ...option('leg'));
for (const name of words('mint')) need('refresh', '--credential', name);
if (!words('mint').length || words('credentials').length || token.length) {
  need(
    'preflight', ...token, '--on-insufficient', input('on-insufficient') || 'fail',
    ...words('credentials').flatMap((name) => ['--credential', name]),
    ...words('needs-scopes').flatMap((scope) => ['--needs-scope', scope]),
    ...option('duration'), ...option('margin'), ...option('min-remaining'),
  );
}
if (input('git-helper') === 'true' && (token.length || process.env.OUTLAST_CONFIG || existsSync('.outlast.yml'))) {
  need('credential', 'env', '--export', 'github', ...token);
}
for (const name of words('export')) {
  need('refresh', '--credential', name, '--if-remaining-below', '0', '--export', 'github');
}
