#!/usr/bin/env python3
"""Writes a CycloneDX 1.6 bill of materials of one executable.

Usage: make-sbom.py BINARY STRIPPED VERSION SECONDS [NOTICES]

BINARY is what the linker wrote: the list of what went into it lies beside it. STRIPPED is what is shipped, and hashed.
Versions of Swift packages come from Package.resolved, those of C libraries from dpkg. Packages that were resolved and are
not in the executable are listed as "excluded". NOTICES takes the licence texts of all that is linked in.
"""
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import uuid

# What is asked of the linker by name, beside Swift's own runtime: library, soname, licence (SPDX).
C_LIBRARIES = [
    ("crypto", "libcrypto.so", "Apache-2.0"),
    ("sqlite3", "libsqlite3.so", "blessing"),
    ("sodium", "libsodium.so", "ISC"),
    ("z", "libz.so", "Zlib"),
    ("stdc++", "libstdc++.so", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ("gcc", "libgcc_s.so", "GPL-3.0-or-later WITH GCC-exception-3.1"),
]
# The licence of a Swift package, by words that its text has.
LICENCES = [
    ("Runtime Library Exception", "Apache-2.0 WITH Swift-exception"),
    ("Apache License", "Apache-2.0"),
    ("Permission is hereby granted, free of charge", "MIT"),
]
# C sources that packages carry along: a scanner must know of them by their own names.
CARRIED = {
    "swift-nio-ssl": ("BoringSSL", "Sources/CNIOBoringSSL/hash.txt", r"revision ([0-9a-f]{40})",
                      "Apache-2.0 AND ISC AND MIT", "pkg:generic/boringssl@{0}"),
    "swift-nio": ("llhttp", "Sources/CNIOLLHTTP/include/c_nio_llhttp.h", r"LLHTTP_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)",
                  "MIT", "pkg:github/nodejs/llhttp@{0}"),
    "yams": ("LibYAML", "Sources/CYaml/include/yaml.h", r"", "MIT", "pkg:generic/libyaml"),
}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def stop(why):
    sys.exit(f"make-sbom.py: {why}")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def licence(expression):
    # An identifier alone has a place of its own; anything longer is an expression.
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]


def linked_modules(binary):
    listed = os.path.join(os.path.dirname(binary), "outlast.product", "Objects.LinkFileList")
    if not os.path.exists(listed):
        stop(f"there is no {listed}: the list of what was linked comes with the build")
    return set(re.findall(r"/([^/]+)\.build/", read(listed)))


def modules_of(checkout):
    """The targets that a package has, by its manifest and by the usual folders."""
    found = set(re.findall(r'\btarget\(\s*(?:kind:\s*\S+\s*)?name:\s*"([^"]+)"', read(f"{checkout}/Package.swift"), re.I))
    return found | {os.path.basename(path) for path in glob.glob(f"{checkout}/Sources/*") if os.path.isdir(path)}


def licence_files(checkout):
    names = [n for n in sorted(os.listdir(checkout)) if re.match(r"(licen[cs]e|notice|copying)", n, re.I)]
    return [f"{checkout}/{name}" for name in names if os.path.isfile(f"{checkout}/{name}")]


def swift_packages(modules, notices):
    if not os.path.exists("Package.resolved"):
        stop("there is no Package.resolved: swift package resolve writes it")
    pins = json.loads(read("Package.resolved"))["pins"]
    left = {m for m in modules if not os.path.isdir(f"Sources/{m}")}
    for pin in sorted(pins, key=lambda pin: pin["identity"]):
        name, state = os.path.basename(pin["location"]).removesuffix(".git"), pin["state"]
        checkout = f".build/checkouts/{name}"
        inside = modules_of(checkout) & modules
        left -= inside
        texts = licence_files(checkout)
        expression = next((spdx for words, spdx in LICENCES if any(words in read(t) for t in texts)), None)
        if expression is None:
            stop(f"the licence of {name} is not known: its words belong into LICENCES")
        version = state.get("version") or state["revision"]
        purl = f"pkg:swift/{pin['location'].removeprefix('https://').removesuffix('.git')}@{version}"
        component = {
            "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "scope": "required" if inside else "excluded", "licenses": licence(expression),
            "externalReferences": [{"type": "vcs", "url": pin["location"]}],
            "properties": [{"name": "outlast:revision", "value": state["revision"]},
                           {"name": "outlast:linkage", "value": "static" if inside else "none"}],
        }
        if inside:
            component.update(carried(pin["identity"], checkout))
            notices += [(f"{name} {version}", read(text)) for text in texts]
        yield component
    if left:
        stop(f"no package is known for these modules: {', '.join(sorted(left))}")


def carried(identity, checkout):
    if identity not in CARRIED:
        return {}
    name, path, pattern, expression, purl = CARRIED[identity]
    found = re.findall(pattern, read(f"{checkout}/{path}")) if pattern else []
    if pattern and not found:
        stop(f"{checkout}/{path} does not tell the version of {name}")
    version = ".".join(found)
    part = {"type": "library", "name": name, "licenses": licence(expression), "purl": purl.format(version)}
    part["bom-ref"] = part["purl"]
    if version:
        part["version"] = version
    return {"components": [part]}


def debian_component(path, linkage, expression, notices):
    package = run("dpkg", "-S", path).split(": ")[0].split(",")[0]
    fields = run("dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}",
                 package).split()
    name, version, architecture, source, source_version = fields
    release = dict(line.split("=", 1) for line in read("/etc/os-release").splitlines() if "=" in line)
    vendor, number = (release[key].strip('"') for key in ("ID", "VERSION_ID"))
    purl = f"pkg:deb/{vendor}/{name.replace('+', '%2B')}@{version.replace('+', '%2B')}" \
           f"?arch={architecture}&distro={vendor}-{number}"
    text = f"/usr/share/doc/{name}/copyright"
    if linkage == "static" and os.path.exists(text):
        notices.append((f"{source} {source_version}", read(text)))
    return {
        "type": "library", "bom-ref": purl, "name": source, "version": source_version, "purl": purl, "scope": "required",
        "licenses": licence(expression),
        "properties": [{"name": "outlast:package", "value": name}, {"name": "outlast:linkage", "value": linkage}],
    }


def c_libraries(needed, notices):
    for name, soname, expression in C_LIBRARIES:
        linkage = "dynamic" if any(n.startswith(soname) for n in needed) else "static"
        archive = run("clang", f"-print-file-name=lib{name}.a")
        yield debian_component(os.path.realpath(archive), linkage, expression, notices)
    # Where it is not linked in, what the executable was built against sets the oldest that it runs on.
    libc = run("clang", "-print-file-name=libc.a")
    yield debian_component(os.path.realpath(libc), "dynamic" if needed else "static", "LGPL-2.1-or-later", notices)


def swift_runtime(needed, notices):
    version = re.search(r"Swift version (\S+)", run("swift", "--version"))[1]
    linkage = "dynamic" if any(n.startswith("libswift") for n in needed) else "static"
    toolchain = os.path.dirname(os.path.dirname(os.path.realpath(run("which", "swift"))))
    text = f"{toolchain}/share/swift/LICENSE.txt"
    if linkage == "static" and os.path.exists(text):
        notices.append((f"Swift {version}", read(text)))
    purl = f"pkg:github/swiftlang/swift@swift-{version}-RELEASE"
    return {
        "type": "framework", "bom-ref": purl, "name": "Swift", "version": version, "purl": purl, "scope": "required",
        "description": "The runtime, the standard library, Foundation (with ICU) and Dispatch of this toolchain",
        "licenses": licence("Apache-2.0 WITH Swift-exception AND Unicode-3.0"),
        "properties": [{"name": "outlast:linkage", "value": linkage}],
    }


def main():
    if len(sys.argv) not in (5, 6):
        stop(__doc__)
    binary, stripped, version, seconds = sys.argv[1:5]
    with open(stripped, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    needed = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", stripped))
    notices = []
    components = list(swift_packages(linked_modules(binary), notices))
    components += [*c_libraries(needed, notices), swift_runtime(needed, notices)]
    # Two libraries of one source package are one entry.
    components = list({c["bom-ref"]: c for c in components}.values())
    itself = f"pkg:generic/outlast@{version}"
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        # The same executable always has the same number.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds))),
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application", "bom-ref": itself, "name": "outlast", "version": version, "purl": itself,
                "licenses": licence("MIT"), "hashes": [{"alg": "SHA-256", "content": digest}],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": itself, "dependsOn": sorted(c["bom-ref"] for c in components if c["scope"] == "required")}
        ],
    }, indent=2))
    if len(sys.argv) == 6:
        with open(sys.argv[5], "w", encoding="utf-8") as file:
            for title, text in notices:
                file.write(f"{'=' * 100}\n{title}\n{'=' * 100}\n{text.rstrip()}\n\n")


if __name__ == "__main__":
    main()
