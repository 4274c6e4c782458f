// The templates of ci-templates, word for word. Made by Tests/tools/embed-templates.py: change them there.

extension StarterText {
    /// ci-templates/jenkins/examples/Jenkinsfile.plain
    static let jenkinsPlain = #"""
        // The same without any library: one shell step, in which git's settings and the variables live as long as the work.
        pipeline {
            agent { label 'linux' }
            options {
                timeout(time: 6, unit: 'HOURS')
                disableConcurrentBuilds()
            }
            environment {
                OUTLAST_CONFIG = '/etc/outlast/config.yml'
                OUTLAST_STATE = '/var/lib/outlast/state.db'
            }
            stages {
                stage('Release') {
                    steps {
                        withCredentials([
                            string(credentialsId: 'release-token', variable: 'RELEASE_TOKEN'),
                            string(credentialsId: 'release-refresh', variable: 'RELEASE_REFRESH'),
                            string(credentialsId: 'release-secret', variable: 'RELEASE_SECRET'),
                            string(credentialsId: 'outlast-key', variable: 'OUTLAST_KEY'),
                        ]) {
                            sh '''
                                outlast record start
                                outlast preflight --duration 90m --on-insufficient refresh
                                eval "$(outlast credential env)"
                                make release
                                outlast exec -- git push "$GIT_URL" HEAD:refs/heads/release
                            '''
                        }
                    }
                }
            }
            post {
                success { sh 'outlast record finish --status success' }
                aborted { sh 'outlast record finish --status canceled' }
                failure { sh 'outlast record finish --status failed' }
                unstable { sh 'outlast record finish --status success' }
            }
        }

        """#

    /// ci-templates/azure/azure-pipelines.yml
    static let azure = #"""
        # Azure Pipelines: a build that may outlast its token. Each step is a shell of its own, and secrets reach it by its `env` only:
        # so what needs a token is run by `outlast exec`, in a step that has them. A step with more git than that begins with
        # eval "$(outlast credential env)" instead.
        #
        # Variables of the pipeline: OUTLAST_CONFIG and OUTLAST_STATE (paths on the agent), secret ones RELEASE_TOKEN,
        # RELEASE_REFRESH, RELEASE_SECRET and OUTLAST_KEY; REMOTE is where the result is pushed.
        trigger:
          branches:
            include: [main]

        pool:
          name: linux

        jobs:
          - job: release
            timeoutInMinutes: "360"
            steps:
              - checkout: self
                persistCredentials: "false"
              - bash: |
                  set -e
                  outlast record start
                  outlast preflight --duration 90m --on-insufficient refresh
                displayName: "outlast: does every credential outlast this job?"
                env:
                  RELEASE_TOKEN: $(RELEASE_TOKEN)
                  RELEASE_REFRESH: $(RELEASE_REFRESH)
                  RELEASE_SECRET: $(RELEASE_SECRET)
                  OUTLAST_KEY: $(OUTLAST_KEY)
              - bash: make release
                displayName: Build
              - bash: outlast exec -- git push "$REMOTE" HEAD:refs/heads/release
                displayName: Push
                env:
                  RELEASE_TOKEN: $(RELEASE_TOKEN)
                  RELEASE_REFRESH: $(RELEASE_REFRESH)
                  RELEASE_SECRET: $(RELEASE_SECRET)
                  OUTLAST_KEY: $(OUTLAST_KEY)
              - bash: |
                  case $AGENT_JOBSTATUS in
                    Succeeded | SucceededWithIssues) status=success ;;
                    Canceled) status=canceled ;;
                    *) status=failed ;;
                  esac
                  outlast record finish --status "$status"
                displayName: "outlast: how it ended"
                condition: always()

        """#

    /// ci-templates/circleci/config.yml
    static let circleci = #"""
        # CircleCI: a build that may outlast its token. Every step's shell reads $BASH_ENV first, so one line there makes outlast git's
        # credential helper in all that follow; the push runs below `outlast exec`, which keeps how it went. The state lies on a
        # self-hosted runner; elsewhere each job begins without one.
        #
        # Context `release`: OUTLAST_CONFIG, OUTLAST_STATE, OUTLAST_KEY, RELEASE_TOKEN, RELEASE_REFRESH, RELEASE_SECRET, and REMOTE,
        # where the result is pushed.
        version: 2.1
        jobs:
          release:
            machine: true
            resource_class: owner/linux
            steps:
              - checkout
              - run:
                  name: "outlast: does every credential outlast this job?"
                  command: |
                    outlast record start
                    outlast preflight --duration 90m --on-insufficient refresh
                    echo 'eval "$(outlast credential env)"' >>"$BASH_ENV"
              - run:
                  name: Build
                  command: make release
                  no_output_timeout: 2h
              - run:
                  name: Push
                  command: outlast exec -- git push "$REMOTE" HEAD:refs/heads/release
              - run:
                  name: "outlast: it succeeded"
                  command: outlast record finish --status success
                  when: on_success
              - run:
                  name: "outlast: it failed"
                  command: outlast record finish --status failed
                  when: on_fail
        workflows:
          release:
            jobs:
              - release:
                  context: release

        """#

    /// ci-templates/bitbucket/bitbucket-pipelines.yml
    static let bitbucket = #"""
        # Bitbucket Pipelines: a build that may outlast its token. One shell runs the whole script; `after-script` is another one and
        # knows from BITBUCKET_EXIT_CODE how the step has ended. No variable tells a step's name: --job gives it one.
        #
        # Variables of the deployment `release`: OUTLAST_CONFIG and OUTLAST_STATE (paths on the self-hosted runner), secured ones
        # OUTLAST_KEY, RELEASE_TOKEN, RELEASE_REFRESH and RELEASE_SECRET; REMOTE is where the result is pushed.
        pipelines:
          branches:
            main:
              - step:
                  name: Release
                  deployment: release
                  runs-on:
                    - self.hosted
                    - linux.shell
                  max-time: 120
                  script:
                    - outlast record start --job release
                    - outlast preflight --duration 90m --on-insufficient refresh
                    - eval "$(outlast credential env)"
                    - make release
                    - outlast exec -- git push "$REMOTE" HEAD:refs/heads/release
                  after-script:
                    - outlast record finish --job release

        """#

    /// ci-templates/buildkite/hooks/pre-command
    static let buildkitePreCommand = #"""
        #!/bin/bash
        # Sourced by the agent before the command: does every credential outlast this job? What is exported here reaches the command.
        if [ "${OUTLAST_MODE:-enforce}" != off ]; then
            outlast record start || return
            outlast preflight ${OUTLAST_DURATION:+--duration "$OUTLAST_DURATION"} \
                --on-insufficient "${OUTLAST_ON_INSUFFICIENT:-fail}" || return
            eval "$(outlast credential env)" || return
        fi

        """#

    /// ci-templates/buildkite/hooks/pre-exit
    static let buildkitePreExit = #"""
        #!/bin/bash
        # Runs when the job ends, however it ended; BUILDKITE_COMMAND_EXIT_STATUS says how.
        if [ "${OUTLAST_MODE:-enforce}" != off ]; then
            outlast record finish
        fi

        """#
}
