// `exec` as the command's place: streams, codes, signals, descriptors, the environment, and the modes.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("exec: the command has everything it would have without outlast", .timeLimit(.minutes(5)))
struct ExecCommandTests {
    @Test("it ends with the command's own code, with 126 and 127 as shells do, and with 125 for failures of its own")
    func codes() async throws {
        try await withScene { scene in
            let lines = [
                ("exec -- sh -c 'exit 0'", 0), ("exec -- sh -c 'exit 64'", 64), ("exec -- sh -c 'kill -15 $$'", 143),
                ("exec -- no-such-program", 127), ("exec -- ./data", 126), ("exec -- /", 126), ("exec", 125),
                ("exec sh", 125), ("exec --", 125), ("exec --attempts 0 -- true", 125), ("exec --json -- true", 125),
                ("exec --credential none -- true", 125), ("exec --config no-file -- true", 125),
                ("exec --nonsense -- true", 125), ("exec --keep-env a-b -- true", 125), ("exec --help", 0),
                ("exec -- sh -c '[ \"$1\" = --json ]' sh --json", 0), ("exec -- ./script", 5),
            ]
            try scene.write("not a program", to: "data")
            try scene.write("exit 5\n", to: "script")
            let script = lines.map { "\"$OUTLAST\" \($0.0) >/dev/null 2>>errors; echo \"$?\"" }.joined(separator: "\n")
            let run = try await scene.shell("chmod +x script; set +e\n" + script)
            #expect(run.output.split(separator: "\n").map { Int($0) } == lines.map { $0.1 }, "\(run.everything)")
            let errors = scene.read("errors") ?? ""
            #expect(errors.contains("(code 64)") && errors.contains("(code 78)"), "\(errors)")
        }
    }

    @Test("streams go through untouched: bytes of any kind, in any number, and stdin")
    func streams() async throws {
        try await withScene { scene in
            let run = try await scene.shell(
                """
                head -c 5000000 /dev/urandom >bytes
                "$OUTLAST" exec -- cat <bytes >out; cmp bytes out
                "$OUTLAST" exec -- sh -c 'cat >&2' <bytes 2>err; cmp bytes err
                "$OUTLAST" exec --attempts 1 -- sh -c 'cat >&2' <bytes 2>err; cmp bytes err
                "$OUTLAST" exec -- diff bytes out
                printf 'a\\377b' | "$OUTLAST" exec -- od -An -tx1
                "$OUTLAST" exec -- printf '%s' "$(printf 'a\\377b')" | od -An -tx1
                X="$(printf 'a\\377b')" "$OUTLAST" exec -- printenv X | od -An -tx1
                "$OUTLAST" exec -- sh -c 'yes | head -n 1'
                """)
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.output == " 61 ff 62\n 61 ff 62\n 61 ff 62 0a\ny\n", "\(run.output)")
        }
    }

    @Test("descriptors, ignored signals and the process group are the command's; none of ours are")
    func descriptors() async throws {
        try await withScene { scene in
            let run = try await scene.shell(
                """
                exec 7<"$0"; ls /proc/self/fd | sort >plain; "$OUTLAST" exec -- ls /proc/self/fd | sort >wrapped
                cmp plain wrapped
                bash -c '"$OUTLAST" exec -- diff <(echo a) <(echo a)'
                trap '' HUP; grep SigIgn /proc/self/status >plain; "$OUTLAST" exec -- grep SigIgn /proc/self/status >wrapped
                cmp plain wrapped; grep SigBlk /proc/self/status >plain
                "$OUTLAST" exec -- grep SigBlk /proc/self/status >wrapped; cmp plain wrapped
                sh -c 'trap "" CHLD; "$OUTLAST" exec -- sh -c "exit 3"' || test $? = 3
                ulimit -c; "$OUTLAST" exec -- sh -c 'ulimit -c'
                "$OUTLAST" exec -- sh -c 'test -r /proc/self/environ && cat /proc/self/environ >/dev/null'
                printf 'all:\\n\\t+"$(OUTLAST)" exec -- $(MAKE) -f inner\\n' >Makefile
                printf 'all: a b\\na b:\\n\\t@echo $@\\n' >inner; make -s -j2 2>&1 | sort
                """)
            #expect(run.code == 0, "\(run.everything)")
            let lines = run.output.split(separator: "\n")
            #expect(lines.count >= 2 && lines[0] == lines[1], "\(run.output)")
            #expect(!run.everything.contains("jobserver unavailable"), "\(run.everything)")
        }
    }

    @Test("signals that are sent to it reach the command, and its answer is the command's")
    func signals() async throws {
        try await withScene { scene in
            for (signal, more) in [("TERM", ""), ("USR1", ""), ("HUP", "--attempts 1"), ("USR2", "")] {
                let run = try await scene.shell(
                    """
                    rm -f ready
                    "$OUTLAST" exec \(more) -- sh -c 'trap "exit 42" \(signal); : >ready; while :; do sleep 0.1; done' &
                    while [ ! -e ready ]; do sleep 0.1; done
                    kill -\(signal) $!; wait $! || echo "ended $?"
                    """)
                #expect(run.output == "ended 42\n", "\(signal): \(run.everything)")
            }
            let killed = try await scene.shell(
                """
                "$OUTLAST" exec -- sh -c ': >up; exec sleep 300' & while [ ! -e up ]; do sleep 0.1; done
                kill -TERM $!; wait $! || echo "ended $?"
                """)
            #expect(killed.output == "ended 143\n", "\(killed.everything)")
        }
    }

    @Test("what a command leaves behind with its stderr does not keep it")
    func leftBehind() async throws {
        try await withScene { scene in
            let run = try await scene.shell(
                """
                "$OUTLAST" exec -- sh -c '(sleep 200 >/dev/null) & echo $! >number; exit 3' || echo "ended $?"
                kill "$(cat number)"
                """)
            #expect(run.output == "ended 3\n" && run.took < .seconds(150), "\(run.everything)")
        }
    }

    @Test("on a terminal stderr is a terminal of the same size, and its bytes are the same")
    func terminal() async throws {
        try await withScene { scene in
            let run = try await scene.shell(
                """
                stty="stty rows 33 cols 77"
                script -qec "$stty; \\"$OUTLAST\\" exec -- sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size <&2 && echo fine >&2; exit 9'" out </dev/null || echo "ended $?"
                tr -d '\\r' <out | grep -v '^Script'
                """)
            #expect(run.output.contains("ended 9\n") && run.output.contains("33 77\nfine\n"), "\(run.everything)")
        }
    }

    @Test("at a terminal it is resized, stopped, goes on, reads and is interrupted as the command alone would be")
    func jobControl() async throws {
        try await withScene { scene in
            let run = try await scene.shell("python3 '\(Program.repository)/Tests/tools/terminal.py'")
            #expect(run.output == "begun\nresized\nstopped\non\nread 7\ninterrupted 130\n", "\(run.everything)")
        }
    }

    @Test(
        "the environment is the caller's, without keys and what was not asked for, and with messages that can be read")
    func environment() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(scopes: ["api", "write_repository"]).secret)
            let other = scene.secret("glpat-other0123456789other")
            let key = scene.secret("a-passphrase-of-twenty-and-more")
            let file = try scene.write(
                """
                version: 1
                credentials:
                  release: {forge: gitlab, api_url: "\(sandbox.gitlabAPI)", token: {env: T}}
                  other: {forge: gitlab, api_url: "\(sandbox.gitlabAPI)", token: {env: OTHER}, hosts: ["git.example.com"]}
                """, to: "\(scene.home)/outlast.yml")
            let variables = [
                "OUTLAST_CONFIG": file, "T": token, "OTHER": other, "OUTLAST_PASSPHRASE": key, "OUTLAST_NEW_KEY": "k",
                "OUTLAST_KEY_FILE_UNRELATED": "u", "PLACE": scene.vault, "LANGUAGE": "de", "LANG": "de_DE.UTF-8",
                "MINE": "1", "S": sandbox.baseURL, "LC_ALL": "",
            ]
            let run = try await scene.shell(
                """
                "$OUTLAST" exec --credential release -- sh -c 'env >"$PLACE/env"; test "$T"'
                "$OUTLAST" exec --credential release --keep-env OTHER --keep-env LC_ALL -- env >"$PLACE/kept"
                OUTLAST_MODE=off "$OUTLAST" exec --credential release -- env >"$PLACE/off"
                # What git below it gets comes by the socket: there is no key, no configuration, and no state.
                "$OUTLAST" exec --credential release -- env -u OUTLAST_CONFIG -u T git ls-remote "$S/group/app.git"
                "$OUTLAST" exec --credential release -- sh -c 'printf "protocol=https\\nhost=git.example.com\\n\\n" | git credential fill 2>&1 || echo none'
                ls -A "${XDG_RUNTIME_DIR:-/dev/shm/outlast-$(id -u)}" | grep "^exec-" | grep -v "x" || true
                """, variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.output.hasSuffix("none\n"), "\(run.output)")
            let lines = { (name: String) in
                Set((scene.read("\(scene.vault)/\(name)") ?? "").split(separator: "\n").map(String.init))
            }
            let names = Set(lines("env").map { String($0.prefix { $0 != "=" }) })
            #expect(names.isDisjoint(with: ["OTHER", "OUTLAST_PASSPHRASE", "OUTLAST_NEW_KEY", "LANGUAGE"]), "\(names)")
            #expect(!names.contains("OUTLAST_KEY_FILE_UNRELATED"))
            #expect(lines("env").isSuperset(of: ["T=\(token)", "MINE=1", "LC_ALL=C.UTF-8", "LANG=de_DE.UTF-8"]))
            #expect(names.isSuperset(of: ["GIT_CONFIG_COUNT", "GIT_TERMINAL_PROMPT", "OUTLAST_CONFIG"]))
            #expect(lines("kept").contains("OTHER=\(other)") && !lines("kept").contains("LC_ALL=C.UTF-8"))
            #expect(lines("off").contains("OUTLAST_PASSPHRASE=\(key)") && lines("off").contains("LANGUAGE=de"))
        }
    }

    @Test("two credentials without a variable of their own are refused before anything runs")
    func twoNameless() async throws {
        try await withScene { scene in
            let (a, b) = (
                try scene.hide("a-token-of-some-length", in: "a"), try scene.hide("b-token-of-some-length", in: "b")
            )
            let file = try scene.write(
                """
                version: 1
                credentials:
                  a: {token: {file: "\(a)"}, api_url: "https://a.example.com"}
                  b: {token: {file: "\(b)"}, api_url: "https://b.example.com"}
                """, to: "\(scene.home)/outlast.yml")
            let run = try await scene.shell(
                "\"$OUTLAST\" exec --offline -- touch ran || echo \"ended $?\"; \"$OUTLAST\" exec --offline --credential a -- sh -c 'test \"$OUTLAST_TOKEN\"'; ls",
                ["OUTLAST_CONFIG": file])
            #expect(run.output == "ended 125\n" && run.errors.contains("(code 78)"), "\(run.everything)")
        }
    }

    @Test("turned down or off, the command runs all the same, and its code is its own")
    func modes() async throws {
        try await withScene { scene in
            let run = try await scene.shell(
                """
                for mode in warn off; do export OUTLAST_MODE=$mode
                for line in "-- sh -c 'exit 7'" "--config no-file -- sh -c 'exit 8'" "-- no-such-program" "--nonsense -- true"
                do eval "\\"\\$OUTLAST\\" exec $line" 2>>errors || echo "$?"; done; done
                OUTLAST_MODE=odd "$OUTLAST" exec -- true || echo "$?"
                """)
            #expect(run.output == "7\n8\n127\n7\n8\n127\n125\n", "\(run.everything)\(scene.read("errors") ?? "")")
        }
    }

    @Test("a socket that a killed run left is removed by the next, and nothing else is")
    func killed() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(scopes: ["api", "write_repository"]).secret)
            let file = try scene.write(
                "version: 1\ncredentials: {release: {forge: gitlab, api_url: \"\(sandbox.gitlabAPI)\", token: {env: T}}}\n",
                to: "\(scene.home)/outlast.yml")
            let folder = "/tmp/outlast-run-\(UInt32.random(in: 0 ... .max))"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let run = try await scene.shell(
                """
                mkdir -m 700 "$XDG_RUNTIME_DIR"
                start() { "$OUTLAST" exec -- sh -c "echo \\$\\$ >$1.new; mv $1.new $1; exec sleep 300" & last=$!
                while [ ! -e $1 ]; do sleep 0.1; done; }
                start a; first=$last; start b
                stat -c %a "$XDG_RUNTIME_DIR/outlast"; ls "$XDG_RUNTIME_DIR/outlast" | wc -l
                : >"$XDG_RUNTIME_DIR/outlast/exec-of-somebody-else"
                kill -KILL $first; wait $first || true; kill $(cat a)
                "$OUTLAST" exec -- sh -c 'ls "$XDG_RUNTIME_DIR/outlast" | wc -l'
                kill -TERM $last; wait $last || true; ls "$XDG_RUNTIME_DIR/outlast"
                """, ["OUTLAST_CONFIG": file, "T": token, "XDG_RUNTIME_DIR": folder])
            #expect(run.output == "700\n2\n3\nexec-of-somebody-else\n", "\(run.everything)")
        }
    }
}
