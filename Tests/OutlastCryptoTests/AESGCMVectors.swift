// Published results of AES-256-GCM with 96-bit nonces and 128-bit tags: the GCM specification's own cases, and records
// of NIST's CAVP file gcmEncryptExtIV256.rsp. A second implementation (Python's cryptography) agreed with each of them.

import Testing

/// One published sealing.
struct AESGCMVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let key: String
    let nonce: String
    let text: String
    let data: String
    let sealed: String
    let tag: String

    init(_ source: String, key: String, nonce: String, text: String, data: String, sealed: String, tag: String) {
        testDescription = source
        (self.key, self.nonce, self.text, self.data) = (key, nonce, text, data)
        (self.sealed, self.tag) = (sealed, tag)
    }

    // The hex digits may be broken anywhere.
    static let all = [
        AESGCMVector(
            "GCM specification, case 13",
            key: "0000000000000000000000000000000000000000000000000000000000000000",
            nonce: "000000000000000000000000",
            text: "",
            data: "",
            sealed: "",
            tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        AESGCMVector(
            "GCM specification, case 14",
            key: "0000000000000000000000000000000000000000000000000000000000000000",
            nonce: "000000000000000000000000",
            text: "00000000000000000000000000000000",
            data: "",
            sealed: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        AESGCMVector(
            "GCM specification, case 15",
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            text: """
                d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525
                b16aedf5aa0de657ba637b391aafd255
                """,
            data: "",
            sealed: """
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838
                c5f61e6393ba7a0abcc9f662898015ad
                """,
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        AESGCMVector(
            "GCM specification, case 16",
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            text: """
                d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525
                b16aedf5aa0de657ba637b39
                """,
            data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            sealed: """
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838
                c5f61e6393ba7a0abcc9f662
                """,
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
        AESGCMVector(
            "CAVP, no text, no data, 0",
            key: "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
            nonce: "516c33929df5a3284ff463d7",
            text: "",
            data: "",
            sealed: "",
            tag: "bdc1ac884d332457a1d2664f168c76f0"),
        AESGCMVector(
            "CAVP, no text, no data, 1",
            key: "5fe0861cdc2690ce69b3658c7f26f8458eec1c9243c5ba0845305d897e96ca0f",
            nonce: "770ac1a5a3d476d5d96944a1",
            text: "",
            data: "",
            sealed: "",
            tag: "196d691e1047093ca4b3d2ef4baba216"),
        AESGCMVector(
            "CAVP, no text, 16 bytes of data, 0",
            key: "78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223",
            nonce: "d79cf22d504cc793c3fb6c8a",
            text: "",
            data: "b96baa8c1c75a671bfb2d08d06be5f36",
            sealed: "",
            tag: "3e5d486aa2e30b22e040b85723a06e76"),
        AESGCMVector(
            "CAVP, no text, 16 bytes of data, 1",
            key: "4457ff33683cca6ca493878bdc00373893a9763412eef8cddb54f91318e0da88",
            nonce: "699d1f29d7b8c55300bb1fd2",
            text: "",
            data: "6749daeea367d0e9809e2dc2f309e6e3",
            sealed: "",
            tag: "d60c74d2517fde4a74e0cd4709ed43a9"),
        AESGCMVector(
            "CAVP, 16 bytes of text, no data, 0",
            key: "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
            nonce: "0d18e06c7c725ac9e362e1ce",
            text: "2db5168e932556f8089a0622981d017d",
            data: "",
            sealed: "fa4362189661d163fcd6a56d8bf0405a",
            tag: "d636ac1bbedd5cc3ee727dc2ab4a9489"),
        AESGCMVector(
            "CAVP, 16 bytes of text, no data, 1",
            key: "460fc864972261c2560e1eb88761ff1c992b982497bd2ac36c04071cbb8e5d99",
            nonce: "8a4a16b9e210eb68bcb6f58d",
            text: "99e4e926ffe927f691893fb79a96b067",
            data: "",
            sealed: "133fc15751621b5f325c7ff71ce08324",
            tag: "ec4e87e0cf74a13618d0b68636ba9fa7"),
        AESGCMVector(
            "CAVP, 16 bytes of text and of data",
            key: "92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b",
            nonce: "ac93a1a6145299bde902f21a",
            text: "2d71bcfa914e4ac045b2aa60955fad24",
            data: "1e0889016f67601c8ebea4943bc23ad6",
            sealed: "8995ae2e6df3dbf96fac7b7137bae67f",
            tag: "eca5aa77d51d4a0a14d9c51e1da474ab"),
        AESGCMVector(
            "CAVP, 13 bytes of text, no data, 0",
            key: "82c4f12eeec3b2d3d157b0f992d292b237478d2cecc1d5f161389b97f999057a",
            nonce: "7b40b20f5f397177990ef2d1",
            text: "982a296ee1cd7086afad976945",
            data: "",
            sealed: "ec8e05a0471d6b43a59ca5335f",
            tag: "113ddeafc62373cac2f5951bb9165249"),
        AESGCMVector(
            "CAVP, 13 bytes of text, no data, 1",
            key: "db4340af2f835a6c6d7ea0ca9d83ca81ba02c29b7410f221cb6071114e393240",
            nonce: "40e438357dd80a85cac3349e",
            text: "8ddb3397bd42853193cb0f80c9",
            data: "",
            sealed: "b694118c85c41abf69e229cb0f",
            tag: "c07f1b8aafbd152f697eb67f2a85fe45"),
        AESGCMVector(
            "CAVP, 16 bytes of text, 20 of data",
            key: "83688deb4af8007f9b713b47cfa6c73e35ea7a3aa4ecdb414dded03bf7a0fd3a",
            nonce: "0b459724904e010a46901cf3",
            text: "33d893a2114ce06fc15d55e454cf90c3",
            data: "794a14ccd178c8ebfd1379dc704c5e208f9d8424",
            sealed: "cc66bee423e3fcd4c0865715e9586696",
            tag: "0fb291bd3dba94a1dfd8b286cfb97ac5"),
        AESGCMVector(
            "CAVP, 51 bytes of text, 16 of data",
            key: "5fe01c4baf01cbe07796d5aaef6ec1f45193a98a223594ae4f0ef4952e82e330",
            nonce: "bd587321566c7f1a5dd8652d",
            text: """
                881dc6c7a5d4509f3c4bd2daab08f165ddc204489aa8134562a4eac3d0bcad7965847b102733bb63d1e5c598ece0c3e5
                dadddd
                """,
            data: "9013617817dda947e135ee6dd3653382",
            sealed: """
                16e375b4973b339d3f746c1c5a568bc7526e909ddff1e19c95c94a6ccff210c9a4a40679de5760c396ac0e2ceb1234f9
                f5fe26
                """,
            tag: "abd3d26d65a6275f7a4f56b422acab49"),
        AESGCMVector(
            "CAVP, 51 bytes of text, 20 of data",
            key: "24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f",
            nonce: "9ff18563b978ec281b3f2794",
            text: """
                27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86757accb158bd9abb3868fdc0d0b074b5
                f01b2c
                """,
            data: "adb5ec720ccf9898500028bf34afccbcaca126ef",
            sealed: """
                eb7cb754c824e8d96f7c6d9b76c7d26fb874ffbf1d65c6f64a698d839b0b06145dae82057ad55994cf59ad7f67c0fa5e
                85fab8
                """,
            tag: "bc95c532fecc594c36d1550286a7a3f0"),
        AESGCMVector(
            "CAVP, 51 bytes of text, 90 of data",
            key: "148579a3cbca86d5520d66c0ec71ca5f7e41ba78e56dc6eebd566fed547fe691",
            nonce: "b08a5ea1927499c6ecbfd4e0",
            text: """
                9d0b15fdf1bd595f91f8b3abc0f7dec927dfd4799935a1795d9ce00c9b879434420fe42c275a7cd7b39d638fb81ca52b
                49dc41
                """,
            data: """
                e4f963f015ffbb99ee3349bbaf7e8e8e6c2a71c230a48f9d59860a29091d2747e01a5ca572347e247d25f56ba7ae8e05
                cde2be3c97931292c02370208ecd097ef692687fecf2f419d3200162a6480a57dad408a0dfeb492e2c5d
                """,
            sealed: """
                2097e372950a5e9383c675e89eea1c314f999159f5611344b298cda45e62843716f215f82ee663919c64002a5c198d78
                78fd3f
                """,
            tag: "adbecdb0d5c2224d804d2886ff9a5760"),
    ]
}
