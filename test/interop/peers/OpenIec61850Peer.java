import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmuc.openiec61850.*;

/**
 * Drives the Java stack openiec61850 by JSON lines: "server FILE PORT" serves an SCL file, "client PORT [PASSWORD]"
 * connects. The first line out is an event; then every line in is a command and gets one line out.
 */
public final class OpenIec61850Peer {
  private static final PrintStream OUT = System.out;

  interface Command {
    Object run(Map<String, Object> request) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    System.setOut(System.err); // the library's own words must not get between our lines
    if (args[0].equals("server")) serve(args[1], Integer.parseInt(args[2]));
    else connect(Integer.parseInt(args[1]), args.length > 2 ? args[2] : null);
    System.exit(0);
  }

  // ---- server ----

  private static void serve(String file, int port) throws Exception {
    ServerSap sap = ServerSap.getSapsFromSclFile(file).get(0);
    sap.setPort(port);
    sap.setBindAddress(InetAddress.getLoopbackAddress());
    ServerModel model = sap.getModelCopy();
    sap.startListening(
        new ServerEventListener() {
          @Override
          public List<ServiceError> write(List<BasicDataAttribute> attributes) {
            return null; // every write is taken
          }

          @Override
          public void serverStoppedListening(ServerSap stopped) {}
        });
    say(event("ready"));
    Map<String, Command> commands = new HashMap<>();
    commands.put(
        "update",
        request -> {
          List<BasicDataAttribute> changed = new ArrayList<>();
          for (Object row : (List<?>) request.get("values")) {
            List<?> value = (List<?>) row; // reference, functional constraint, value
            FcModelNode node = find(model, (String) value.get(0), (String) value.get(1));
            assign(node, value.get(2));
            changed.addAll(node.getBasicDataAttributes());
          }
          sap.setValues(changed);
          return null;
        });
    commands.put("model", request -> describe(model));
    answer(commands);
    sap.stop();
  }

  // ---- client ----

  private static void connect(int port, String password) throws Exception {
    ClientSap sap = new ClientSap();
    sap.setResponseTimeout(10000);
    ClientAssociation association;
    Reports reports = new Reports();
    try {
      association = sap.associate(InetAddress.getLoopbackAddress(), port, password, reports);
    } catch (IOException error) {
      Map<String, Object> failed = event("failed");
      failed.put("error", String.valueOf(error.getMessage()));
      say(failed);
      System.exit(2);
      return;
    }
    say(event("ready"));
    ServerModel[] model = new ServerModel[1];
    Map<String, Command> commands = new HashMap<>();
    commands.put(
        "model",
        request -> {
          model[0] = association.retrieveModel();
          return describe(model[0]);
        });
    commands.put(
        "read",
        request -> {
          FcModelNode node = find(model[0], (String) request.get("reference"), (String) request.get("fc"));
          association.getDataValues(node);
          return value(node);
        });
    commands.put(
        "select",
        request -> association.select(find(model[0], (String) request.get("reference"), "CO")));
    commands.put(
        "operate",
        request -> {
          FcModelNode node = find(model[0], (String) request.get("reference"), "CO");
          assign(node.getChild("Oper").getChild("ctlVal"), request.get("value"));
          association.operate(node);
          return null;
        });
    commands.put(
        "fileDirectory",
        request -> {
          List<Object> names = new ArrayList<>();
          for (FileInformation file : association.getFileDirectory((String) request.get("folder")))
            names.add(file.getFilename() + " " + file.getFileSize());
          return names;
        });
    commands.put(
        "fileGet",
        request -> {
          ByteArrayOutputStream octets = new ByteArrayOutputStream();
          association.getFile(
              (String) request.get("name"),
              (data, more) -> {
                octets.write(data, 0, data.length);
                return true;
              });
          return hex(octets.toByteArray());
        });
    commands.put(
        "fileDelete",
        request -> {
          association.deleteFile((String) request.get("name"));
          return null;
        });
    commands.put(
        "readAll",
        request -> {
          association.getAllDataValues();
          return null;
        });
    commands.put(
        "write",
        request -> {
          FcModelNode node = find(model[0], (String) request.get("reference"), (String) request.get("fc"));
          assign(node, request.get("value"));
          association.setDataValues(node);
          return null;
        });
    commands.put(
        "dataSet",
        request -> {
          DataSet dataSet = model[0].getDataSet((String) request.get("reference"));
          List<ServiceError> errors = association.getDataSetValues(dataSet);
          List<Object> members = new ArrayList<>();
          List<Object> values = new ArrayList<>();
          for (int i = 0; i < dataSet.getMembers().size(); i++) {
            FcModelNode member = dataSet.getMember(i);
            members.add(member.getReference() + "[" + member.getFc() + "]");
            values.add(errors.get(i) == null ? value(member) : "error " + errors.get(i).getErrorCode());
          }
          Map<String, Object> result = new LinkedHashMap<>();
          result.put("members", members);
          result.put("values", values);
          return result;
        });
    commands.put(
        "defineDataSet",
        request -> {
          List<FcModelNode> nodes = new ArrayList<>();
          for (Object member : (List<?>) request.get("members")) {
            List<?> place = (List<?>) member;
            nodes.add(find(model[0], (String) place.get(0), (String) place.get(1)));
          }
          association.createDataSet(new DataSet((String) request.get("reference"), nodes, true));
          return null;
        });
    commands.put(
        "deleteDataSet",
        request -> {
          association.deleteDataSet(model[0].getDataSet((String) request.get("reference")));
          return null;
        });
    commands.put(
        "bench",
        request -> {
          List<FcModelNode> nodes = new ArrayList<>();
          for (Object reference : (List<?>) request.get("references")) {
            nodes.add(find(model[0], (String) reference, (String) request.get("fc")));
          }
          long start = System.nanoTime();
          long end = start + (long) (((Number) request.get("seconds")).doubleValue() * 1e9);
          long count = 0;
          while (System.nanoTime() < end) {
            for (FcModelNode node : nodes) association.getDataValues(node);
            count += nodes.size();
          }
          Map<String, Object> result = new HashMap<>();
          result.put("perSecond", count / ((System.nanoTime() - start) / 1e9));
          return result;
        });
    reports.addCommands(commands, association, model);
    answer(commands);
    association.disconnect();
  }

  // ---- reports ----

  /** Takes reports, and arms the control blocks that send them. */
  private static final class Reports implements ClientEventListener {
    private final List<Object> received = new ArrayList<>();

    @Override
    public synchronized void newReport(Report report) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("rptId", report.getRptId());
      one.put("sqNum", report.getSqNum());
      one.put("dataSet", report.getDataSetRef());
      one.put("confRev", report.getConfRev());
      one.put("bufOvfl", report.getBufOvfl());
      one.put("entryId", report.getEntryId() == null ? null : hex(report.getEntryId().getValue()));
      one.put("more", report.isMoreSegmentsFollow());
      List<Object> members = new ArrayList<>();
      for (int i = 0; i < report.getValues().size(); i++) {
        FcModelNode node = report.getValues().get(i);
        Map<String, Object> member = new LinkedHashMap<>();
        member.put("reference", node.getReference() + "[" + node.getFc() + "]");
        member.put("value", value(node));
        member.put("reason", report.getReasonCodes() == null ? null : reasons(report.getReasonCodes().get(i)));
        members.add(member);
      }
      one.put("members", members);
      received.add(one);
      notifyAll();
    }

    @Override
    public void associationClosed(IOException error) {}

    private static String reasons(BdaReasonForInclusion reason) {
      List<String> names = new ArrayList<>();
      if (reason.isDataChange()) names.add("data-change");
      if (reason.isQualityChange()) names.add("quality-change");
      if (reason.isDataUpdate()) names.add("data-update");
      if (reason.isIntegrity()) names.add("integrity");
      if (reason.isGeneralInterrogation()) names.add("general-interrogation");
      return String.join(" ", names);
    }

    /** What has come, when it is at least `count` reports. */
    private synchronized List<Object> take(int count, long ms) throws InterruptedException {
      long end = System.currentTimeMillis() + ms;
      for (long left = ms; received.size() < count && left > 0; left = end - System.currentTimeMillis()) wait(left);
      List<Object> found = new ArrayList<>(received);
      received.clear();
      return found;
    }

    void addCommands(Map<String, Command> commands, ClientAssociation association, ServerModel[] model) {
      commands.put("reports", request -> take(((Number) request.get("count")).intValue(), 10_000));
      commands.put(
          "rcb",
          request -> {
            Rcb rcb = block(model[0], request);
            association.getRcbValues(rcb);
            Map<String, Object> found = new LinkedHashMap<>();
            for (ModelNode child : rcb.getChildren()) found.put(child.getName(), value(child));
            return found;
          });
      commands.put(
          "enable",
          request -> {
            Rcb rcb = block(model[0], request);
            association.getRcbValues(rcb);
            if (rcb instanceof Urcb) association.reserveUrcb((Urcb) rcb);
            else association.reserveBrcb((Brcb) rcb, (short) 10);
            association.enableReporting(rcb);
            return null;
          });
      commands.put(
          "resume",
          request -> {
            Brcb rcb = (Brcb) block(model[0], request);
            rcb.getEntryId().setValue(octets((String) request.get("entryId")));
            List<ServiceError> errors =
                association.setRcbValues(rcb, false, false, false, false, false, false, false, true);
            for (ServiceError error : errors) if (error != null) throw error;
            return null;
          });
      commands.put(
          "disable",
          request -> {
            association.disableReporting(block(model[0], request));
            return null;
          });
      commands.put(
          "gi",
          request -> {
            association.startGi(block(model[0], request));
            return null;
          });
    }

    private static Rcb block(ServerModel model, Map<String, Object> request) {
      String reference = (String) request.get("reference");
      Rcb rcb = model.getUrcb(reference);
      return rcb != null ? rcb : model.getBrcb(reference);
    }
  }

  // ---- model and values ----

  private static FcModelNode find(ServerModel model, String reference, String fc) {
    ModelNode node = model.findModelNode(reference, Fc.fromString(fc));
    if (node == null) throw new IllegalArgumentException("no such node: " + reference + "[" + fc + "]");
    return (FcModelNode) node;
  }

  private static Map<String, Object> describe(ServerModel model) {
    List<Object> leaves = new ArrayList<>();
    for (BasicDataAttribute leaf : model.getBasicDataAttributes()) {
      leaves.add(List.of(leaf.getReference().toString(), leaf.getFc().toString(), leaf.getBasicType().toString()));
    }
    List<Object> dataSets = new ArrayList<>();
    for (DataSet dataSet : model.getDataSets()) dataSets.add(dataSet.getReferenceStr());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("attributes", leaves);
    result.put("dataSets", dataSets);
    return result;
  }

  private static Object value(ModelNode node) {
    if (!(node instanceof BasicDataAttribute)) {
      Collection<ModelNode> children = node.getChildren();
      List<Object> members = new ArrayList<>();
      for (ModelNode child : children) members.add(value(child));
      return members;
    }
    if (node instanceof BdaBoolean) return ((BdaBoolean) node).getValue();
    if (node instanceof BdaInt8) return ((BdaInt8) node).getValue();
    if (node instanceof BdaInt16) return ((BdaInt16) node).getValue();
    if (node instanceof BdaInt32) return ((BdaInt32) node).getValue();
    if (node instanceof BdaInt64) return ((BdaInt64) node).getValue();
    if (node instanceof BdaInt8U) return ((BdaInt8U) node).getValue();
    if (node instanceof BdaInt16U) return ((BdaInt16U) node).getValue();
    if (node instanceof BdaInt32U) return ((BdaInt32U) node).getValue();
    if (node instanceof BdaFloat32) return ((BdaFloat32) node).getFloat();
    if (node instanceof BdaFloat64) return ((BdaFloat64) node).getDouble();
    if (node instanceof BdaVisibleString) return ((BdaVisibleString) node).getStringValue();
    if (node instanceof BdaUnicodeString) {
      return new String(((BdaUnicodeString) node).getValue(), StandardCharsets.UTF_8);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    if (node instanceof BdaBitString) {
      byte[] octets = ((BdaBitString) node).getValue();
      StringBuilder bits = new StringBuilder();
      for (int i = 0; i < ((BdaBitString) node).getMaxNumBits(); i++) {
        bits.append((octets[i / 8] >> (7 - i % 8)) & 1);
      }
      result.put("bits", bits.toString());
    } else if (node instanceof BdaTimestamp) {
      BdaTimestamp time = (BdaTimestamp) node;
      Date date = time.getDate();
      result.put("utc", date == null ? 0 : date.getTime());
      result.put("quality", time.getValue()[7] & 0xff);
    } else if (node instanceof BdaEntryTime) {
      result.put("octets", hex(((BdaEntryTime) node).getValue()));
    } else if (node instanceof BdaOctetString) {
      result.put("octets", hex(((BdaOctetString) node).getValue()));
    }
    return result;
  }

  private static void assign(ModelNode node, Object value) {
    if (!(node instanceof BasicDataAttribute)) {
      int i = 0;
      for (ModelNode child : node.getChildren()) assign(child, ((List<?>) value).get(i++));
    } else if (node instanceof BdaBoolean) ((BdaBoolean) node).setValue((Boolean) value);
    else if (node instanceof BdaInt8) ((BdaInt8) node).setValue(((Number) value).byteValue());
    else if (node instanceof BdaInt16) ((BdaInt16) node).setValue(((Number) value).shortValue());
    else if (node instanceof BdaInt32) ((BdaInt32) node).setValue(((Number) value).intValue());
    else if (node instanceof BdaInt64) ((BdaInt64) node).setValue(((Number) value).longValue());
    else if (node instanceof BdaInt8U) ((BdaInt8U) node).setValue(((Number) value).shortValue());
    else if (node instanceof BdaInt16U) ((BdaInt16U) node).setValue(((Number) value).intValue());
    else if (node instanceof BdaInt32U) ((BdaInt32U) node).setValue(((Number) value).longValue());
    else if (node instanceof BdaFloat32) ((BdaFloat32) node).setFloat(((Number) value).floatValue());
    else if (node instanceof BdaFloat64) ((BdaFloat64) node).setDouble(((Number) value).doubleValue());
    else if (node instanceof BdaVisibleString) ((BdaVisibleString) node).setValue((String) value);
    else if (node instanceof BdaUnicodeString) {
      ((BdaUnicodeString) node).setValue(((String) value).getBytes(StandardCharsets.UTF_8));
    } else if (node instanceof BdaOctetString) ((BdaOctetString) node).setValue(octets((String) value));
    else if (node instanceof BdaBitString) {
      String bits = (String) value;
      byte[] octets = new byte[(bits.length() + 7) / 8];
      for (int i = 0; i < bits.length(); i++) {
        if (bits.charAt(i) == '1') octets[i / 8] |= (byte) (0x80 >> (i % 8));
      }
      ((BdaBitString) node).setValue(octets);
    } else if (node instanceof BdaTimestamp) {
      Map<?, ?> time = (Map<?, ?>) value;
      int quality = ((Number) time.get("quality")).intValue();
      ((BdaTimestamp) node)
          .setDate(
              new Date(((Number) time.get("utc")).longValue()),
              (quality & 0x80) != 0,
              (quality & 0x40) != 0,
              (quality & 0x20) != 0,
              quality & 0x1f);
    } else throw new IllegalArgumentException("cannot write a " + node.getClass().getSimpleName());
  }

  private static String hex(byte[] octets) {
    StringBuilder text = new StringBuilder();
    if (octets != null) for (byte octet : octets) text.append(String.format("%02x", octet));
    return text.toString();
  }

  private static byte[] octets(String hex) {
    byte[] result = new byte[hex.length() / 2];
    for (int i = 0; i < result.length; i++) result[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    return result;
  }

  // ---- the line protocol ----

  private static void answer(Map<String, Command> commands) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      @SuppressWarnings("unchecked")
      Map<String, Object> request = (Map<String, Object>) new Json(line).value();
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("id", request.get("id"));
      try {
        reply.put("result", commands.get((String) request.get("op")).run(request));
      } catch (ServiceError error) {
        reply.put("error", "service error " + error.getErrorCode() + " " + error.getMessage());
      } catch (Exception error) {
        reply.put("error", String.valueOf(error));
      }
      say(reply);
    }
  }

  private static Map<String, Object> event(String name) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", name);
    return event;
  }

  private static void say(Object message) {
    OUT.println(Json.text(message));
    OUT.flush();
  }

  /** JSON both ways, as far as the line protocol needs it. */
  private static final class Json {
    private final String text;
    private int at = 0;

    Json(String text) {
      this.text = text;
    }

    Object value() {
      char c = next();
      if (c == '{') {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        while (next() != '}') {
          String name = (String) value();
          if (next() != ':') throw new IllegalArgumentException("colon expected");
          at++;
          object.put(name, value());
          if (next() == ',') at++;
        }
        at++;
        return object;
      }
      if (c == '[') {
        List<Object> array = new ArrayList<>();
        at++;
        while (next() != ']') {
          array.add(value());
          if (next() == ',') at++;
        }
        at++;
        return array;
      }
      if (c == '"') return string();
      int start = at;
      while (at < text.length() && ",]}: ".indexOf(text.charAt(at)) < 0) at++;
      String word = text.substring(start, at);
      if (word.equals("true") || word.equals("false")) return Boolean.valueOf(word);
      if (word.equals("null")) return null;
      if (word.matches("-?\\d+")) return Long.valueOf(word);
      return Double.valueOf(word);
    }

    /** The next character that counts, which stays where it is. */
    private char next() {
      while (at < text.length() && text.charAt(at) <= ' ') at++;
      return text.charAt(at);
    }

    private String string() {
      StringBuilder result = new StringBuilder();
      for (at++; text.charAt(at) != '"'; at++) {
        char c = text.charAt(at);
        if (c != '\\') {
          result.append(c);
          continue;
        }
        char escaped = text.charAt(++at);
        if (escaped == 'u') {
          result.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
          at += 4;
        } else if (escaped == 'n') result.append('\n');
        else if (escaped == 't') result.append('\t');
        else result.append(escaped);
      }
      at++;
      return result.toString();
    }

    static String text(Object value) {
      if (value == null || value instanceof Boolean) return String.valueOf(value);
      if (value instanceof Number) {
        double number = ((Number) value).doubleValue();
        if (Double.isNaN(number) || Double.isInfinite(number)) return '"' + String.valueOf(value) + '"';
        return String.valueOf(value);
      }
      StringBuilder result = new StringBuilder();
      if (value instanceof Map) {
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          result.append(result.length() == 0 ? "" : ",").append(text(entry.getKey())).append(':');
          result.append(text(entry.getValue()));
        }
        return "{" + result + "}";
      }
      if (value instanceof Collection) {
        for (Object member : (Collection<?>) value) {
          result.append(result.length() == 0 ? "" : ",").append(text(member));
        }
        return "[" + result + "]";
      }
      for (char c : String.valueOf(value).toCharArray()) {
        if (c == '"' || c == '\\') result.append('\\').append(c);
        else if (c < ' ' || c > '~') result.append(String.format("\\u%04x", (int) c));
        else result.append(c);
      }
      return '"' + result.toString() + '"';
    }
  }
}
