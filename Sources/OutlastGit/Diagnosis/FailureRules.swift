// All rules in the order in which they are tried on a story without a last word of its own: what stops a command before
// it reaches a forge, then what a forge says in words, then numbers, then what a broken connection leaves behind.

import OutlastModel

/// The tables.
enum FailureRules {
    /// Every rule, from specific to general.
    static let all = hostKeys + refs + size + transport + server + keys + statuses + local + connections

    /// What decides only when nothing else in the whole output does: a program that was killed says nothing itself, and
    /// one whose connection broke would have said so.
    static let lastResort = [FailureRule(.fatal, "invalid index-pack output", is: .local, .medium, advice: Advice.disk)]

    /// Servers' words, which say more than a status.
    static let server = serverWords

    /// Refs that were not taken. The server's own words about size and missing scopes stand in the same line.
    private static let refs: [FailureRule] =
        [
            FailureRule(
                .ref, "refusing to allow", "without `workflow", is: .scope,
                advice: "give the token the workflow scope (or permission), or leave workflow files out of the push"),
            FailureRule(.ref, "(non-fast-forward)", is: .nonFastForward),
            FailureRule(.ref, "(fetch first)", is: .nonFastForward),
            FailureRule(.ref, "(stale info)", is: .nonFastForward),
            FailureRule(.ref, "(needs force)", is: .nonFastForward),
            FailureRule(
                .ref, "(already exists)", is: .nonFastForward, .medium,
                advice: "the tag is there already and points elsewhere: choose another name, or delete it on purpose"),
            FailureRule(.ref, "(incorrect old value provided)", is: .nonFastForward, .medium),
            FailureRule(.ref, "cannot lock ref", "but expected", is: .nonFastForward, .medium),
            FailureRule(.ref, "[rejected]", is: .nonFastForward, .medium),
        ] + rejectedElsewhere.map { FailureRule(.ref, $0, is: .nonFastForward, .medium) }

    /// `[rejected]` in git's translations.
    private static let rejectedElsewhere = [
        "[zurückgewiesen]", "[rejeté]", "[rechazado]", "[rifiutato]", "[rejeitado]", "[refuserad]", "[odrzucono]",
        "[отклонено]", "[отхвърлен]", "[reddedildi]", "[已拒绝]", "[已拒絕]", "[거부됨]", "[tertolak]", "[rebutjat]",
    ]

    /// What is too large for the server, whoever of it says so.
    private static let size: [FailureRule] = [
        FailureRule(.server, "gh001: large files", is: .size),
        FailureRule(.server, "exceeds", "file size limit", is: .size),
        FailureRule(.server, "larger than", "limit", is: .size, .medium),
        FailureRule(.server, "blobs which exceed the", "limit", is: .size),
        FailureRule(.server, "exceeds maximum allowed size", is: .size),
        FailureRule(.server, "exceed", "size limit", is: .size, .medium),
        FailureRule(.server, "exceed", "storage limit", is: .size, .medium),
        FailureRule(.server, "over its data quota", is: .size),
        FailureRule(.start, "batch response:", "over its data quota", is: .size),
        FailureRule(.ref, "hook declined", is: .hookDeclined),
        FailureRule(.ref, "push declined due to", is: .hookDeclined),
        FailureRule(.ref, "deletion prohibited", is: .hookDeclined),
        FailureRule(.ref, "deny updating a hidden ref", is: .hookDeclined),
        FailureRule(.ref, "deny", "ref", is: .hookDeclined, .medium),
        FailureRule(.ref, "branch is currently checked out", is: .hookDeclined, .medium),
        FailureRule(.ref, "unpacker error", is: .server, .medium),
        FailureRule(.ref, "shallow update not allowed", is: .local),
        FailureRule(.ref, "[remote rejected]", is: .hookDeclined, .low),
    ]

    /// HTTP statuses: of the first request (`unable to access`), of the pack's (`RPC failed`), of git-lfs.
    private static let statuses: [FailureRule] =
        [
            FailureRule(.fatal, "authentication failed for '", is: .authRejected, .high, .status),
            FailureRule(.fatal, "authentication failed", is: .authRejected, .medium, .status),
            FailureRule(.fatal, "could not read username for", is: .authMissing, .high, .status),
            FailureRule(.fatal, "could not read password for", is: .authMissing, .high, .status),
            FailureRule(.fatal, "unable to get password from user", is: .authMissing, .high, .status),
            FailureRule(.fatal, "terminal prompts disabled", is: .authMissing, .medium, .status),
            FailureRule(.fatal, "returned error: 401", is: .authRejected, .high, .status),
            FailureRule(.fatal, "returned error: 403", is: .forbidden, .medium, .status),
            FailureRule(.fatal, "returned error: 404", is: .notFound, .high, .status),
            FailureRule(.fatal, "returned error: 410", is: .notFound, .medium, .status),
            FailureRule(.fatal, "returned error: 429", is: .rateLimited, .high, .status),
            FailureRule(.fatal, "returned error: 413", is: .size, .high, .status),
            FailureRule(.fatal, "returned error: 407", is: .proxy, .high, .whole),
            FailureRule(.fatal, "returned error: 5", is: .server, .high, .status),
            FailureRule(.fatal, "returned error: 4", is: .server, .low, .status),
            FailureRule(.fatal, "repository '", "' not found", is: .notFound, .high, .status),
            FailureRule(.fatal, "rate limited by '", is: .rateLimited, .high, .whole),
            FailureRule(
                .fatal, "unable to update url base from redirection", is: .server, .medium, .status,
                advice: Advice.signIn),
            FailureRule(
                .fatal, "info/refs not valid", is: .server, .high, .whole, advice: Advice.signIn),
            FailureRule(.fatal, "/info/refs", "?", is: .server, .medium, .whole, advice: Advice.signIn),
            FailureRule(.fatal, "invalid server response", is: .server, .high, .whole, advice: Advice.signIn),
            FailureRule(.fatal, "protocol error: bad line length character", is: .server, .medium, .whole),
            FailureRule(.fatal, "remote error: ", "unable to handle this request", is: .server, .high, .whole),
            FailureRule(.fatal, "remote error: ", "not exported", is: .notFound, .high, .whole),
            FailureRule(.fatal, "received http/0.9", is: .server, .medium, .whole),
            FailureRule(.fatal, "weird server reply", is: .server, .medium, .whole),
            FailureRule(.fatal, "redirects followed", is: .server, .medium, .whole, advice: Advice.signIn),
            FailureRule(.error, "http.maxretrytime", is: .rateLimited),
            FailureRule(.error, "http 401", is: .authRejected),
            FailureRule(.error, "http 403", is: .forbidden, .medium),
            FailureRule(.error, "http 404", is: .notFound),
            FailureRule(.error, "http 407", is: .proxy),
            FailureRule(.error, "http 413", is: .size),
            FailureRule(.error, "http 429", is: .rateLimited),
            FailureRule(.error, "http 5", is: .server),
            FailureRule(.error, "http code = 401", is: .authRejected),
            FailureRule(.error, "http code = 403", is: .forbidden, .medium),
            FailureRule(.error, "http code = 413", is: .size),
            FailureRule(.error, "http code = 429", is: .rateLimited),
            FailureRule(.error, "http code = 5", is: .server),
            FailureRule(.start, "batch response: authentication required", is: .authRejected),
            FailureRule(.start, "lfs: authentication required", is: .authRejected),
            // Of the objects' store, after the transfer.
            FailureRule(.start, "authentication required: authorization error:", is: .authRejected),
            FailureRule(.start, "batch response: authorization error", is: .forbidden, .medium),
            FailureRule(.start, "lfs: authorization error", is: .forbidden, .medium),
            FailureRule(.start, "batch response: repository or object not found", is: .notFound),
            FailureRule(.start, "lfs: repository or object not found", is: .notFound),
            FailureRule(.start, "batch response: rate limit", is: .rateLimited),
            FailureRule(.start, "batch response: git credentials for", "not found", is: .authMissing),
            FailureRule(.start, "git credentials for", "not found", is: .authMissing),
            FailureRule(.start, "batch response: client error", "http 413", is: .size),
            FailureRule(.start, "batch response: client error", "http 429", is: .rateLimited),
            FailureRule(.start, "lfs: client error", "http 413", is: .size),
            FailureRule(.start, "lfs: client error", "http 429", is: .rateLimited),
            FailureRule(.start, "lfs:", "from http 5", is: .server),
            FailureRule(.start, "batch response:", "from http 5", is: .server),
            FailureRule(.start, "batch response: server error", is: .server),
            FailureRule(.start, "batch response: fatal error: server error", is: .server),
        ] + translated

    /// The same in git's translations, as far as they have words of their own; statuses and URLs stay as they are.
    private static let translated: [FailureRule] =
        [
            "authentifizierung fehlgeschlagen", "chec d'authentification pour '", "autenticación falló para",
            "autenticazione non riuscita per", "autenticação falhou para", "autentisering misslyckades",
            "uwierzytelnienie nie powiodło się", "autentikasi gagal untuk", "kimlik doğrulaması başarısız", "鉴权失败",
            "身份驗證失敗", "Неуспешна идентификация към", "error en autenticar per", "Xác thực gặp lỗi cho",
        ].map { FailureRule(.fatal, $0, is: .authRejected, .high, .status) }
        + [
            ["repository '", "' nicht gefunden"], ["dépôt '", "' non trouvé"], ["repositorio '", "' no encontrado"],
            ["repository '", "' non trovato"], ["repositório '", "' inexistente"], ["arkivet \"", "\" hittades inte"],
            ["nie znaleziono repozytorium"], ["repositori '", "' tidak ditemukan"], ["' deposu bulunamadı"],
            ["仓库 '", "' 未找到"], ["版本庫 '", "' 未找到"], ["хранилището „", "“ липсва"],
        ].map { FailureRule(parts: $0, is: .notFound) }
}

extension FailureRule {
    /// A translated last word.
    init(parts: [String], is class: FailureClass) {
        self.init(.fatal, parts: parts, is: `class`, .high, .status)
    }
}
