"""A libiec61850 client: libiec61850_client.py --port N [--password TEXT], then commands as JSON lines on stdin."""
import argparse
import ctypes as c
import time

from libiec61850 import (
    B, I, P, S, TYPES, from_json, lib, linked_list, new_list, say, serve_commands, tls_configuration, to_json,
)

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--password")
parser.add_argument("--pdu-size", type=int)
parser.add_argument("--tls", nargs=3, metavar=("CERTIFICATE", "KEY", "CA"))
options = parser.parse_args()

MMS_ERRORS = {
    0: "none", 1: "connection-rejected", 2: "connection-lost", 3: "service-timeout", 4: "parsing-response",
    5: "hardware-fault", 6: "concluded", 7: "invalid-arguments", 8: "outstanding-call-limit", 9: "other",
    81: "object-non-existent", 82: "object-access-unsupported", 83: "object-access-denied",
}


class Identity(c.Structure):
    _fields_ = [("vendor", S), ("model", S), ("revision", S)]


class AccessSpecification(c.Structure):
    """MmsVariableAccessSpecification: a data set member."""

    _fields_ = [("domain", S), ("item", S), ("index", c.c_int32), ("component", S)]


error = c.c_int(0)
err = c.byref(error)


def checked(result):
    if error.value != 0:
        code, error.value = error.value, 0
        raise RuntimeError(MMS_ERRORS.get(code, "mms-error-%d" % code))
    return result


def new_connection():
    tls = tls_configuration(options.tls, True)
    made = lib.MmsConnection_createSecure(tls) if tls else lib.MmsConnection_create()
    lib.MmsConnection_setRequestTimeout(made, 10000)
    if options.pdu_size:
        lib.MmsConnection_setLocalDetail(made, options.pdu_size)
    if options.password is not None:
        authentication = lib.AcseAuthenticationParameter_create()
        lib.AcseAuthenticationParameter_setAuthMechanism(authentication, 1)
        lib.AcseAuthenticationParameter_setPassword(authentication, options.password.encode())
        lib.IsoConnectionParameters_setAcseAuthenticationParameter(
            lib.MmsConnection_getIsoConnectionParameters(made), authentication
        )
    return made


def associate():
    """Version 1.6.1 loses a race in about every fifth process: connect tells success, and every request then
    "connection lost" without a word on the wire. Such an association is given up for another one."""
    for _ in range(20):
        made = new_connection()
        if not lib.MmsConnection_connect(made, err, b"127.0.0.1", options.port):
            say(event="failed", error=MMS_ERRORS.get(error.value, str(error.value)))
            raise SystemExit(2)
        lib.MmsConnection_getDomainNames(made, err)
        lost = MMS_ERRORS.get(error.value) == "connection-lost"
        error.value = 0
        if not lost:
            return made
        lib.MmsConnection_destroy(made)
    raise SystemExit("the connection is lost each time")


connection = associate()


def identify(_request):
    found = c.cast(checked(lib.MmsConnection_identify(connection, err)), c.POINTER(Identity)).contents
    return {"vendor": found.vendor.decode(), "model": found.model.decode(), "revision": found.revision.decode()}


def status(_request):
    logical, physical = c.c_int(-1), c.c_int(-1)
    checked(lib.MmsConnection_getServerStatus(connection, err, c.byref(logical), c.byref(physical), False))
    return {"logical": logical.value, "physical": physical.value}


def strings(head):
    return [c.cast(data, S).value.decode() for data in linked_list(head)]


def domains(_request):
    return strings(checked(lib.MmsConnection_getDomainNames(connection, err)))


def variables(request):
    return strings(checked(lib.MmsConnection_getDomainVariableNames(connection, err, request["domain"].encode())))


def variable_lists(request):
    return strings(checked(lib.MmsConnection_getDomainVariableListNames(connection, err, request["domain"].encode())))


def type_json(specification):
    kind = TYPES[lib.MmsVariableSpecification_getType(specification)]
    size = lib.MmsVariableSpecification_getSize(specification)
    if kind == "structure":
        children = [lib.MmsVariableSpecification_getChildSpecificationByIndex(specification, i) for i in range(size)]
        return {
            "kind": kind,
            "members": [[lib.MmsVariableSpecification_getName(child).decode(), type_json(child)] for child in children],
        }
    if kind == "array":
        element = lib.MmsVariableSpecification_getArrayElementSpecification(specification)
        return {"kind": kind, "count": size, "element": type_json(element)}
    if kind == "floating-point":
        return {"kind": kind, "exponent": lib.MmsVariableSpecification_getExponentWidth(specification)}
    return {"kind": kind, "size": size}


def type_of(request):
    specification = checked(
        lib.MmsConnection_getVariableAccessAttributes(
            connection, err, request["domain"].encode(), request["item"].encode()
        )
    )
    result = type_json(specification)
    lib.MmsVariableSpecification_destroy(specification)
    return result


def taken(value):
    result = to_json(value)
    lib.MmsValue_delete(value)
    return result


def read(request):
    domain, item = request["domain"].encode(), request["item"].encode()
    if "index" not in request:
        return taken(checked(lib.MmsConnection_readVariable(connection, err, domain, item)))
    if "component" in request:
        component = request["component"].encode()
        return taken(
            checked(
                lib.MmsConnection_readSingleArrayElementWithComponent(
                    connection, err, domain, item, request["index"], component
                )
            )
        )
    count = request.get("count", 1)
    return taken(checked(lib.MmsConnection_readArrayElements(connection, err, domain, item, request["index"], count)))


def name_list(items):
    """A LinkedList of C strings, and the strings, which have to outlive it."""
    kept = [c.create_string_buffer(item.encode()) for item in items]
    return new_list(c.addressof(text) for text in kept), kept


def read_many(request):
    names, _kept = name_list(request["items"])
    value = lib.MmsConnection_readMultipleVariables(connection, err, request["domain"].encode(), names)
    lib.LinkedList_destroyStatic(names)
    return taken(checked(value))


def write(request):
    value = from_json(request["kind"], request["value"])
    result = lib.MmsConnection_writeVariable(
        connection, err, request["domain"].encode(), request["item"].encode(), value
    )
    lib.MmsValue_delete(value)
    # The library tells a refused write in both places; the DataAccessError is the one that MMS carried.
    error.value = 0
    return result


def data_set(request):
    """Of an association where no domain is named."""
    domain, name = request.get("domain", "").encode(), request["item"].encode()
    deletable = c.c_bool(False)
    directory = checked(
        lib.MmsConnection_readNamedVariableListDirectory(connection, err, domain, name, c.byref(deletable))
        if domain
        else lib.MmsConnection_readNamedVariableListDirectoryAssociationSpecific(
            connection, err, name, c.byref(deletable)
        )
    )
    members = []
    for data in linked_list(directory):
        found = c.cast(data, c.POINTER(AccessSpecification)).contents
        member = {"domain": found.domain.decode(), "item": found.item.decode()}
        if found.index >= 0:
            member["index"] = found.index
        if found.component:
            member["component"] = found.component.decode()
        members.append(member)
    values = checked(
        lib.MmsConnection_readNamedVariableListValues(connection, err, domain, name, True)
        if domain
        else lib.MmsConnection_readNamedVariableListValuesAssociationSpecific(connection, err, name, True)
    )
    return {"deletable": deletable.value, "members": members, "values": taken(values)}


# The library keeps the texts of a member as they are given; they live as long as this process.
texts = []


def kept(text):
    texts.append(c.create_string_buffer(text.encode()))
    return c.addressof(texts[-1])


def member(domain, item, index=None, component=None):
    if index is None:
        return lib.MmsVariableAccessSpecification_create(kept(domain), kept(item))
    return lib.MmsVariableAccessSpecification_createAlternateAccess(
        kept(domain), kept(item), index, kept(component) if component else None
    )


def define_data_set(request):
    members = new_list(member(*one) for one in request["members"])
    name = request["item"].encode()
    if "domain" in request:
        lib.MmsConnection_defineNamedVariableList(connection, err, request["domain"].encode(), name, members)
    else:
        lib.MmsConnection_defineNamedVariableListAssociationSpecific(connection, err, name, members)
    checked(None)


def delete_data_set(request):
    name = request["item"].encode()
    if "domain" in request:
        return checked(lib.MmsConnection_deleteNamedVariableList(connection, err, request["domain"].encode(), name))
    return checked(lib.MmsConnection_deleteAssociationSpecificNamedVariableList(connection, err, name))


def own_data_sets(_request):
    return strings(checked(lib.MmsConnection_getVariableListNamesAssociationSpecific(connection, err)))


def write_data_set(request):
    """DataAccessError of each member; -1 for one that was written."""
    values = [from_json(kind, value) for kind, value in request["values"]]
    given = new_list(values)
    results = P()
    own = "domain" not in request
    lib.MmsConnection_writeNamedVariableList(
        connection, err, own, request.get("domain", "").encode(), request["item"].encode(), given, c.byref(results)
    )
    for value in values:
        lib.MmsValue_delete(value)
    # The library tells the first refused member in `err`, too.
    if not results:
        checked(None)
    error.value = 0
    return [lib.MmsValue_getDataAccessError(result) for result in linked_list(results)]


def bench(request):
    """Reads the same variables for some seconds, in batches of `batch`; gives variables a second."""
    domain = request["domain"].encode()
    items = request["items"]
    encoded = [item.encode() for item in items]
    batch = request.get("batch", len(items))
    lists = [name_list(items[i : i + batch]) for i in range(0, len(items), batch)]
    count = 0
    start = time.perf_counter()
    end = start + request.get("seconds", 2)
    while time.perf_counter() < end:
        if batch == 1:
            for item in encoded:
                lib.MmsValue_delete(checked(lib.MmsConnection_readVariable(connection, err, domain, item)))
        else:
            for names, _kept in lists:
                lib.MmsValue_delete(checked(lib.MmsConnection_readMultipleVariables(connection, err, domain, names)))
        count += len(items)
    return {"perSecond": count / (time.perf_counter() - start)}


def conclude(_request):
    checked(lib.MmsConnection_conclude(connection, err))


say(event="ready", pduSize=lib.MmsConnection_getLocalDetail(connection))
serve_commands(
    {
        "identify": identify, "status": status, "domains": domains, "variables": variables,
        "variableLists": variable_lists, "type": type_of, "read": read, "readMany": read_many, "write": write,
        "dataSet": data_set, "defineDataSet": define_data_set, "deleteDataSet": delete_data_set,
        "ownDataSets": own_data_sets, "writeDataSet": write_data_set, "bench": bench, "conclude": conclude,
    }
)
lib.MmsConnection_destroy(connection)
