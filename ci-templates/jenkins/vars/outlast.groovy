// outlast: does every credential outlast this build? A step of a shared library that wraps the work:
//
//     outlast(onInsufficient: 'refresh') { sh 'make release' }
//
// Options, all of them optional: program, config, state, onInsufficient, credentials, tokenVariable (with forge and
// apiUrl: Jenkins does not tell them), duration, margin, minRemaining, needsScopes (names and scopes are lists), gitHelper (true unless false).
// Tokens and the key come from `withCredentials` around it. Values reach the shell as variables only, never as text of a script.

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

def call(Map options = [:], Closure work) {
    if (env.OUTLAST_MODE == 'off') {
        return work()
    }
    withEnv(variables(options)) {
        String status = 'failed'
        try {
            sh label: 'outlast: does every credential outlast this build?', script: libraryResource('outlast/begin.sh')
            def git = sh(label: 'outlast: settings of git', returnStdout: true, script: libraryResource('outlast/git.sh'))
            def result
            withEnv(git.readLines().findAll { it.contains('=') }) {
                result = work()
            }
            status = currentBuild.currentResult == 'FAILURE' ? 'failed' : 'success'
            return result
        } catch (FlowInterruptedException stopped) {
            status = 'canceled'
            throw stopped
        } finally {
            withEnv(["OUTLAST_BUILD_STATUS=${status}".toString()]) {
                sh label: 'outlast: how it ended', script: libraryResource('outlast/end.sh')
            }
        }
    }
}

private List<String> variables(Map options) {
    def names = [
        program: 'OUTLAST_PROGRAM', config: 'OUTLAST_CONFIG', state: 'OUTLAST_STATE',
        onInsufficient: 'OUTLAST_ON_INSUFFICIENT', credentials: 'OUTLAST_CREDENTIALS',
        tokenVariable: 'OUTLAST_TOKEN_VARIABLE', forge: 'OUTLAST_FORGE', apiUrl: 'OUTLAST_API_URL', duration: 'OUTLAST_DURATION', margin: 'OUTLAST_MARGIN',
        minRemaining: 'OUTLAST_MIN_REMAINING', needsScopes: 'OUTLAST_NEEDS_SCOPES', gitHelper: 'OUTLAST_GIT_HELPER',
    ]
    def unknown = options.keySet() - names.keySet()
    if (unknown) {
        error "outlast: unknown option ${unknown.join(', ')}; there are ${names.keySet().join(', ')}"
    }
    List<String> pairs = []
    for (option in options) {
        def value = option.value instanceof List ? option.value.join(' ') : option.value.toString()
        pairs.add(names[option.key] + '=' + value)
    }
    return pairs
}
