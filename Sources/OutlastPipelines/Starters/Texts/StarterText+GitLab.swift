// The templates of ci-templates, word for word. Made by Tests/tools/embed-templates.py: change them there.

extension StarterText {
    /// ci-templates/gitlab/outlast.yml
    static let gitlabOutlast = #"""
        # outlast: does every credential outlast this job? A plain include; your jobs `extends: .outlast` and set the variables
        # below as they need them. Made from the component, templates/outlast/template.yml.
        .outlast:
          variables:
            # The program, by path or by name. It must be in the job's image or on the runner.
            OUTLAST_PROGRAM: "outlast"
            # What to do about a credential that does not outlast the job. One of: fail, warn, refresh, ssh-fallback, auto.
            OUTLAST_ON_INSUFFICIENT: "fail"
            # Names of credentials of the configuration, between blanks. Empty - all of them.
            OUTLAST_CREDENTIALS: ""
            # A variable that holds a token. The simple case, without any configuration.
            OUTLAST_TOKEN_VARIABLE: ""
            # How long the job takes, such as 2h30m. Empty - learnt from the job's own runs.
            OUTLAST_DURATION: ""
            # Reserve on top, such as 10m. Empty - the configuration's, else 5m.
            OUTLAST_MARGIN: ""
            # Ask for this much remaining life instead of any estimate. Empty - estimate.
            OUTLAST_MIN_REMAINING: ""
            # Scopes that each token must have, between blanks.
            OUTLAST_NEEDS_SCOPES: ""
            # Let git take its tokens from outlast, renewed where that is allowed. One of: true, false.
            OUTLAST_GIT_HELPER: "true"
            # Credentials whose current token is put into the job's variables, between blanks. Needs the key.
            OUTLAST_EXPORT: ""
            # File for the figures (OUTLAST_DECISION and others), for artifacts:reports:dotenv.
            OUTLAST_DOTENV: ""
            # File that history is taken from and put into for a cache, where no volume keeps a state. It holds no secret.
            OUTLAST_HISTORY: ""
          before_script:
            - |
              # outlast: does every credential outlast this job?
              if [ "${OUTLAST_MODE:-enforce}" != off ]; then
                command -v "${OUTLAST_PROGRAM:=outlast}" >/dev/null || {
                  echo "outlast: the program $OUTLAST_PROGRAM is not in this job's image (OUTLAST_MODE=off goes on without)" >&2
                  exit 127
                }
                # Says to the after_script that the job was guarded; beside the working tree, where nobody commits it.
                mkdir -p "${RUNNER_TEMP_PROJECT_DIR:-$CI_PROJECT_DIR.tmp}/outlast-$CI_JOB_ID"
                if [ -n "${OUTLAST_HISTORY:-}" ] && [ -e "$OUTLAST_HISTORY" ]; then
                  "$OUTLAST_PROGRAM" history merge "$OUTLAST_HISTORY" || echo "outlast: goes on without $OUTLAST_HISTORY" >&2
                fi
                "$OUTLAST_PROGRAM" record start
                (
                  set -- preflight --on-insufficient "${OUTLAST_ON_INSUFFICIENT:-fail}"
                  [ -z "${OUTLAST_TOKEN_VARIABLE:-}" ] || set -- "$@" --token-env "$OUTLAST_TOKEN_VARIABLE"
                  for name in ${OUTLAST_CREDENTIALS:-}; do set -- "$@" --credential "$name"; done
                  for scope in ${OUTLAST_NEEDS_SCOPES:-}; do set -- "$@" --needs-scope "$scope"; done
                  [ -z "${OUTLAST_DURATION:-}" ] || set -- "$@" --duration "$OUTLAST_DURATION"
                  [ -z "${OUTLAST_MARGIN:-}" ] || set -- "$@" --margin "$OUTLAST_MARGIN"
                  [ -z "${OUTLAST_MIN_REMAINING:-}" ] || set -- "$@" --min-remaining "$OUTLAST_MIN_REMAINING"
                  [ -z "${OUTLAST_DOTENV:-}" ] || set -- "$@" --dotenv "$OUTLAST_DOTENV"
                  exec "$OUTLAST_PROGRAM" "$@"
                )
              fi
            - |
              # outlast: git takes its tokens from here, and what is asked for goes into the job's variables
              if [ "${OUTLAST_MODE:-enforce}" != off ]; then
                if [ "${OUTLAST_GIT_HELPER:-true}" != false ]; then
                  if [ -n "${OUTLAST_TOKEN_VARIABLE:-}" ]; then
                    eval "$("$OUTLAST_PROGRAM" credential env --token-env "$OUTLAST_TOKEN_VARIABLE")"
                  elif [ -n "${OUTLAST_CONFIG:-}" ] || [ -e .outlast.yml ]; then
                    eval "$("$OUTLAST_PROGRAM" credential env)"
                  fi
                fi
                for outlast_name in ${OUTLAST_EXPORT:-}; do
                  eval "$("$OUTLAST_PROGRAM" refresh --credential "$outlast_name" --if-remaining-below 0 --export shell)"
                done
              fi
          after_script:
            - |
              # outlast: how long it took, and how it ended
              if [ "${OUTLAST_MODE:-enforce}" != off ]; then
                rmdir "${RUNNER_TEMP_PROJECT_DIR:-$CI_PROJECT_DIR.tmp}/outlast-$CI_JOB_ID" 2>/dev/null ||
                  [ "${CI_JOB_STATUS:-}" = canceled ] || {
                  printf '\n\033[1;31m%s\033[0m\n' '===== outlast: THIS JOB RAN UNGUARDED ====='
                  echo "A before_script of its own took the place of the template's: no credential was judged, and git"
                  echo "took its tokens from somewhere else. Begin it with the template's own lines:"
                  printf '    before_script:\n      - !reference [%s, before_script]\n\n' ".outlast"
                } >&2
                "${OUTLAST_PROGRAM:-outlast}" record finish
                [ -z "${OUTLAST_HISTORY:-}" ] || "${OUTLAST_PROGRAM:-outlast}" history pack "$OUTLAST_HISTORY"
              fi

        # For runners without a volume: what is learnt from a job goes into GitLab's cache as a pack of its history, never the
        # state itself. The key has no branch in it: all of them learn from each other.
        .outlast-history:
          extends: .outlast
          variables:
            OUTLAST_HISTORY: .outlast-history.db
          cache:
            key: outlast-history-$CI_JOB_NAME_SLUG
            paths: [.outlast-history.db]
            when: always

        """#

    /// ci-templates/gitlab/examples/rotate.yml
    static let gitlabRotate = #"""
        # Rotates a token on a schedule and publishes it, so that no build has to: `renew: {by: operator}` in the configuration.
        # Make a pipeline schedule (weekly) with the variable OUTLAST_ROTATE=release. Every job that is started afterwards gets the
        # new token from the CI variable; jobs that are running get it from the state, where they share one. On runners without a
        # volume the variable must be there and hold the token: that is what shows that nobody else has rotated it meanwhile.
        #
        # OUTLAST_CONFIG, a protected variable of type File:
        #   version: 1
        #   credentials:
        #     release:
        #       forge: gitlab
        #       api_url: https://gitlab.example.com/api/v4
        #       token: {env: RELEASE_TOKEN}
        #       min_remaining: 10d            # more than the schedule's interval
        #       renew: {method: gitlab-rotate, by: operator, lifetime: 30d}
        #       publish:
        #         - gitlab-variable: {project: group/app, key: RELEASE_TOKEN}
        rotate-release-token:
          rules:
            - if: $CI_PIPELINE_SOURCE == "schedule" && $OUTLAST_ROTATE == "release"
          resource_group: outlast-rotate-release      # one at a time, also when a schedule is played by hand
          interruptible: false                        # a renewal that has begun must end
          timeout: 15m
          script:
            - outlast record start
            - outlast refresh --credential release
          after_script:
            - outlast record finish

        """#
}
