// The program: reads the world once, wires the adapters, answers once.

import OutlastCLI
import OutlastModel
import OutlastSystem

ProcessHardening.forbidCoreDumps()
let facts = InvocationReader.read()
let reply = await runCommandLine(invocation(facts), wiring(facts))
let streams = StandardStreams()
for mask in reply.masks {
    streams.write(mask.withBytes { Array($0) + [UInt8(ascii: "\n")] }, to: reply.masksGoToErrors ? .error : .output)
}
for line in reply.errors { streams.write(line + "\n", to: .error) }
var code = reply.code
var outcome = streams.write(reply.output, to: .output)
if outcome == .written, let secret = reply.secret { outcome = streams.write(secret, to: .output) }
if case .failed(let words) = outcome {
    streams.write("outlast: the answer could not be written: \(words)\n", to: .error)
    if code == 0 { code = 1 }
}
endProcess(with: code)
