// Where tokens come from (contract, section 2).

import ArgumentParser

struct TokenOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Take a token from this environment variable. May be repeated.", valueName: "name"))
    var tokenEnv: [String] = []
    @Option(help: ArgumentHelp("Take a token from this file. May be repeated.", valueName: "path"))
    var tokenFile: [String] = []
    @Flag(help: "Take a token from stdin.")
    var tokenStdin = false
    @Option(help: ArgumentHelp("A credential of the configuration. May be repeated.", valueName: "name"))
    var credential: [String] = []
    @Option(help: ArgumentHelp("gitlab, github, azure-devops, bitbucket, oauth2 or generic.", valueName: "forge"))
    var forge: String?
    @Option(help: ArgumentHelp("The forge's API, such as https://gitlab.example.com/api/v4.", valueName: "url"))
    var apiUrl: String?
    @Option(help: ArgumentHelp("The token's end, for tokens that their forge says nothing about.", valueName: "time"))
    var expiresAt: String?

    /// What was given, without the parser.
    var given: TokenWords {
        TokenWords(
            tokenEnv: tokenEnv, tokenFile: tokenFile, tokenStdin: tokenStdin, credential: credential, forge: forge,
            apiUrl: apiUrl, expiresAt: expiresAt)
    }
}
