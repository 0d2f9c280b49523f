"""libiec61850 (the C library inside the PyPI package pyiec61850-ng) as ctypes functions, and its values as JSON.

Used by libiec61850_server.py and libiec61850_client.py; each runs as a process of its own.
"""
import ctypes as c
import glob
import json
import os
import sys

P, S, I, U, B, L, D = c.c_void_p, c.c_char_p, c.c_int, c.c_uint32, c.c_bool, c.c_uint64, c.c_double

# Name: result, arguments. From the library's public headers, version 1.6.
FUNCTIONS = {
    "ConfigFileParser_createModelFromConfigFileEx": (P, [S]),
    "IedServerConfig_create": (P, []),
    "IedServerConfig_setMaxMmsConnections": (None, [P, I]),
    "IedServer_createWithConfig": (P, [P, P, P]),
    "IedServer_setLocalIpAddress": (None, [P, S]),
    "IedServer_setServerIdentity": (None, [P, S, S, S]),
    "IedServer_setAuthenticator": (None, [P, P, P]),
    "IedServer_setWriteAccessPolicy": (None, [P, I, I]),
    "IedServer_start": (None, [P, I]),
    "IedServer_isRunning": (B, [P]),
    "IedServer_stop": (None, [P]),
    "IedServer_lockDataModel": (None, [P]),
    "IedServer_unlockDataModel": (None, [P]),
    "IedServer_getAttributeValue": (P, [P, P]),
    "IedServer_updateAttributeValue": (None, [P, P, P]),
    "IedModel_getModelNodeByObjectReference": (P, [P, S]),
    "IedConnection_create": (P, []),
    "IedConnection_destroy": (None, [P]),
    "IedConnection_connect": (None, [P, P, S, I]),
    "IedConnection_getMmsConnection": (P, [P]),
    "IedConnection_getServerDirectory": (P, [P, P, B]),
    "TLSConfiguration_create": (P, []),
    "TLSConfiguration_setClientMode": (None, [P]),
    "TLSConfiguration_setOwnCertificateFromFile": (B, [P, S]),
    "TLSConfiguration_setOwnKeyFromFile": (B, [P, S, S]),
    "TLSConfiguration_addCACertificateFromFile": (B, [P, S]),
    "TLSConfiguration_setChainValidation": (None, [P, B]),
    "TLSConfiguration_setAllowOnlyKnownCertificates": (None, [P, B]),
    "TLSConfiguration_setMaxTlsVersion": (None, [P, I]),
    "TLSConfiguration_setMinTlsVersion": (None, [P, I]),
    "MmsConnection_createSecure": (P, [P]),
    "MmsConnection_create": (P, []),
    "MmsConnection_destroy": (None, [P]),
    "MmsConnection_connect": (B, [P, P, S, I]),
    "MmsConnection_conclude": (None, [P, P]),
    "MmsConnection_getLocalDetail": (c.c_int32, [P]),
    "MmsConnection_setLocalDetail": (None, [P, c.c_int32]),
    "MmsConnection_setRequestTimeout": (None, [P, U]),
    "MmsConnection_getIsoConnectionParameters": (P, [P]),
    "MmsConnection_identify": (P, [P, P]),
    "MmsServerIdentity_destroy": (None, [P]),
    "MmsConnection_getServerStatus": (None, [P, P, P, P, B]),
    "MmsConnection_getDomainNames": (P, [P, P]),
    "MmsConnection_getDomainVariableNames": (P, [P, P, S]),
    "MmsConnection_getDomainVariableListNames": (P, [P, P, S]),
    "MmsConnection_getVariableAccessAttributes": (P, [P, P, S, S]),
    "MmsConnection_readVariable": (P, [P, P, S, S]),
    "MmsConnection_readMultipleVariables": (P, [P, P, S, P]),
    "MmsConnection_readArrayElements": (P, [P, P, S, S, U, U]),
    "MmsConnection_readSingleArrayElementWithComponent": (P, [P, P, S, S, U, S]),
    "MmsConnection_readNamedVariableListValues": (P, [P, P, S, S, B]),
    "MmsConnection_readNamedVariableListDirectory": (P, [P, P, S, S, P]),
    "MmsConnection_readNamedVariableListValuesAssociationSpecific": (P, [P, P, S, B]),
    "MmsConnection_readNamedVariableListDirectoryAssociationSpecific": (P, [P, P, S, P]),
    "MmsConnection_getVariableListNamesAssociationSpecific": (P, [P, P]),
    "MmsConnection_defineNamedVariableList": (None, [P, P, S, S, P]),
    "MmsConnection_defineNamedVariableListAssociationSpecific": (None, [P, P, S, P]),
    "MmsConnection_deleteNamedVariableList": (B, [P, P, S, S]),
    "MmsConnection_deleteAssociationSpecificNamedVariableList": (B, [P, P, S]),
    "MmsConnection_writeNamedVariableList": (None, [P, P, B, S, S, P, P]),
    "MmsVariableAccessSpecification_create": (P, [P, P]),
    "MmsVariableAccessSpecification_createAlternateAccess": (P, [P, P, c.c_int32, P]),
    "MmsConnection_writeVariable": (I, [P, P, S, S, P]),
    "MmsConnection_writeMultipleVariables": (None, [P, P, S, P, P, P]),
    "IsoConnectionParameters_setAcseAuthenticationParameter": (None, [P, P]),
    "AcseAuthenticationParameter_create": (P, []),
    "AcseAuthenticationParameter_setAuthMechanism": (None, [P, I]),
    "AcseAuthenticationParameter_setPassword": (None, [P, S]),
    "LinkedList_create": (P, []),
    "LinkedList_add": (None, [P, P]),
    "LinkedList_getNext": (P, [P]),
    "LinkedList_getData": (P, [P]),
    "LinkedList_destroyStatic": (None, [P]),
    "LinkedList_destroy": (None, [P]),
    "MmsVariableSpecification_getType": (I, [P]),
    "MmsVariableSpecification_getName": (S, [P]),
    "MmsVariableSpecification_getSize": (I, [P]),
    "MmsVariableSpecification_getExponentWidth": (I, [P]),
    "MmsVariableSpecification_getChildSpecificationByIndex": (P, [P, I]),
    "MmsVariableSpecification_getArrayElementSpecification": (P, [P]),
    "MmsVariableSpecification_destroy": (None, [P]),
    "MmsValue_getType": (I, [P]),
    "MmsValue_getBoolean": (B, [P]),
    "MmsValue_toInt64": (c.c_int64, [P]),
    "MmsValue_toUint32": (U, [P]),
    "MmsValue_toFloat": (c.c_float, [P]),
    "MmsValue_toDouble": (D, [P]),
    "MmsValue_toString": (S, [P]),
    "MmsValue_getArraySize": (U, [P]),
    "MmsValue_getElement": (P, [P, I]),
    "MmsValue_getBitStringSize": (I, [P]),
    "MmsValue_getBitStringBit": (B, [P, I]),
    "MmsValue_setBitStringBit": (None, [P, I, B]),
    "MmsValue_getOctetStringSize": (c.c_uint16, [P]),
    "MmsValue_getOctetStringOctet": (c.c_uint8, [P, I]),
    "MmsValue_setOctetString": (None, [P, S, I]),
    "MmsValue_getUtcTimeInMs": (L, [P]),
    "MmsValue_getUtcTimeQuality": (c.c_uint8, [P]),
    "MmsValue_setUtcTimeQuality": (None, [P, c.c_uint8]),
    "MmsValue_getBinaryTimeAsUtcMs": (L, [P]),
    "MmsValue_getDataAccessError": (I, [P]),
    "MmsValue_newBoolean": (P, [B]),
    "MmsValue_newIntegerFromInt32": (P, [c.c_int32]),
    "MmsValue_newIntegerFromInt64": (P, [c.c_int64]),
    "MmsValue_newUnsignedFromUint32": (P, [U]),
    "MmsValue_newFloat": (P, [c.c_float]),
    "MmsValue_newDouble": (P, [D]),
    "MmsValue_newVisibleString": (P, [S]),
    "MmsValue_newMmsString": (P, [S]),
    "MmsValue_newBitString": (P, [I]),
    "MmsValue_newOctetString": (P, [I, I]),
    "MmsValue_newUtcTimeByMsTime": (P, [L]),
    "MmsValue_createEmptyStructure": (P, [I]),
    "MmsValue_createEmptyArray": (P, [I]),
    "MmsValue_setElement": (None, [P, I, P]),
    "MmsValue_delete": (None, [P]),
}

TYPES = [
    "array", "structure", "boolean", "bit-string", "integer", "unsigned", "floating-point", "octet-string",
    "visible-string", "generalized-time", "binary-time", "bcd", "obj-id", "mms-string", "utc-time",
    "data-access-error",
]


def declare(functions, library=None):
    """Tells ctypes the results and arguments of functions; of the loaded library when none is named."""
    for name, (result, arguments) in functions.items():
        function = getattr(library or lib, name)
        function.restype, function.argtypes = result, arguments


def load():
    """The library with its functions declared."""
    folder = [p for p in sys.path if p.endswith("site-packages")][0]
    found = glob.glob(os.path.join(folder, "pyiec61850_ng.libs", "libiec61850*.so*"))
    if not found:
        raise SystemExit("libiec61850 is not in " + folder)
    library = c.CDLL(found[0])
    declare(FUNCTIONS, library)
    return library


lib = load()


def to_json(value):
    """An MmsValue as JSON; the forms are PeerValue in index.ts."""
    kind = TYPES[lib.MmsValue_getType(value)]
    if kind in ("array", "structure"):
        return [to_json(lib.MmsValue_getElement(value, i)) for i in range(lib.MmsValue_getArraySize(value))]
    if kind == "boolean":
        return lib.MmsValue_getBoolean(value)
    if kind == "integer":
        return lib.MmsValue_toInt64(value)
    if kind == "unsigned":
        return lib.MmsValue_toUint32(value)
    if kind == "floating-point":
        return lib.MmsValue_toDouble(value)
    if kind in ("visible-string", "mms-string"):
        return lib.MmsValue_toString(value).decode("utf-8", "replace")
    if kind == "bit-string":
        size = lib.MmsValue_getBitStringSize(value)
        return {"bits": "".join("1" if lib.MmsValue_getBitStringBit(value, i) else "0" for i in range(size))}
    if kind == "octet-string":
        size = lib.MmsValue_getOctetStringSize(value)
        return {"octets": bytes(lib.MmsValue_getOctetStringOctet(value, i) for i in range(size)).hex()}
    if kind == "utc-time":
        return {"utc": lib.MmsValue_getUtcTimeInMs(value), "quality": lib.MmsValue_getUtcTimeQuality(value)}
    if kind == "binary-time":
        return {"binaryTime": lib.MmsValue_getBinaryTimeAsUtcMs(value)}
    if kind == "data-access-error":
        return {"error": lib.MmsValue_getDataAccessError(value)}
    return {"unknown": kind}


def from_json(kind, value):
    """A new MmsValue of the MMS type `kind`; for a structure, `value` is a list of [kind, value]."""
    if kind == "boolean":
        return lib.MmsValue_newBoolean(value)
    if kind == "integer":
        return lib.MmsValue_newIntegerFromInt64(value)
    if kind == "unsigned":
        return lib.MmsValue_newUnsignedFromUint32(value)
    if kind == "float32":
        return lib.MmsValue_newFloat(value)
    if kind == "float64":
        return lib.MmsValue_newDouble(value)
    if kind == "visible-string":
        return lib.MmsValue_newVisibleString(value.encode())
    if kind == "mms-string":
        return lib.MmsValue_newMmsString(value.encode())
    if kind == "bit-string":
        made = lib.MmsValue_newBitString(len(value))
        for i, bit in enumerate(value):
            lib.MmsValue_setBitStringBit(made, i, bit == "1")
        return made
    if kind == "octet-string":
        octets = bytes.fromhex(value)
        made = lib.MmsValue_newOctetString(len(octets), len(octets))
        lib.MmsValue_setOctetString(made, octets, len(octets))
        return made
    if kind == "utc-time":
        made = lib.MmsValue_newUtcTimeByMsTime(value["utc"])
        lib.MmsValue_setUtcTimeQuality(made, value["quality"])
        return made
    if kind in ("structure", "array"):
        create = lib.MmsValue_createEmptyStructure if kind == "structure" else lib.MmsValue_createEmptyArray
        made = create(len(value))
        for i, (member_kind, member) in enumerate(value):
            lib.MmsValue_setElement(made, i, from_json(member_kind, member))
        return made
    raise ValueError("no such kind: " + kind)


def linked_list(head):
    """The data pointers of a LinkedList, whose first element is empty."""
    element = lib.LinkedList_getNext(head) if head else None
    while element:
        yield lib.LinkedList_getData(element)
        element = lib.LinkedList_getNext(element)


def new_list(items):
    made = lib.LinkedList_create()
    for item in items:
        lib.LinkedList_add(made, item)
    return made


def associate(port, error, pdu_size=None):
    """An IedConnection to a server on loopback; again when the first request is lost, a race of version 1.6.1."""
    for _ in range(20):
        made = lib.IedConnection_create()
        if pdu_size:
            lib.MmsConnection_setLocalDetail(lib.IedConnection_getMmsConnection(made), pdu_size)
        lib.IedConnection_connect(made, c.byref(error), b"127.0.0.1", port)
        if error.value == 0:
            lib.IedConnection_getServerDirectory(made, c.byref(error), False)
        if error.value == 0:
            return made
        error.value = 0
        lib.IedConnection_destroy(made)
    say(event="failed", error="the connection is lost each time")
    raise SystemExit(2)


TLS_1_2 = 6


def tls_configuration(files, client):
    """TLS with the files certificate, key and CA; version 1.6.1 is built with an mbedTLS that has TLS 1.2."""
    if not files:
        return None
    made = lib.TLSConfiguration_create()
    if client:
        lib.TLSConfiguration_setClientMode(made)
    certificate, key, ca = [name.encode() for name in files]
    if not lib.TLSConfiguration_setOwnKeyFromFile(made, key, None):
        raise SystemExit("the key cannot be read")
    if not lib.TLSConfiguration_setOwnCertificateFromFile(made, certificate):
        raise SystemExit("the certificate cannot be read")
    if not lib.TLSConfiguration_addCACertificateFromFile(made, ca):
        raise SystemExit("the CA cannot be read")
    lib.TLSConfiguration_setChainValidation(made, True)
    lib.TLSConfiguration_setAllowOnlyKnownCertificates(made, False)
    lib.TLSConfiguration_setMinTlsVersion(made, TLS_1_2)
    lib.TLSConfiguration_setMaxTlsVersion(made, TLS_1_2)
    return made


class CommParameters(c.Structure):
    """Destination of a publisher on the process bus."""

    _fields_ = [
        ("vlanPriority", c.c_uint8),
        ("vlanId", c.c_uint16),
        ("appId", c.c_uint16),
        ("dstAddress", c.c_uint8 * 6),
    ]


def say(**message):
    print(json.dumps(message), flush=True)


def serve_commands(commands):
    """Answers JSON lines `{"id", "op", …}` on stdin until it closes, each with one line."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            say(id=request["id"], result=commands[request["op"]](request))
        except Exception as error:  # whatever it is, the test shows it
            say(id=request["id"], error=str(error) or type(error).__name__)
