// git's credential protocol, written. Nothing with a line feed, NUL or carriage return inside is ever written: it would be
// another line to git.

internal import OutlastModel

/// Writes what a helper answers.
enum CredentialWriter {
    static func reply(_ answer: GitAnswer, to question: GitQuestion) -> Secret {
        switch answer {
        case .nothing: Secret("")
        case .quit: Secret("quit=1\n")
        case .login(let login): text(login, question)
        }
    }

    private static func text(_ login: GitLogin, _ question: GitQuestion) -> Secret {
        guard login.password.isPrintableToken, login.password.count > 0, isPlain(login.username) else {
            return Secret("")
        }
        let reply = SecretBuilder(capacity: 512)
        // A capability counts for what comes after it.
        if question.takesEphemeral { reply.append(text: "capability[]=authtype\n") }
        reply.append(text: "username=\(login.username)\npassword=")
        reply.append(login.password)
        reply.append(text: "\n")
        if let end = login.expiresAt { reply.append(text: "password_expiry_utc=\(end.seconds)\n") }
        if question.takesEphemeral { reply.append(text: "ephemeral=1\n") }
        return reply.finish()
    }

    private static func isPlain(_ username: String) -> Bool {
        !username.isEmpty && username.utf8.allSatisfy { $0 != 0 && $0 != 10 && $0 != 13 }
    }
}
