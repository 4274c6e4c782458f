// The forge's other door, with a deploy key set up by hand: what git and git-lfs say there, and what is made of it.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("git over SSH with a deploy key", .timeLimit(.minutes(10)))
struct DeployKeyTests {
    @Test("refusals over SSH are called what they are", arguments: InstalledGit.all)
    func refusals(_ git: InstalledGit) async throws {
        try await withWorkplace(git) { place in
            try await withDeployKeyDoor(for: place.sandbox, lfs: place.server.url) { ssh in
                let keys = "\(place.scene.vault)/keys"
                let variables = [
                    "KEYS": keys, "SSH": ssh.url, "PIN": ssh.knownHost,
                    "OTHER_PIN": "[127.0.0.1]:\(ssh.port)",
                ]
                let made = try await place.job(
                    """
                    mkdir "$KEYS"
                    for name in reader writer stranger; do ssh-keygen -q -t ed25519 -N '' -C '' -f "$KEYS/$name"; done
                    echo "$PIN" >"$KEYS/pin"; echo "$OTHER_PIN $(cat "$KEYS/stranger.pub")" >"$KEYS/other-pin"
                    """, variables)
                #expect(made.code == 0, "\(made.everything)")
                let read = try #require(place.scene.read("\(keys)/reader.pub"))
                let write = try #require(place.scene.read("\(keys)/writer.pub"))
                try ssh.allow(read, for: ["group/app.git"])
                try ssh.allow(write, for: ["group/app.git"], canPush: true)
                let run = try await place.job(
                    """
                    use() {
                        export GIT_SSH_COMMAND="ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \\
                            -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$KEYS/$2 -o GlobalKnownHostsFile=/dev/null -i $KEYS/$1"
                    }
                    refused() {
                        if "$@" 2>"$HOME/errors"; then exit 9; fi
                        "$OUTLAST" record failure --stderr-file "$HOME/errors" --json
                    }
                    make_repository app
                    use writer pin; git push -q "$SSH/group/app.git" HEAD:main
                    use reader pin; git ls-remote "$SSH/group/app.git" >/dev/null
                    refused git push -q "$SSH/group/app.git" HEAD:other
                    refused git ls-remote "$SSH/group/other.git"
                    use stranger pin; refused git ls-remote "$SSH/group/app.git"
                    use reader other-pin; refused git ls-remote "$SSH/group/app.git"
                    """, variables)
                #expect(run.code == 0, "\(run.everything)")
                let classes = try run.output.split(separator: "\n").map {
                    try JSONValue(parsing: Array($0.utf8))["class"]?.text
                }
                #expect(classes == ["forbidden", "not_found", "publickey", "host_key"], "\(run.output)")
                try ssh.forgetKeys()
                let gone = try await place.job(
                    "! GIT_SSH_COMMAND=\"ssh -F /dev/null -o BatchMode=yes -o UserKnownHostsFile=$KEYS/pin -i $KEYS/reader\" git ls-remote \"$SSH/group/app.git\"",
                    variables)
                #expect(gone.code == 0 && gone.errors.contains("Permission denied"), "\(gone.everything)")
            }
        }
    }
}
