"""A server of the Rust stack `iec61850` from an SCL file: rust_server.py --model FILE --ied NAME --port N."""
import argparse
import asyncio
import json
import pathlib
import sys

import iec61850

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--ied", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--tls", nargs=3, metavar=("CERTIFICATE", "KEY", "CA"))
parser.add_argument("--writable", action="append", default=[], help="path LDinst/LN.DO.DA that clients may write")
parser.add_argument("--data-set", action="append", default=[], help="LN$NAME=PATH,PATH… of one logical device")
options = parser.parse_args()


def say(**message):
    print(json.dumps(message), flush=True)


def update(server, request):
    """Several attributes in one batch: [[path, method, value], …], path being LDinst/LN.DO.DA."""
    with server.batch():
        for path, kind, value in request["values"]:
            getattr(server, "update_" + kind)(path, value)


async def main():
    server = iec61850.IedServer.from_scl(options.model, ied_name=options.ied)
    server.bind("127.0.0.1:%d" % options.port)
    if options.tls:
        certificate, key, ca = [pathlib.Path(name).read_bytes() for name in options.tls]
        server.with_tls(certificate, key, client_ca_pem=ca)
    for path in options.writable:
        server.on_write(path, lambda _path, _value: True)
    for text in options.data_set:
        name, paths = text.split("=")
        server.add_dataset(name, paths.split(","))
    await server.start()
    say(event="ready", port=options.port)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            say(id=request["id"], result={"update": update}[request["op"]](server, request))
        except Exception as error:  # whatever it is, the test shows it
            say(id=request["id"], error=str(error) or type(error).__name__)
    await server.stop()


asyncio.run(main())
