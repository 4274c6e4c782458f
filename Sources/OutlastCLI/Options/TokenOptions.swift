// Where tokens come from (contract, section 2).

import ArgumentParser

/// Where a token is, and whose it is.
struct TokenPlaces: ParsableArguments {
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

    /// What was given, without the parser.
    var given: TokenWords {
        TokenWords(
            tokenEnv: tokenEnv, tokenFile: tokenFile, tokenStdin: tokenStdin, credential: credential, forge: forge,
            apiUrl: apiUrl)
    }
}

/// When a token ends, for commands that judge it.
struct TokenEnd: ParsableArguments {
    @Option(help: ArgumentHelp("The token's end, for tokens that their forge says nothing about.", valueName: "time"))
    var expiresAt: String?
}

/// All that is said about tokens to be judged.
struct TokenOptions: ParsableArguments {
    @OptionGroup var places: TokenPlaces
    @OptionGroup var end: TokenEnd

    /// What was given, without the parser.
    var given: TokenWords {
        var words = places.given
        words.expiresAt = end.expiresAt
        return words
    }
}
