#!/usr/bin/env bash
# Generates C++ from the served WSDLs, as a user of gSOAP does, builds a client of it and runs it.
set -euo pipefail
base=$1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
{
    wsdl2h -o contact.h "$base/cake/api/1/addedit.asmx?WSDL" "$base/cake/api/1/get.asmx?WSDL"
    soapcpp2 -j -C -L -x -I/usr/share/gsoap/import contact.h
} >generate.txt 2>&1 || { cat generate.txt >&2; exit 1; }
g++ -O0 -I. -o contact "$here/contact.cpp" soapC.cpp soapaddeditSoapProxy.cpp -lgsoap++
./contact "$base"
