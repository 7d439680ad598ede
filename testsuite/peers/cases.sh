#!/bin/sh
# Every case of the catalogue that blocks a release is named by a test.
exec python3 "$PATCHBAY_SOURCE/testsuite/conformance/check.py"
