package org.jenkinsci.plugins.workflow.steps

/** Stands for the exception by which Jenkins stops a build. */
class FlowInterruptedException extends InterruptedException {
    FlowInterruptedException(String message) { super(message) }
}
