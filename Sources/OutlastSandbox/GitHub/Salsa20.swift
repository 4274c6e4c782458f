// The Salsa20 core, and HSalsa20 on the same rounds: what a sealed box is made of beside X25519 and Poly1305.

/// The keystream of Salsa20 with an 8-byte nonce, from block 0.
func salsa20Keystream(key: [UInt8], nonce: ArraySlice<UInt8>, count: Int) -> [UInt8] {
    var output: [UInt8] = []
    var block: UInt64 = 0
    while output.count < count {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: block >> (8 * UInt64($0))) }
        let input = salsaState(key, Array(nonce) + counter)
        let mixed = salsaRounds(input)
        for index in 0..<16 { output += littleEndian(mixed[index] &+ input[index]) }
        block += 1
    }
    return Array(output.prefix(count))
}

/// HSalsa20: a key of 32 bytes from another and 16 bytes of input.
func hsalsa20(key: [UInt8], input: ArraySlice<UInt8>) -> [UInt8] {
    let mixed = salsaRounds(salsaState(key, Array(input)))
    return [0, 5, 10, 15, 6, 7, 8, 9].flatMap { littleEndian(mixed[$0]) }
}

private func salsaState(_ key: [UInt8], _ input: [UInt8]) -> [UInt32] {
    func word(_ bytes: [UInt8], _ index: Int) -> UInt32 {
        var value: UInt32 = 0
        for place in 0..<4 { value |= UInt32(bytes[index * 4 + place]) << (8 * UInt32(place)) }
        return value
    }
    let constants: [UInt32] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]
    let lower = (0..<4).map { word(key, $0) }
    let middle = (0..<4).map { word(input, $0) }
    let upper = (4..<8).map { word(key, $0) }
    return [constants[0]] + lower + [constants[1]] + middle + [constants[2]] + upper + [constants[3]]
}

private func salsaRounds(_ input: [UInt32]) -> [UInt32] {
    var x = input
    func quarter(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
        func turn(_ target: Int, _ first: Int, _ second: Int, _ bits: UInt32) {
            let sum = x[first] &+ x[second]
            x[target] ^= sum << bits | sum >> (32 - bits)
        }
        turn(b, a, d, 7)
        turn(c, b, a, 9)
        turn(d, c, b, 13)
        turn(a, d, c, 18)
    }
    for _ in 0..<10 {
        quarter(0, 4, 8, 12)
        quarter(5, 9, 13, 1)
        quarter(10, 14, 2, 6)
        quarter(15, 3, 7, 11)
        quarter(0, 1, 2, 3)
        quarter(5, 6, 7, 4)
        quarter(10, 11, 8, 9)
        quarter(15, 12, 13, 14)
    }
    return x
}

private func littleEndian(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
}
