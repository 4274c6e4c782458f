#!/bin/sh
# Brings the libraries that the executable names, in the places where its loader looks, and what resolving names and TLS
# read, into the root of an image that has nothing else. Runs in a stage of the Dockerfile.
# Usage: gather.sh ROOT STATE
set -eu

root=$1 state=$2
# No executable names this one: glibc opens it by itself when a thread ends, and ends the program when it is not there.
libc=$(ldd "$root/usr/local/bin/outlast" | grep -o '/[^ ]*/libc\.so\.6')
# glibc reads files and asks DNS by itself since 2.34; other ways to resolve names would be libraries of their own.
for library in $(ldd "$root/usr/local/bin/outlast" | grep -o '/[^ ]*') "$(dirname "$libc")/libgcc_s.so.1"; do
    mkdir -p "$root$(dirname "$library")"
    cp --dereference "$library" "$root$library"
done
mkdir -p "$root/etc/ssl/certs"
cp --dereference /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'outlast:x:65532:65532::/var/lib/outlast:/nonexistent' >"$root/etc/passwd"
echo 'outlast:x:65532:' >"$root/etc/group"
mkdir -p "$root/tmp" "$state"
chmod 1777 "$root/tmp"
chmod 0700 "$state"
