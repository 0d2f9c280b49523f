/** Every bound of the package, checked before memory is taken. */

/** BER: deepest nesting that the reader follows. */
export const MAX_BER_DEPTH = 32;

/** TPKT (RFC 1006 §6): the length field has 16 bits. */
export const MAX_TPKT_LENGTH = 65535;
/** One TSDU after COTP reassembly, in octets. Larger than any MMS PDU offered below plus the layers around it. */
export const MAX_TSDU_LENGTH = 1 << 20;
/** Fragments of one TSDU; a TSDU of 64 KiB in fragments of 128 octets needs 512. */
export const MAX_TSDU_FRAGMENTS = 4096;
/** Octets of a T-, S- or P-selector (ISO 8073, 8327 §8.3.2, 8823 §6.2.2.3). */
export const MAX_SELECTOR_LENGTH = 32;

/** MMS PDU size that we offer, in octets, and the range that we accept (IEC 61850-8-1 §25.1.1). */
export const DEFAULT_MAX_PDU_SIZE = 65000;
export const MIN_MAX_PDU_SIZE = 512;
export const MAX_MAX_PDU_SIZE = 1_000_000;
/** Outstanding confirmed services that we offer in each direction. */
export const DEFAULT_MAX_OUTSTANDING = 10;
export const MAX_MAX_OUTSTANDING = 100;
/** Data structure nesting level that we offer (ISO 9506-2 §8.2). */
export const DEFAULT_NESTING_LEVEL = 10;
/** Deepest MMS type or data that is accepted, whatever was negotiated. */
export const MAX_DATA_NESTING = 20;
/** Elements of one MMS structure, array, list of variables or page of names. */
export const MAX_LIST_LENGTH = 65536;
/** Octets of an MMS Identifier; the standard says 32 to 64, real devices and ours take up to 129. */
export const MAX_IDENTIFIER_LENGTH = 255;
/** Octets of a text in an Identify answer. */
export const MAX_IDENTIFY_TEXT = 1024;
/** Encodings of one type, differing in lengths, whose places are remembered; further ones are walked each time they change. */
export const MAX_KNOWN_SHAPES = 32;
/** Octets of an ACSE authentication password. */
export const MAX_PASSWORD_LENGTH = 256;

/** Types of variables that are remembered in one association. */
export const MAX_KNOWN_TYPES = 5000;

/** Default time limit of a request, of an association and of a TCP connection, in ms. */
export const DEFAULT_TIMEOUT_MS = 5000;
/** Longest time limit that can be asked for, in ms. */
export const MAX_TIMEOUT_MS = 600_000;
/** Closing an association: after this many ms the socket is destroyed. */
export const CLOSE_TIMEOUT_MS = 1500;
/** Back-off between attempts to connect, in ms; the last value repeats for ever. */
export const RECONNECT_DELAYS_MS: readonly number[] = [1000, 2000, 4000, 8000, 15000, 30000];

/** Raw Ethernet by libpcap: longest wait of a thread on a capture handle, in ms. */
export const PCAP_WAIT_MS = 100;

/** Health: ms between two looks at the IEDs, and the longest interval at which it is told, in seconds. */
export const HEALTH_CHECK_MS = 1000;
export const MAX_HEALTH_INTERVAL_S = 86_400;

/** MMS trace of one IED: packets and octets that are kept, lines that are shown, and ms after which it ends by itself. */
export const MAX_TRACED_PACKETS = 20_000;
export const MAX_TRACED_OCTETS = 32 << 20;
export const MAX_TRACED_LINES = 5000;
export const MAX_TRACE_MS = 3_600_000;
/** Connections of one trace that are told apart, and requests of one that wait for their answers. */
export const MAX_TRACED_CONNECTIONS = 200;
export const MAX_TRACED_REQUESTS = 1000;
/** Octets of the beginning of each association that are kept, traced or not. */
export const MAX_TRACED_BEGINNING = 16 << 10;

/** Names in one browse of an IED, over all logical devices. */
export const MAX_BROWSE_NAMES = 500_000;
/** Pages of one GetNameList walk; a real relay needs 48 for one logical device. */
export const MAX_NAME_LIST_PAGES = 10_000;
/** Points of one probe, and its time limit in ms. */
export const MAX_PROBE_POINTS = 500;
export const PROBE_TIMEOUT_MS = 15_000;

/** Reports: members of one data set that is made for tags which no data set holds; most IEDs allow as many. */
export const MAX_MADE_MEMBERS = 100;
/** Data sets: members of one that a client makes, and data sets of one IED that it knows at a time. */
export const MAX_DATA_SET_MEMBERS = 10_000;
export const MAX_KNOWN_DATA_SETS = 1000;

/** Control: octets of orIdent (IEC 61850-7-3 §6.8), and objects of one IED that are remembered at a time. */
export const MAX_OR_IDENT = 64;
export const MAX_CONTROLLED_OBJECTS = 4096;
/** Control: ms to wait for CommandTermination by default and at the most, and how far ahead a time-activated operate may lie. */
export const DEFAULT_TERMINATION_TIMEOUT_MS = 30_000;
export const MAX_TERMINATION_TIMEOUT_MS = 3_600_000;
export const MAX_OPERATE_AHEAD_MS = 24 * 3_600_000;
/** Control: a command that was not sent within so many ms of being given is refused. */
export const CONTROL_PREPARATION_MS = 10_000;
/** Control: ms that a LastApplError may come behind the negative answer that it explains. */
export const LAST_APPL_ERROR_GRACE_MS = 200;
/** Control: interval in ms at which a status value is read that shall follow, and the longest wait for it. */
export const FEEDBACK_POLL_MS = 200;
export const MAX_FEEDBACK_MS = 600_000;
/** Control: where reports bring that status value, it is read after so many ms without one all the same. */
export const FEEDBACK_UNREPORTED_MS = 1000;

/** Server: ms that its owner has for deciding on a command, by default and at the most. */
export const DEFAULT_CONTROL_TIMEOUT_MS = 2000;
export const MAX_CONTROL_TIMEOUT_MS = 60_000;
/** Server: ms that a selection holds, and that an operate may take, where the model has no sboTimeout and operTimeout. */
export const DEFAULT_SBO_TIMEOUT_MS = 30_000;
export const DEFAULT_OPER_TIMEOUT_MS = 10_000;
/** Server: longest sboTimeout and operTimeout that are taken from the model, in ms. */
export const MAX_CONTROL_TIMER_MS = 24 * 3_600_000;
/** Server: pulses of one command. */
export const MAX_PULSES = 1000;
/** Server: ms that a simulated process takes to follow a command. */
export const SIMULATED_TRAVEL_MS = 300;

/** Clients of one IEC 61850 server, by default. */
export const DEFAULT_MAX_CLIENTS = 100;
/** Clients that a server may be given. */
export const MAX_SERVER_CLIENTS = 10_000;
/** Messages of a flow that wait while a server reads its SCL file. */
export const MAX_WAITING_UPDATES = 10_000;
/** Server: how often the services that set the clock of the host are asked, and how long they may take, in ms. */
export const HOST_CLOCK_INTERVAL_MS = 60_000;
export const HOST_CLOCK_TIMEOUT_MS = 3000;
/** Requests of a server's clients that wait for the answer of a flow. */
export const MAX_PENDING_REQUESTS = 1000;
/** Octets that may wait in a server's socket to one client before it is dropped. */
export const MAX_SOCKET_BACKLOG = 8 << 20;
/** Server: MMS variables that one model may unfold to, and data sets with their members. */
export const MAX_SERVER_VARIABLES = 5_000_000;
/** Server: names of one GetNameList answer, where the PDU size does not end it before. */
export const MAX_NAMES_PER_PAGE = 1000;
/** Server: read requests that are kept in resolved form, and octets that they take together, about. */
export const READ_CACHE_ENTRIES = 4096;
export const READ_CACHE_OCTETS = 16 << 20;
/** Server: objects that one read or write request may reach, named variable lists unfolded. */
export const MAX_REQUEST_OBJECTS = 65_536;
/** Server: data sets that clients made in logical nodes, those of one association, and members of one and of all. */
export const MAX_DYNAMIC_DATA_SETS = 500;
export const MAX_ASSOCIATION_DATA_SETS = 20;
export const MAX_DYNAMIC_DATA_SET_MEMBERS = 1000;
export const MAX_DYNAMIC_MEMBERS = 100_000;
/** Server: characters of a data set's name that a client gives (ObjectName, IEC 61850-7-2 §6.1.2). */
export const MAX_DATA_SET_NAME = 64;
/** Server: octets of events that one buffered report control block keeps, by default and at the most, and all of a server. */
export const DEFAULT_REPORT_BUFFER = 512 << 10;
export const MIN_REPORT_BUFFER = 4 << 10;
export const MAX_REPORT_BUFFER = 64 << 20;
export const MAX_REPORT_BUFFERS = 256 << 20;
/** Server: octets of reports that wait for one unbuffered control block's client; beyond that they become one. */
export const MAX_UNBUFFERED_OCTETS = 1 << 20;
/** Server: octets that may wait in a client's socket before its reports are held back, and ms until it is looked at again. */
export const REPORT_BACKLOG = 1 << 20;
export const REPORT_RETRY_MS = 10;
/** Server: ms that events wait for a common write to disk, where report buffers are kept there; more on slow media, up to the latter. */
export const REPORT_COMMIT_MS = 5;
export const MAX_REPORT_COMMIT_MS = 2000;
/** Server: a client that has taken nothing for so many ms, while reports are held back for it, is dropped. */
export const REPORT_STALL_MS = 30_000;
/** Server: reports of one control block that are sent before it is another one's turn. */
export const REPORTS_PER_TURN = 256;
/** Server: shortest period of integrity scans in ms; shorter ones are made to be this. */
export const MIN_INTEGRITY_MS = 10;
/** Server: s that a buffered control block stays reserved for a client that is gone and had enabled it without ResvTms. */
export const IMPLICIT_RESERVATION_S = 10;
/** Server: things that were left out of a model and are kept as text; the rest is counted. */
export const MAX_SERVER_PROBLEMS = 1000;

/** SCL: octets of a file, and depth of its elements. */
export const MAX_SCL_BYTES = 256 << 20;
export const MAX_XML_DEPTH = 64;
/** SCL: diagnostics kept for one file; the rest is counted. */
export const MAX_SCL_DIAGNOSTICS = 1000;
/** SCL: attributes of one IED after its types were unfolded. */
export const MAX_SCL_ATTRIBUTES = 2_000_000;
/** SCL: elements of a file, and attributes of one element. */
export const MAX_XML_ELEMENTS = 4_000_000;
export const MAX_XML_ATTRIBUTES = 256;
/** SCL: a file up to so many octets is read in line; a larger one in a worker, so that the event loop stays free. */
export const SCL_INLINE_BYTES = 64 << 10;
/** SCL: time limit of reading one file in ms, heap of a worker in MB, and workers at a time. */
export const SCL_TIMEOUT_MS = 60_000;
export const SCL_WORKER_HEAP_MB = 2048;
export const MAX_SCL_WORKERS = 2;
/** SCL: files that may wait for a worker. */
export const MAX_SCL_QUEUE = 1000;

/** Modbus TCP: connections of one server, and idle time in ms after which one is closed, by default. */
export const DEFAULT_MODBUS_CONNECTIONS = 20;
export const DEFAULT_MODBUS_IDLE_MS = 300_000;
/** Modbus TCP: most connections that a server may be given. */
export const MAX_MODBUS_CONNECTIONS = 500;
/** Modbus TCP: octets of answers that may wait for one client before it is dropped. */
export const MAX_MODBUS_BACKLOG = 256 << 10;
/** Modbus map: rows of one map, problems reported for it, and unknown tags that are remembered by name. */
export const MAX_MODBUS_ROWS = 100_000;
export const MAX_MODBUS_ISSUES = 1000;
export const MAX_MODBUS_UNKNOWN_TAGS = 1000;
/** Modbus map: characters of a CSV file. */
export const MAX_CSV_LENGTH = 32 << 20;

/** MQTT: messages that wait while the broker is away, by default. */
export const DEFAULT_MQTT_QUEUE = 10_000;
/** MQTT: the largest queue that a node may be given, and the characters that one queue holds whatever its length. */
export const MAX_MQTT_QUEUE = 1_000_000;
export const MAX_MQTT_QUEUE_CHARACTERS = 64 << 20;
/** MQTT: messages of one connection that were sent and not yet acknowledged. */
export const MAX_MQTT_IN_FLIGHT = 200;
/** MQTT: characters of one payload. */
export const MAX_MQTT_PAYLOAD = 1 << 20;
/** MQTT: octets of a topic (MQTT 5.0 §1.5.4, a UTF-8 string). */
export const MAX_MQTT_TOPIC_BYTES = 65535;
/** MQTT: time limits in ms of connecting with CONNACK, and of an acknowledgement. */
export const MQTT_CONNECT_TIMEOUT_MS = 10_000;
export const MQTT_ACK_TIMEOUT_MS = 20_000;
/** MQTT: connections that may break over one unacknowledged message before it is given up. */
export const MAX_MQTT_ATTEMPTS = 10;
/** MQTT: time in ms that a closing node gives its queue to reach the broker. */
export const MQTT_DRAIN_MS = 800;

/** Editor: SCL files kept in the user directory. */
export const MAX_STORED_SCL_FILES = 500;
/** Editor: browse results kept at a time, how long one is kept after its last use, and the time limit of a browse, in ms. */
export const MAX_BROWSE_RESULTS = 6;
export const BROWSE_RESULT_MS = 15 * 60_000;
export const BROWSE_TIMEOUT_MS = 180_000;
/** Editor: rows of one answer about a browse result. */
export const MAX_EDITOR_ROWS = 1000;
/** Live SCL check: differences that are listed, and values that are read of the device. */
export const MAX_SCL_FINDINGS = 5000;
export const MAX_SCL_CHECK_READS = 20_000;
/** Editor: octets, nodes and files of a project; projects that wait for a person's word, and how long, in ms. */
export const MAX_PROJECT_BYTES = 64 << 20;
export const MAX_PROJECT_NODES = 50_000;
export const MAX_PROJECT_FILES = 200;
export const MAX_PENDING_PROJECTS = 2;
export const PENDING_PROJECT_MS = 10 * 60_000;
/** Tags of one node, configured or by message. */
export const MAX_TAGS = 100_000;

/** Characters of a tag value's `text`; structures and long strings are cut there. */
export const MAX_VALUE_TEXT = 250;
/** Characters of a tag's name. */
export const MAX_TAG_NAME = 250;
/** Mapping of variables: names that no line has and that are remembered, to tell each of them once. */
export const MAX_UNKNOWN_VARIABLES = 1000;
/** Problems of one table that are kept; the rest is counted. */
export const MAX_TABLE_PROBLEMS = 1000;

/** Reports: octets of an EntryID; the standard says 8. */
export const MAX_ENTRY_ID_LENGTH = 64;
/** Logs: entries of one query by default and at the most, its pages, octets that they take together, and decoders kept. */
export const DEFAULT_LOG_ENTRIES = 1000;
export const MAX_LOG_ENTRIES = 100_000;
export const MAX_LOG_PAGES = 10_000;
export const MAX_LOG_OCTETS = 64 << 20;
export const MAX_LOG_LAYOUTS = 256;
/** Logs: octets of a variable's tag or of an annotation. */
export const MAX_JOURNAL_TEXT = 1024;
/** Settings: values of one edit, time limit in ms of one from its selection to its confirmation, and its longest. */
export const MAX_EDITED_SETTINGS = 10_000;
export const DEFAULT_EDIT_TIMEOUT_MS = 60_000;
export const MAX_EDIT_TIMEOUT_MS = 3_600_000;
/** Settings: ms in which an activated group has to show, interval at which that is read, and jobs that wait for their turn. */
export const ACTIVATION_TIMEOUT_MS = 10_000;
export const ACTIVATION_POLL_MS = 200;
export const MAX_WAITING_EDITS = 16;
/** Reports: segments of one report, and octets that they take together. */
export const MAX_REPORT_SEGMENTS = 4096;
export const MAX_REPORT_OCTETS = 16 << 20;
/** Reports: control blocks of one IED that may be subscribed to. */
export const MAX_REPORT_SUBSCRIPTIONS = 2000;
/** Reports: back-off between attempts to arm a control block, in ms; the last value repeats for ever. */
export const REARM_DELAYS_MS: readonly number[] = [3000, 6000, 12_000, 30_000, 60_000];
/** Reports: back-off in ms before control blocks are chosen anew, when one could not be taken. */
export const REPLAN_DELAYS_MS: readonly number[] = [1000, 3000, 10_000, 60_000];
/** Reports: EntryIDs that are remembered to tell a repeat, and entries that may wait for being acknowledged. */
export const MAX_REMEMBERED_ENTRIES = 4096;
export const MAX_UNACKNOWLEDGED_ENTRIES = 100_000;
/** Reports: resume points that one file holds. */
export const MAX_RESUME_POINTS = 10_000;

/** Shortest poll interval, in ms. */
export const MIN_POLL_INTERVAL_MS = 20;

/** Files: octets of a file name with its path, and parts that it may come in (ISO 9506-2 Annex D, FileName). */
export const MAX_FILE_NAME_LENGTH = 1024;
export const MAX_FILE_NAME_PARTS = 64;

/** Security: octets of a file with certificates or a key, and of a certificate revocation list. */
export const MAX_PEM_OCTETS = 1 << 20;
export const MAX_CRL_OCTETS = 32 << 20;
/** Security: certificates of one chain that are followed, and of one list of CAs or known peers. */
export const MAX_CHAIN_LENGTH = 10;
export const MAX_LISTED_CERTIFICATES = 10_000;
/** Security: shorter keys need an explicit opt-in, in bits (IEC 62351-3 §5.6.4.4). */
export const MIN_RSA_BITS = 2048;
export const MIN_EC_BITS = 256;
/** Security: default interval of re-keying and of looking at certificates again, and the range that may be asked for, in ms. */
export const DEFAULT_REKEY_MS = 24 * 3_600_000;
export const MIN_REKEY_MS = 100;
export const MAX_REKEY_MS = 7 * 24 * 3_600_000;
/** Security: default and longest lifetime of a TLS session that may be resumed, in s. */
export const DEFAULT_TLS_SESSION_S = 6 * 3600;
export const MAX_TLS_SESSION_S = 24 * 3600;

/** GOOSE: entries of one data set, and characters of a name in a PDU. */
export const MAX_GOOSE_ENTRIES = 1024;
export const MAX_GOOSE_NAME = 256;
/** Files: requests of an IED to its client that may be worked on at a time. */
export const MAX_PEER_REQUESTS = 16;
/** Files: entries of one directory, and pages that they come in. */
export const MAX_DIRECTORY_ENTRIES = 100_000;
export const MAX_DIRECTORY_PAGES = 10_000;
/** Files: octets of a file that is taken into memory, by default and at the most. */
export const DEFAULT_MAX_FILE_BUFFER = 64 << 20;
export const MAX_FILE_BUFFER = 1 << 30;
/** Files: octets of a file that is got, at the most; positions have 32 bits. */
export const MAX_FILE_SIZE = 0xffffffff;
/** Files: FileRead requests of one file that may be outstanding at a time. */
export const MAX_FILE_READ_AHEAD = 16;
/** Files: answers to FileRead without an octet, one after the other, after which a file has no end. */
export const MAX_EMPTY_FILE_READS = 16;
/** Files: attempts to go on with a file that fail before an octet came. */
export const MAX_FILE_RESUMES = 3;
/** Files: ms that a transfer waits for a lost association to come back, by default and at the most. */
export const DEFAULT_FILE_RESUME_MS = 120_000;
export const MAX_FILE_RESUME_MS = 3_600_000;
/** GOOSE: longest timeAllowedtoLive that is believed, and the shortest one that is sent, in ms. */
export const MAX_GOOSE_TTL_MS = 600_000;
export const MIN_GOOSE_TTL_MS = 100;
/** GOOSE: first and longest wait between repeats when the file does not say them, in ms. */
export const DEFAULT_GOOSE_MIN_TIME_MS = 4;
export const DEFAULT_GOOSE_MAX_TIME_MS = 1000;

/** Logs of a server: logs of one model, entries of one by default and at the most, and octets of one. */
export const MAX_SERVER_LOGS = 256;
export const DEFAULT_SERVER_LOG_SIZE = 10_000;
export const MAX_SERVER_LOG_SIZE = 1_000_000;
export const MAX_SERVER_LOG_OCTETS = 64 << 20;
/** Logs of a server: octets of one entry, unless one value alone is larger; entries read at a time. */
export const MAX_LOG_ENTRY_OCTETS = 4000;
export const LOG_READ_CHUNK = 256;
/** Logs of a server: shortest period of integrity scans in ms; shorter ones are made to be this. */
export const MIN_LOG_INTEGRITY_MS = 100;
/** Setting groups: values of all settings in all groups of one logical device. */
export const MAX_SETTING_GROUP_VALUES = 2_000_000;
/** Setting groups: seconds for which an edit session is reserved, counted from the client's last write (SGCB.ResvTms). */
export const SETTING_GROUP_RESERVATION_S = 300;
/** Store of a server: ms after which changes that nobody waits for are on disk. */
export const STORE_COMMIT_DELAY_MS = 200;
/** Store of a server: at the most one part in so many of the time goes into such commits; ms after which one is due all the same. */
export const STORE_COMMIT_SHARE = 20;
export const STORE_COMMIT_MAX_DELAY_MS = 2000;
/** Store of a server: ms between two signs of life of its owner, and how long a newcomer waits for one. */
export const STORE_OWNER_INTERVAL_MS = 3000;
export const STORE_OWNER_WAIT_MS = 10_000;
/** Store of a server: configuration revisions whose settings are kept side by side. */
export const MAX_KEPT_REVISIONS = 8;
/** Access: expected clients of one server, and octets of a file with a list of them. */
export const MAX_EXPECTED_CLIENTS = 1000;
export const MAX_CLIENT_FILE_OCTETS = 1 << 20;
/** Access log: octets of one file, by default and at the least and most, files that are kept, and events that wait for the disk. */
export const DEFAULT_ACCESS_LOG_OCTETS = 10 << 20;
export const MIN_ACCESS_LOG_OCTETS = 4096;
export const MAX_ACCESS_LOG_OCTETS = 1 << 30;
export const DEFAULT_ACCESS_LOG_FILES = 5;
export const MAX_ACCESS_LOG_FILES = 100;
export const MAX_WAITING_ACCESS_EVENTS = 10_000;
/** Access log: characters of a value that was written or commanded. */
export const MAX_LOGGED_VALUE = 1000;
/** MACE: how far the time of an authentication value may lie from ours, by default and at the most, in ms (IEC 62351-4 §11.2). */
export const DEFAULT_MACE_WINDOW_MS = 600_000;
export const MAX_MACE_WINDOW_MS = 3_600_000;
/** MACE: authentication values that are remembered to tell a repeat, and octets of a certificate in one (IEC 62351-4 §11.2.2). */
export const MAX_REMEMBERED_TIMES = 10_000;
export const MAX_MACE_CERTIFICATE = 8192;
/** Files: how often an IED may have one file open that it fetches from us. */
export const MAX_OFFER_OPENINGS = 8;
/** Files: files that an IED may give at a time. */
export const MAX_INCOMING_FILES = 4;
/** Raw Ethernet: octets that the kernel keeps for this process between two turns of its event loop. */
export const RAW_SOCKET_BUFFER = 16 << 20;
/** Raw Ethernet: how often it is looked whether the interface is still there, in ms. */
export const INTERFACE_CHECK_MS = 1000;
/** Captures: frames and octets of one file that is replayed. */
export const MAX_CAPTURE_FRAMES = 50_000_000;
export const MAX_CAPTURE_OCTETS = 512 << 20;
/** GOOSE: control blocks that one interface follows at a time. */
export const MAX_GOOSE_STREAMS = 2000;
/** Server: files that one client, and all of them together, may have open, and ms after which an idle one is closed. */
export const MAX_OPEN_FILES_PER_CLIENT = 16;
export const MAX_OPEN_FILES = 256;
export const IDLE_FILE_MS = 300_000;
/** Server: files below a folder that are listed. */
export const MAX_SERVED_FILES = 20_000;
/** Server: octets of a file that a client gives, by default, and files that may be coming at a time. */
export const DEFAULT_MAX_RECEIVED_FILE = 100 << 20;
export const MAX_OBTAINED_FILES = 8;
/** ACSE: octets of an authentication value that is no password. */
export const MAX_AUTHENTICATION_VALUE = 16_384;
/** GOOSE: octets of the values of one frame, which Ethernet bounds to 1500 with all headers. */
export const MAX_GOOSE_DATA = 1300;
/** GOOSE: default interval in which values are looked at that change without a trigger condition, in ms. */
export const GOOSE_SCAN_MS = 100;
/** Supervision of subscriptions (LGOS, LSVS): shortest time between two settings of counts that run, in ms. */
export const SUPERVISION_INTERVAL_MS = 100;

/** Sampled values: ASDUs of one frame, characters of a name, channels of a stream, and streams of an interface. */
export const MAX_SV_ASDUS = 64;
export const MAX_SV_NAME = 256;
export const MAX_SV_CHANNELS = 64;
export const MAX_SV_STREAMS = 100;
/** Sampled values: silence in ms after which a stream has expired; the pauses of an event loop are shorter. */
export const SV_EXPIRY_MS = 500;
/** Sampled values: values (samples times channels) that a stream keeps for its waveforms, and those of all streams of an interface. */
export const MAX_SV_WINDOW_VALUES = 2_000_000;
export const MAX_SV_WINDOW_VALUES_TOTAL = 8_000_000;
/** Sampled values: values (samples times channels) of one message of decimated samples. */
export const MAX_SV_BATCH_VALUES = 100_000;
/** Sampled values: missing samples that a waveform or a batch shows as missing; after more it begins anew. */
export const MAX_SV_GAP = 2000;
/** COMTRADE: samples of one record. */
export const MAX_COMTRADE_SAMPLES = 2_000_000;

/** R-GOOSE and R-SV: UDP port, payload elements of one SPDU, and octets of its payload. */
export const ROUTABLE_PORT = 102;
export const MAX_ROUTABLE_ELEMENTS = 64;
export const MAX_ROUTABLE_PAYLOAD = 65_399;
/** R-GOOSE and R-SV: publishers whose SPDU numbers are remembered, and the silence in ms after which one may count anew. */
export const MAX_ROUTABLE_SOURCES = 256;
export const ROUTABLE_RESTART_MS = 10_000;
/** R-GOOSE and R-SV: routers that a multicast may pass by default. */
export const DEFAULT_ROUTABLE_TTL = 32;
/** Keys of the process bus that one node holds. */
export const MAX_BUS_KEYS = 16;
/** Time in ms without a refused frame after which the process bus counts as in order again. */
export const BUS_SECURITY_CALM_MS = 5000;
/** Sidebar: entries of its log, and characters of one. */
export const MAX_MONITOR_LOG = 2000;
export const MAX_MONITOR_TEXT = 2000;
/** Sidebar: rows of one request for values, and tags that a source keeps the last values of. */
export const MAX_MONITOR_ROWS = 100_000;
/** Sidebar: ms after its last question until nothing is measured for it any more. */
export const MONITOR_LEASE_MS = 15_000;
