#!/usr/bin/env bash
# Keys and certificates that are too weak for libraries of Python to make: RSA keys and hashes of the past, for a century.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out ca.pem -days 36500 -subj /CN=ca -sha256
for what in 512-sha256 1024-sha256 2048-md5 2048-sha1 2048-sha256; do
    openssl req -newkey "rsa:${what%-*}" -nodes -keyout "$work/key" -subj "/CN=$what" |
        openssl x509 -req -CA ca.pem -CAkey "$work/ca.key" -set_serial 1 -days 36500 "-${what#*-}" -out "$work/pem"
    cat "$work/key" "$work/pem" > "$what.pem"
done
