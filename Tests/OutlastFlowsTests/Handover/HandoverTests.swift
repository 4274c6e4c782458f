// The forms of a handover: what is written where, and what is refused before anything is.

import Foundation
import OutlastForges
import OutlastModel
import OutlastPipelines
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("Handing values over")
struct HandoverTests {
    private let scene: HandoverScene
    private let token = Secret("tok-%25-canary-0123456789")

    init() throws { scene = try HandoverScene() }

    private func handover(_ form: ExportForm, _ world: World, plaintext: Bool = false) -> Handover {
        Handover(world, form, allowsPlaintextArtifact: plaintext)
    }

    private func gitlab(_ workspace: String) -> World {
        scene.world(["CI_PROJECT_DIR": workspace], pipeline: GitLabPipeline())
    }

    // MARK: Files

    @Test("a file holds the bare token, for its owner alone, in a link's place and not behind it")
    func file() throws {
        let path = scene.folder + "/out/token"
        try scene.files.writeAtomically(scene.folder + "/elsewhere", Array("old".utf8), permissions: 0o644)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: scene.folder + "/elsewhere")
        let handover = handover(.file(path), scene.world())
        try handover.check(names: ["TOKEN"])
        #expect(try scene.files.status(of: path)?.sort == .link)
        let handed = try handover.hand([.secret("TOKEN", token)])
        #expect(handed.shellText == nil && handed.masks.isEmpty)
        #expect(try scene.text(path) == token.reveal())
        let status = try #require(try scene.files.status(of: path))
        #expect(status.sort == .file && status.permissions == 0o600)
        #expect(try scene.text(scene.folder + "/elsewhere") == "old")
        #expect(scene.names(scene.folder + "/out") == ["token"])
    }

    @Test("a place that is no file, or has no folder, is refused before anything is written")
    func places() throws {
        let out = scene.folder + "/out"
        for path in [out, out + "/", out + "/no/such", "/dev/null", out + "/a\0b"] {
            for form in [ExportForm.file(path), .dotenv(path)] {
                let refusal = failure { () throws(Failure) in
                    try handover(form, scene.world()).check(names: ["TOKEN"])
                }
                #expect(refusal?.code == .usage, "\(path)")
            }
        }
        let two = failure { () throws(Failure) in
            try handover(.file(out + "/x"), scene.world()).check(names: ["A", "B"])
        }
        #expect(two?.code == .usage)
        #expect(scene.names(out) == [])
    }

    @Test(
        "only names that every shell takes are exported",
        arguments: ["", "1A", "A-B", "A B", "A=B", "Ä", "A\n", "$(id)", "a.b"])
    func names(_ name: String) {
        for form in [ExportForm.shell, .pipeline("github"), .dotenv("/x"), .file("/x")] {
            let refusal = failure { () throws(Failure) in try handover(form, scene.world()).check(names: [name]) }
            #expect(refusal?.code == .usage)
            #expect(name.isEmpty || refusal?.message.contains(name) == false)
        }
    }

    // MARK: Dotenv

    @Test("a dotenv file keeps its other lines and becomes its owner's alone")
    func dotenv() throws {
        let path = scene.folder + "/out/job.env"
        try scene.files.writeAtomically(path, Array("A=1\nTOKEN=old\nB=2\n".utf8), permissions: 0o644)
        let handover = handover(.dotenv(path), gitlab(scene.folder + "/work"))
        try handover.check(names: ["TOKEN"])
        _ = try handover.hand([.secret("TOKEN", token), .plain("C", "two words")])
        #expect(try scene.text(path) == "A=1\nTOKEN=\(token.reveal())\nB=2\nC=two words\n")
        #expect(try scene.files.status(of: path)?.permissions == 0o600)
        let lines = failure { () throws(Failure) in _ = try handover.hand([.plain("C", "a\nD=b")]) }
        #expect(lines?.code == .unexpected)
        #expect(try scene.text(path).contains("C=two words\n"))
    }

    @Test(
        "a dotenv file in the CI's workspace is refused by whatever path it is named, unless that is said to be meant")
    func workspace() throws {
        let work = scene.folder + "/work"
        try scene.files.makeFolder(work + "/deep/er", permissions: 0o700)
        for (link, target) in [("/in", work + "/deep"), ("/same", work), ("/work/out", scene.folder + "/out")] {
            try FileManager.default.createSymbolicLink(
                atPath: scene.folder + link, withDestinationPath: target)
        }
        let inside = [
            work + "/a.env", work + "/deep/er/a.env", work + "//deep/../a.env", scene.folder + "/in/a.env",
            scene.folder + "/in/er/../../a.env", scene.folder + "/same/a.env", scene.folder + "/out/../work/a.env",
        ]
        for workspace in [work, scene.folder + "/same", work + "/"] {
            for path in inside {
                let refusal = failure { () throws(Failure) in
                    try handover(.dotenv(path), gitlab(workspace)).check(names: ["TOKEN"])
                }
                #expect(refusal?.code == .usage, "\(path)")
                #expect(refusal?.hint?.contains("--plaintext-artifact") == true)
                try handover(.dotenv(path), gitlab(workspace), plaintext: true).check(names: ["TOKEN"])
                try handover(.dotenv(path), scene.world()).check(names: ["TOKEN"])
            }
            // The link lies in the workspace, the file would not.
            for path in [scene.folder + "/out/a.env", scene.folder + "/work-2.env", work + "/out/a.env"] {
                try handover(.dotenv(path), gitlab(workspace)).check(names: ["TOKEN"])
            }
        }
    }

    // MARK: A CI's own file

    private func github(_ variables: [String: String]) -> World {
        scene.world(variables, pipeline: GitHubPipeline(), pipelines: Pipelines.all)
    }

    @Test("the file of variables is added to, each value between delimiters that it cannot hold")
    func variables() throws {
        let path = scene.folder + "/out/env"
        try scene.files.append(path, Array("OLD=1".utf8))
        let handover = handover(.pipeline("github"), github(["GITHUB_ENV": path]))
        try handover.check(names: ["TOKEN"])
        #expect(try scene.text(path) == "OLD=1")
        _ = try handover.hand([.secret("TOKEN", token), .plain("K", "a\nb")])
        let lines = try scene.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == 9)
        let end = String(lines[1].dropFirst("TOKEN<<".count))
        #expect(end.hasPrefix("outlast_") && end.utf8.count >= 32)
        #expect(
            lines == ["OLD=1", "TOKEN<<\(end)", token.reveal()[...], end[...], "K<<\(end)", "a", "b", end[...], ""])
    }

    @Test("without that file, or for a CI that has none, the form is a mistake")
    func noVariables() {
        let worlds = [github([:]), github(["GITHUB_ENV": "relative"]), scene.world(pipelines: Pipelines.all)]
        for world in worlds {
            let refusal = failure { () throws(Failure) in
                try handover(.pipeline("github"), world).check(names: ["TOKEN"])
            }
            #expect(refusal?.code == .usage && refusal?.message.contains("GITHUB_ENV") == true)
        }
        for id in ["gitlab", "unheard-of"] {
            let refusal = failure { () throws(Failure) in
                try handover(.pipeline(id), scene.world(pipelines: Pipelines.all)).check(names: ["TOKEN"])
            }
            #expect(refusal?.code == .usage)
        }
        let refused = failure { () throws(Failure) in
            try handover(.pipeline("github"), github(["GITHUB_ENV": scene.folder + "/out/env"]))
                .check(names: ["NODE_OPTIONS"])
        }
        #expect(refused?.code == .usage)
    }

    // MARK: Masks

    @Test("every form that a token can take in a log is masked, for whatever form it leaves in")
    func masks() throws {
        let path = scene.folder + "/out/env"
        for form in [ExportForm.shell, .pipeline("github"), .file(scene.folder + "/out/t")] {
            let world = scene.world(
                ["GITHUB_ENV": path], pipeline: GitHubPipeline(), pipelines: Pipelines.all, forges: Forges.all)
            let handover = handover(form, world)
            try handover.check(names: ["TOKEN"])
            let handed = try handover.hand([.secret("TOKEN", token, username: "robot"), .plain("HOST", "example.org")])
            let masks = handed.masks.map { $0.reveal() }
            #expect(masks.contains("::add-mask::tok-%2525-canary-0123456789"))
            #expect(masks.contains("::add-mask::tok-%252525-canary-0123456789"))
            for user in ["oauth2", "x-access-token", "git", "gitlab-ci-token", "robot", ""] {
                let pair = Data("\(user):\(token.reveal())".utf8).base64EncodedString()
                #expect(masks.contains("::add-mask::" + pair), "\(user)")
            }
            #expect(masks.count == Set(masks).count && !masks.contains { $0.contains("example.org") })
        }
        let azure = handover(.file(scene.folder + "/out/t"), scene.world(pipeline: AzurePipeline()))
        let told = try azure.hand([.secret("TOKEN", token)]).masks.map { $0.reveal() }
        #expect(told.contains("##vso[task.setsecret]tok-%AZP2525-canary-0123456789"))
        for silent in [GitLabPipeline() as any Pipeline, JenkinsPipeline(), BuildkitePipeline(), nil] {
            let handed = try handover(.file(scene.folder + "/out/t"), scene.world(pipeline: silent))
                .hand([.secret("TOKEN", token)])
            #expect(handed.masks.isEmpty)
        }
    }

    @Test("of a key every line is masked that tells anything")
    func keyMasks() {
        let forms = MaskForms.forms(
            of: Secret("-----BEGIN KEY-----\nAAAA+/=\r\n==\n\n-----END KEY-----\n"), users: ["git"])
        #expect(
            forms.map { $0.reveal() } == [
                "-----BEGIN KEY-----", "-----BEGIN%20KEY-----", "AAAA+/=", "AAAA%2B%2F%3D", "-----END KEY-----",
                "-----END%20KEY-----",
            ])
        #expect(MaskForms.forms(of: Secret(""), users: []).isEmpty)
        #expect(MaskForms.forms(of: Secret("abc"), users: []).map { $0.reveal() } == ["abc", "OmFiYw==", "OmFiYw"])
    }
}
