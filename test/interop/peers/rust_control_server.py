"""The Rust stack's server with controls that do what a test tells them: rust_control_server.py --model FILE --ied NAME --port N.

`behave` sets what the next commands of an object meet: `check` and `operate` are None, or the AddCause of a refusal.
`log` gives what the handlers saw.
"""
import argparse
import asyncio
import json
import sys

import iec61850

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--ied", required=True)
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()

CONTROLS = {
    "CTRL/GGIO1.SPCSO1": "direct-normal",
    "CTRL/GGIO1.SPCSO2": "sbo-normal",
    "CTRL/GGIO1.SPCSO3": "direct-enhanced",
    "CTRL/GGIO1.SPCSO4": "sbo-enhanced",
}
behaviour = {}
seen = []


def say(**message):
    print(json.dumps(message), flush=True)


class Refused(Exception):
    def __init__(self, cause):
        super().__init__(cause)
        self.add_cause = cause


def handler(name, kind):
    def handle(_path, value, action):
        origin = action["origin"]
        seen.append(
            {
                "reference": name,
                "handler": kind,
                "value": bool(value) if isinstance(value, bool) else str(value),
                "ctlNum": action["ctl_num"],
                "test": action["test"],
                "interlockCheck": action["interlock_check"],
                "orCat": str(origin["or_cat"]),
            }
        )
        cause = behaviour.get(name, {}).get(kind)
        if cause:
            raise Refused(cause)

    return handle


def behave(request):
    behaviour[request["reference"]] = request["behaviour"]


def log(_request):
    taken = list(seen)
    seen.clear()
    return taken


async def main():
    server = iec61850.IedServer.from_scl(options.model, ied_name=options.ied)
    server.bind("127.0.0.1:%d" % options.port)
    for path, model in CONTROLS.items():
        server.on_control(path, ctl_model=model, check=handler(path, "check"), operate=handler(path, "operate"))
    await server.start()
    say(event="ready", port=options.port)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            say(id=request["id"], result={"behave": behave, "log": log}[request["op"]](request))
        except Exception as error:  # whatever it is, the test shows it
            say(id=request["id"], error=str(error) or type(error).__name__)
    await server.stop()


asyncio.run(main())
