// The templates of ci-templates, word for word. Made by Tests/tools/embed-templates.py: change them there.

extension StarterText {
    /// ci-templates/github/action.yml
    static let githubAction = #"""
        name: outlast
        description: Does every credential outlast this job? Judges them at the start, renews what may be renewed, and gives git the current token.
        inputs:
          program:
            description: The program, by path or by name. It must be on the runner.
            default: outlast
          config:
            description: The configuration file, from outside of the working tree. Empty - OUTLAST_CONFIG, else none.
            default: ""
          config-text:
            description: The configuration itself, such as a variable of the repository. It names secrets and holds none.
            default: ""
          on-insufficient:
            description: What to do about a credential that does not outlast the job - fail, warn, refresh, ssh-fallback or auto.
            default: fail
          credentials:
            description: Names of credentials of the configuration, between blanks. Empty - all of them.
            default: ""
          mint:
            description: Credentials that the job begins without, such as an App's. A token is made at once, which proves that it can be.
            default: ""
          token-variable:
            description: An environment variable that holds a token. The simple case, without any configuration.
            default: ""
          duration:
            description: How long the job takes, such as 2h30m. Empty - learnt from the job's own runs.
            default: ""
          margin:
            description: Reserve on top, such as 10m.
            default: ""
          min-remaining:
            description: Ask for this much remaining life instead of any estimate.
            default: ""
          needs-scopes:
            description: Scopes that each token must have, between blanks.
            default: ""
          git-helper:
            description: Let git take its tokens from outlast in all later steps, renewed where that is allowed.
            default: "true"
          export:
            description: Credentials whose current token is put into the environment of later steps, masked. Needs the key.
            default: ""
          history:
            description: File that history is taken from at the beginning and put into at the end, for actions/cache. It holds no secret.
            default: ""
          leg:
            description: The leg of a matrix, as a series of its own.
            default: ""
          job-status:
            description: Not to be set. It is read again when the job ends.
            default: ${{ job.status }}
        outputs:
          decision:
            description: sufficient, insufficient, expired, rejected, insufficient_scope or unknown.
          remaining_s:
            description: Seconds that the weakest credential still lives.
          needed_s:
            description: Seconds that the job still needs.
          expires_at:
            description: The end of the weakest credential.
        runs:
          using: node24
          main: main.js
          post: post.js
          post-if: always()

        """#

    /// ci-templates/github/start.js
    static let githubStart = #"""
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

        """#

    /// ci-templates/github/main.js
    static let githubMain = #"""
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

        """#

    /// ci-templates/github/post.js
    static let githubPost = #"""
        // The end of the job, however it ended: its length is what the next one's estimate is learnt from.
        'use strict';
        const { input, isOff, outlast } = require('./start.js');

        if (!isOff && process.env.STATE_started === 'true') {
          const status = { success: 'success', cancelled: 'canceled' }[input('job-status')] ?? 'failed';
          outlast('record', 'finish', '--status', status, ...(input('leg') ? ['--leg', input('leg')] : []));
          if (input('history')) outlast('history', 'pack', input('history'));
        }

        """#
}
