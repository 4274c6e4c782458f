// Which API a credential's forge is asked at.

import OutlastModel

/// Given address, else the CI's own when it is that forge, else the public instance.
enum APIRule {
    static func api(of forge: String, _ given: ServerURL?, _ world: World) throws(Failure) -> ServerURL? {
        if let given { return given }
        let job = world.job
        let text = job.flatMap { $0.forge == forge ? $0.apiURL : nil } ?? world.forge(forge)?.publicAPI
        guard let text else { return nil }
        guard let url = ServerURL(text) else {
            throw .configuration("the CI's API address is not an address", hint: "give --api-url")
        }
        return url
    }
}
