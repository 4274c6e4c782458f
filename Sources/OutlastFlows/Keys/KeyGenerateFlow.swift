// `key generate`: a key for the secret cache. Nothing else is touched.

public import OutlastModel

/// Makes keys.
public struct KeyGenerateFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// 32 random bytes as base64, in the form that `OUTLAST_KEY` takes.
    public func run() throws(Failure) -> Secret {
        Base64Text.standard.encode(try world.cryptography.randomKey(count: 32))
    }
}
