"""A Modbus master of pymodbus: pymodbus_master.py --port N, then commands as JSON lines on stdin.

Registers come back as pymodbus gives them, and values as this program reads their octets with `struct`, so that the
word and octet orders are told by somebody else's code.
"""
import argparse
import json
import struct
import sys

from pymodbus.client import ModbusTcpClient

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()

FORMATS = {"Int16": "h", "UInt16": "H", "Int32": "i", "UInt32": "I", "Int64": "q", "Float32": "f", "Float64": "d"}


def say(**message):
    print(json.dumps(message), flush=True)


def octets_in_order(registers, order):
    """The octets of a number from the most significant one; A is that one, registers are pairs."""
    words = list(registers)
    if order in ("CDAB", "DCBA"):
        words.reverse()
    form = "<H" if order in ("BADC", "DCBA") else ">H"
    return b"".join(struct.pack(form, word) for word in words)


client = ModbusTcpClient("127.0.0.1", port=options.port, timeout=5)
READS = {
    "coil": client.read_coils,
    "discrete": client.read_discrete_inputs,
    "input": client.read_input_registers,
    "holding": client.read_holding_registers,
}


def checked(answer):
    if answer.isError():
        return {"exception": answer.exception_code}
    return None


def read(request):
    answer = READS[request["area"]](request["address"], count=request.get("count", 1), device_id=request.get("unit", 1))
    failed = checked(answer)
    if failed:
        return failed
    if request["area"] in ("coil", "discrete"):
        return {"bits": answer.bits[: request.get("count", 1)]}
    return {"registers": answer.registers}


def value(request):
    """Reads a number of one of FORMATS, or a text."""
    kind = request["type"]
    size = request["length"] if kind == "Text" else struct.calcsize(">" + FORMATS[kind]) // 2
    answer = read({**request, "count": size})
    if "exception" in answer:
        return answer
    octets = octets_in_order(answer["registers"], request.get("order", "ABCD"))
    if kind == "Text":
        return {"value": octets.rstrip(b"\0 ").decode("latin-1")}
    (number,) = struct.unpack(">" + FORMATS[kind], octets)
    return {"value": str(number) if number != number else number}


def write(request):
    unit = request.get("unit", 1)
    if request["area"] == "coil":
        answer = client.write_coil(request["address"], request["value"], device_id=unit)
    else:
        answer = client.write_registers(request["address"], request["registers"], device_id=unit)
    return checked(answer) or {}


if not client.connect():
    say(event="failed", error="cannot connect")
    raise SystemExit(2)
say(event="ready")
for line in sys.stdin:
    request = json.loads(line)
    try:
        say(id=request["id"], result={"read": read, "value": value, "write": write}[request["op"]](request))
    except Exception as error:  # whatever it is, the test shows it
        say(id=request["id"], error=str(error) or type(error).__name__)
client.close()
