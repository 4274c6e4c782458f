// The end of the job, however it ended: its length is what the next one's estimate is learnt from.
'use strict';
const { input, isOff, outlast } = require('./start.js');

if (!isOff && process.env.STATE_started === 'true') {
  const status = { success: 'success', cancelled: 'canceled' }[input('job-status')] ?? 'failed';
  outlast('record', 'finish', '--status', status, ...(input('leg') ? ['--leg', input('leg')] : []));
  if (input('history')) outlast('history', 'pack', input('history'));
}
