// As much of Jenkins as a Jenkinsfile sees of it: the declarative blocks, `sh` as `sh -xe`, variables, bound credentials, and
// a shared library in a folder. No CPS transformation: that is Jenkins' own.
// Usage: java -cp CLASSES:GROOVY Harness LIBRARY JENKINSFILE FLAGS-OF-SH    (BIND_id: the credential's value)
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

class Jenkins {
    File library
    String flags
    List<Map<String, String>> layers = [[:]]
    Map<String, List<Closure>> ends = [:]
    def currentBuild = [currentResult: 'SUCCESS']
    Script step
    Closure work

    Map<String, String> merged() { layers.inject([:]) { all, layer -> all + layer } }

    def sh(Map options) {
        def flags = options.script.startsWith('#!') ? options.script.readLines()[0].split(' ')[1..-1] : [this.flags]
        def script = File.createTempFile('step', '.sh')
        script.text = options.script
        def command = flags.join('') == '-' ? ['sh', '-e', script.path] : ['sh', *flags, script.path]
        def builder = new ProcessBuilder(command.collect { it.toString() })
        builder.environment().keySet().removeAll { it.startsWith('BIND_') }
        builder.environment().putAll(merged())
        if (!options.returnStdout) { builder.redirectOutput(ProcessBuilder.Redirect.INHERIT) }
        builder.redirectError(ProcessBuilder.Redirect.INHERIT)
        System.out.flush()
        def process = builder.start()
        def text = options.returnStdout ? process.inputStream.text : null
        def code = process.waitFor()
        script.delete()
        if (code == 143) { throw new FlowInterruptedException('aborted') }
        if (code != 0) { throw new RuntimeException("script returned exit code ${code}") }
        return text
    }

    def sh(String script) { sh(script: script) }

    def within(Map<String, String> more, Closure body) {
        layers.add(more)
        try { return run(body) } finally { layers.remove(layers.size() - 1) }
    }

    def withEnv(List pairs, Closure body) {
        within(pairs.collectEntries { def cut = it.toString().indexOf('='); [it.substring(0, cut), it.substring(cut + 1)] }, body)
    }

    def withCredentials(List bindings, Closure body) {
        within(bindings.collectEntries { [it.variable, System.getenv('BIND_' + it.credentialsId.replace('-', '_'))] }, body)
    }

    def string(Map binding) { binding }
    String libraryResource(String name) { new File(library, "resources/${name}").text }
    def error(String message) { throw new RuntimeException(message) }
    def outlast(Map options = [:], Closure body) { step.call(options, body) }
    def getEnv() { System.getenv() + merged() }

    // The declarative blocks.
    def pipeline(Closure body) {
        def result = 'success'
        // The blocks are read first, so that `post` is known whatever a stage does.
        run(body)
        try { run(work) } catch (FlowInterruptedException stopped) { result = 'aborted' } catch (Exception failure) {
            println "ERROR: ${failure.message}"
            result = 'failure'
        }
        (ends[result] ?: []).each { run(it) }
        System.out.flush()
        if (result != 'success') { System.exit(result == 'aborted' ? 143 : 1) }
    }

    def agent(Closure body) { }
    def options(Closure body) { }
    def environment(Closure body) {
        def given = [:]
        body.delegate = given
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body.call()
        // What the machine says wins: the folders of the example are an operator's.
        layers.add(given.findAll { name, value -> System.getenv(name) == null })
    }
    def stages(Closure body) { work = body }
    def stage(String name, Closure body) { run(body) }
    def steps(Closure body) { run(body) }
    def post(Closure body) { run(body) }
    def success(Closure body) { ends['success'] = [body] }
    def failure(Closure body) { ends['failure'] = [body] }
    def aborted(Closure body) { ends['aborted'] = [body] }
    def unstable(Closure body) { }

    def run(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body.call()
    }
}

def jenkins = new Jenkins(library: new File(args[0]), flags: args[2])
// The step was compiled beside this file.
jenkins.step = Class.forName('outlast').newInstance() as Script
def file = new GroovyShell(this.class.classLoader).parse(new File(args[1]))
for (script in [jenkins.step, file]) {
    script.metaClass.methodMissing = { String name, given -> jenkins.invokeMethod(name, given) }
    script.metaClass.propertyMissing = { String name -> jenkins."$name" }
}
file.run()
