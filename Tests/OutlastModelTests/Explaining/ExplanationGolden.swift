// What is said of each scene: class, confidence and whether a credential is at fault; the sentence; what to paste.

enum ExplanationGolden {
    static let text = #"""
        # a token that ended, as the preflight had said
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:00; preflight had said 'insufficient' at 22:10 and nothing was asked to be done
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a token that ended, and nobody had looked
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:00; no preflight had looked at it
        + outlast preflight --credential release  # at the job's start: ends with 10 or 11 instead of losing the night
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a token that ended though it seemed to suffice
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:00; preflight had said 'sufficient' at 22:10
        + outlast preflight --credential release --quantile 0.99 --margin 30m  # the job ran longer than was expected of it
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a token whose end nobody knew
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) had ended; preflight had said 'unknown' at 22:10: nobody could tell when the token ends
        + outlast preflight --credential release --require-known  # an end that nobody knows ends with 13
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a clock that is behind the forge's
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:05 by the forge's clock, which is 4m 10s ahead of this machine's; preflight had said 'insufficient' at 22:10 and nothing was asked to be done
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + timedatectl set-ntp true  # this machine's clock was behind the forge's
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a token that ended after its renewal was refused
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:00, and its renewal at 23:40 came to nothing: the forge says: not allowed; no preflight had looked at it
        + outlast preflight --credential release  # at the job's start: ends with 10 or 11 instead of losing the night
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a token whose end nobody knew, and whose renewal was refused
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) had ended, and its renewal at 23:40 came to nothing: the forge says: not allowed; no preflight had looked at it
        + outlast preflight --credential release  # at the job's start: ends with 10 or 11 instead of losing the night
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # rotated under a running job by another one
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was replaced at 23:40 by job nightly (run 4712) while this job ran; preflight had said 'sufficient' at 22:10
        + eval "$(outlast credential env --credential release)"  # git then asks for the current token each time, also after somebody has renewed it
        + credentials: {release: {renew: {by: operator}}}  # in the configuration: jobs no longer renew it

        # rotated before the job began
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was replaced at 2026-11-19 09:00 by job nightly (run 4712) before this job began; no preflight had looked at it
        + eval "$(outlast credential env --credential release)"  # git then asks for the current token each time, also after somebody has renewed it
        + credentials: {release: {renew: {by: operator}}}  # in the configuration: jobs no longer renew it

        # rotated by an operator
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was replaced at 23:40, outside of any job, while this job ran; preflight had said 'sufficient' at 22:10
        + eval "$(outlast credential env --credential release)"  # git then asks for the current token each time, also after somebody has renewed it
        + credentials: {release: {renew: {by: operator}}}  # in the configuration: jobs no longer renew it

        # rotated by the job itself
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was replaced at 23:40 by this job itself, and the command was given the old one; preflight had said 'sufficient' at 22:10
        + eval "$(outlast credential env --credential release)"  # git then asks for the current token each time, also after somebody has renewed it
        + credentials: {release: {renew: {by: operator}}}  # in the configuration: jobs no longer renew it

        # a refresh token that was replayed
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was used up at 23:40 by a renewal of job nightly (run 4712) that came to nothing: the server says: invalid_grant; preflight had said 'sufficient' at 22:10
        + credentials: {release: {renew: {by: operator}}}  # in the configuration, and renew it in one place alone
        + outlast secret forget --credential release --superseded  # old generations lead to the new one no more

        # a family that was revoked because an old token was sent again
        auth_revoked medium credential
        the push at 00:03 failed because token release (id 12) was revoked (known since 00:03), which no renewal of outlast did: an older token of its family was sent to be renewed once more, or somebody revoked it; preflight had said 'sufficient' at 22:10
        + credentials: {release: {renew: {by: operator}}}  # in the configuration, and renew it in one place alone
        + outlast secret forget --credential release --superseded  # old generations lead to the new one no more

        # a token that somebody revoked
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was revoked (known since 00:03); preflight had said 'sufficient' at 22:10
        + outlast history events --token aaaaaaaaaaaaaaaa  # which jobs had it, and until when it worked; the forge's audit log tells who revoked it

        # a token that the forge does not know
        auth_rejected high credential
        the push at 00:03 failed because the forge does not accept token release (id 12): it is unknown there, revoked or of another server; preflight had said 'rejected' at 22:10 and nothing was asked to be done
        + outlast preflight --credential release  # asks the forge, which tells the API more than git: expired, revoked or unknown

        # another credential was sent
        auth_rejected low not told
        the push at 00:03 failed because the forge refused what it was sent; token release (id 12) worked then, so something else was sent in its place; preflight had said 'sufficient' at 22:10
        + eval "$(outlast credential env --credential release)"  # takes stale headers and other helpers out of git's way

        # a 401 that says no cause
        auth_rejected high credential
        the push at 00:03 failed because the forge refused the token and told no cause; no preflight had looked at it
        + outlast preflight --token-env TOKEN  # asks the forge, which tells the API more than git: expired, revoked or unknown; TOKEN: the variable that holds the token

        # git had nothing to send
        auth_missing high credential
        the push at 00:03 failed because git had no credential to send; no preflight had looked at it
        + eval "$(outlast credential env --token-env TOKEN)"  # gives git the credential, whatever helpers the machine has; TOKEN: the variable that holds the token

        # a scope that is missing
        scope high credential
        the push at 00:03 failed because token release (id 12) lacks the scope that this needs (it has api, read_repository); preflight had said 'sufficient' at 22:10
        + outlast preflight --credential release --needs-scope SCOPE  # SCOPE: what this needs; says so early, and ends with 14

        # a role that forbids it
        forbidden high not told
        the push at 00:03 failed because token release (id 12) may not do this there: a role, a branch's rule or the project's settings forbid it
        + outlast preflight --credential release  # says before the work begins whether the forge accepts the token at all

        # a project that is not there
        not_found high not told
        the clone at 00:03 failed because there is no such project for token release (id 12): it is not there, or the token's owner is no member of it
        + outlast preflight --credential release  # says before the work begins whether the forge accepts the token at all

        # an address that is banned
        ip_banned high no credential
        the push at 00:03 failed because the forge has banned this machine's address after too many refused logins (1 told by this job, the last at 00:01); no credential was at fault
        + outlast preflight --token-env TOKEN  # one harmless question to the API, which counts towards no ban; git's refused logins do; TOKEN: the variable that holds the token
        + outlast history events --status doubted  # finds who was refused before the ban

        # a rate limit
        rate_limited high no credential
        the push at 00:03 failed because the forge asked this machine to slow down; no credential was at fault
        + sleep 60  # wait before the next attempt; the forge said how long in its answer

        # a key that was denied
        publickey high credential
        the push at 00:03 failed because the server did not accept the SSH key
        + GIT_SSH_COMMAND='ssh -o BatchMode=yes' git ls-remote origin  # at the job's start: fails at once

        # another host key
        host_key high no credential
        the push at 00:03 failed because the server's host key is not the one that is pinned (Host key verification failed.); no credential was at fault
        + ssh-keygen -l -f known_hosts  # compare with the fingerprints that the forge publishes, then pin the new key

        # a disk that is full
        local high no credential
        the clone at 00:03 failed because there was no space left on this machine's disk (error: file write error: No space left on device); no credential was at fault
        + test "$(df -Pm . | awk 'NR == 2 { print $4 }')" -gt 2048  # at the job's start: stops below 2 GB of room

        # a name that does not resolve
        dns high no credential
        the fetch at 00:03 failed because the forge's name could not be resolved (fatal: unable to access 'https://gitlab.example.com/': Could not resolve host: gitlab.example.com); no credential was at fault
        + for n in 1 2 3; do git fetch && break; sleep 30; done  # a repeated attempt often finds it mended

        # a certificate
        tls high no credential
        the push at 00:03 failed because the server's certificate was not accepted, or TLS failed in another way; no credential was at fault
        + git -c http.sslCAInfo=CA.pem ls-remote origin  # CA.pem: the authority that signs the forge's certificate

        # a proxy
        proxy high no credential
        the push at 00:03 failed because the proxy did not let it through; no credential was at fault
        + export NO_PROXY=HOST  # HOST: the forge's, where it is reached without the proxy

        # a broken connection
        network high no credential
        the push at 00:03 failed because the connection to the forge failed; no credential was at fault
        + for n in 1 2 3; do git fetch && break; sleep 30; done  # a repeated attempt often finds it mended

        # the forge itself
        server high no credential
        the push at 00:03 failed because the forge answered with an error of its own; no credential was at fault
        + for n in 1 2 3; do git fetch && break; sleep 30; done  # a repeated attempt often finds it mended

        # a push that is too large
        size high no credential
        the push at 00:03 failed because what was pushed is larger than the forge takes; no credential was at fault
        + git lfs track '*.bin'  # or raise the limit of the project

        # a branch that moved on
        non_fast_forward high no credential
        the push at 00:03 failed because the branch had moved on: what was pushed does not contain its newest commit; no credential was at fault
        + git pull --rebase && git push  # for a branch that others push to as well

        # a hook
        hook_declined high no credential
        the push at 00:03 failed because a hook of the forge declined what was pushed; no credential was at fault

        # words that nobody knows
        unknown low not told
        the command at 00:03 failed because of a cause that its output does not name (fatal: odd)
        + git push 2>err || { outlast record failure --stderr-file err; exit 1; }  # keeps what the next explanation needs

        # not a word was told, and the token lived
        unknown low not told
        job release (run 4711) failed, and nothing told why: no credential of it is known to have ended, been replaced or refused by then
        + git push 2>err || { outlast record failure --stderr-file err; exit 1; }  # keeps what the next explanation needs

        # not a word was told, and the token had ended
        auth_expired low not told
        job release (run 4711) failed, and nothing told why; but token release (id 12) ended at 00:00, before that; preflight had said 'insufficient' at 22:10 and nothing was asked to be done
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # stopped by its own preflight
        auth_expired medium credential
        job release (run 4711) was stopped at 22:10:00 by its preflight, which said 'expired': release: ended 2h ago
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a preflight that only warned, and a job that went on
        auth_expired low not told
        job release (run 4711) failed, and nothing told why; but token release (id 12) ended at 22:10:02, before that; preflight had said 'insufficient' at 22:10:00 and nothing was asked to be done
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # a helper that had nothing to give
        auth_expired high credential
        the git push at 00:03 failed because token release (id 12) ended at 00:00, and its renewal at 00:02 came to nothing: the forge says: not allowed; preflight had said 'insufficient' at 22:10 and nothing was asked to be done
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # another helper that had nothing to give
        local high no credential
        the push at 00:03 failed because of something on this machine itself (fatal: credential helper 'x' told us to quit); no credential was at fault

        # a living token that git saw refused
        forbidden medium not told
        git's request to gitlab.example.com/group/app.git at 00:02 failed because token release (id 12) may not do this there, though its forge accepts it: a role, a branch's rule or the project's settings forbid it
        + git ls-remote origin  # at the job's start: fails at once where the token may not go

        # a 401 of a token that git saw refused before, and that lived
        forbidden medium not told
        the fetch to gitlab.example.com/group/app.git at 00:03 failed because token release (id 12) may not do this there, though its forge accepts it: a role, a branch's rule or the project's settings forbid it
        + git ls-remote origin  # at the job's start: fails at once where the token may not go

        # a living token that git saw refused for its scopes
        scope medium credential
        git's request to gitlab.example.com/group/app.git at 00:02 failed because token release (id 12) lacks the scope that this needs (it has api, read_repository); preflight had said 'sufficient' at 22:10
        + outlast preflight --credential release --needs-scope SCOPE  # SCOPE: what this needs; says so early, and ends with 14

        # a refusal that only git's helper heard of
        auth_rejected medium credential
        git's request to gitlab.example.com/group/app.git at 00:02 failed because the forge refused token release (id 12) and told no cause; preflight had said 'sufficient' at 22:10
        + outlast preflight --credential release  # asks the forge, which tells the API more than git: expired, revoked or unknown

        # a refusal that only git's helper heard of, of a token that the forge then called revoked
        auth_revoked medium credential
        git's request to gitlab.example.com/group/app.git at 00:02 failed because token release (id 12) was revoked (known since 00:03); preflight had said 'sufficient' at 22:10
        + outlast history events --token aaaaaaaaaaaaaaaa  # which jobs had it, and until when it worked; the forge's audit log tells who revoked it

        # a refusal that only git's helper heard of, of a token that the forge then accepted
        forbidden medium not told
        git's request to gitlab.example.com/group/app.git at 00:02 failed because token release (id 12) may not do this there, though its forge accepts it: a role, a branch's rule or the project's settings forbid it
        + git ls-remote origin  # at the job's start: fails at once where the token may not go

        # a refusal after which git got a token that it did not give back
        unknown low not told
        job release (run 4711) failed, and nothing told why: no credential of it is known to have ended, been replaced or refused by then
        + git push 2>err || { outlast record failure --stderr-file err; exit 1; }  # keeps what the next explanation needs

        # stopped by its own preflight, hours before the end
        auth_expired medium credential
        job release (run 4711) was stopped at 22:10:00 by its preflight, which said 'insufficient': release: 1h 50m left of 3h needed; token release (id 12) lived, and would have ended at 00:00:00
        + outlast preflight --credential release --on-insufficient refresh  # renews before the work begins
        + outlast refresh --credential release --if-remaining-below 2d  # in a scheduled job, before any other meets it
        + credentials: {release: {renew: {method: scripted-rotate}}}  # in the configuration, so that it can be renewed

        # stopped by its own preflight, with a token that nobody can renew
        auth_expired medium credential
        job release (run 4711) was stopped at 22:10:00 by its preflight, which said 'insufficient'; token release (id 12) lived, and would have ended at 00:00:00
        + outlast preflight --credential release --on-insufficient ssh-fallback  # goes on over SSH, where a key is configured

        # a token of two hours that ended, and that nobody had renewed
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:00; preflight had said 'insufficient' at 22:10 and nothing was asked to be done
        + credentials: {release: {renew: {method: oauth2}}}  # in the configuration, so that it can be renewed
        + outlast exec --credential release -- COMMAND  # COMMAND: the work; renews before it, and once more when the forge refuses the token
        + eval "$(outlast credential env --credential release)"  # git then gets a living token each time, renewed where too little is left

        # a token of two hours that ended though it had been renewed
        auth_expired high credential
        the push at 00:03 failed because token release (id 12) ended at 00:00; preflight had said 'sufficient' at 22:10
        + outlast preflight --credential release --quantile 0.99 --margin 30m  # the job ran longer than was expected of it
        + outlast exec --credential release -- COMMAND  # COMMAND: the work; renews before it, and once more when the forge refuses the token
        + eval "$(outlast credential env --credential release)"  # git then gets a living token each time, renewed where too little is left

        # a token of two hours that somebody revoked
        auth_revoked high credential
        the push at 00:03 failed because token release (id 12) was revoked (known since 00:03); preflight had said 'sufficient' at 22:10
        + credentials: {release: {renew: {method: oauth2}}}  # in the configuration, so that it can be renewed
        + outlast exec --credential release -- COMMAND  # COMMAND: the work; renews before it, and once more when the forge refuses the token
        + eval "$(outlast credential env --credential release)"  # git then gets a living token each time, renewed where too little is left
        + outlast history events --token aaaaaaaaaaaaaaaa  # which jobs had it, and until when it worked; the forge's audit log tells who revoked it

        # a job that went well
        none high no credential
        job release (run 4711) succeeded

        # a job that went well because of a renewal
        none high no credential
        job release (run 4711) succeeded; token release (id 12), which ended at 00:00, was renewed at 23:55

        # a job that went well while another one renewed
        none high no credential
        job release (run 4711) succeeded

        # a job that still runs
        none high no credential
        job release (run 4711) has not ended, and nothing was told to have failed in it

        # a job that never said how it ended
        unknown low not told
        job release (run 4711) never said how it ended, and nothing told why: no credential of it is known to have ended, been replaced or refused by then
        + git push 2>err || { outlast record failure --stderr-file err; exit 1; }  # keeps what the next explanation needs

        # a job that was cancelled
        none high no credential
        job release (run 4711) was cancelled, and nothing was told to have failed in it

        # a server's log that tells of it
        auth_revoked high credential
        the command at 00:03 failed because token release (id 12) was revoked; no preflight had looked at it
        + outlast preflight --credential release  # says so before the work begins, and ends with 12
        """#
}
