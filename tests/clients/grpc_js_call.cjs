// One call of @grpc/grpc-js, with messages that @grpc/proto-loader makes of the protos: one line of JSON for each answer.
//
// node grpc_js_call.cjs '{"packages", "protos", "target", "metadata", "service", "method", "request", "timeout_s",
//                         "answer_bytes_max"}'
// Exit code 0: the stream ended well. 3: it was refused, and standard error holds the code and the details as JSON.
"use strict";
const path = require("node:path");

const asked = JSON.parse(process.argv[2]);
const installed = require("node:module").createRequire(path.join(asked.packages, "of-the-tests.js"));
const grpc = installed("@grpc/grpc-js");
const loader = installed("@grpc/proto-loader");

const definitions = loader.loadSync(
  ["dome/runtime/v1/service.proto", "grpc/health/v1/health.proto", "google/rpc/status.proto", "google/rpc/error_details.proto"],
  { includeDirs: [asked.protos], bytes: String, enums: String, longs: String, oneofs: true },
);

// proto-loader writes bytes as base64, and reads them from the same.
const method = definitions[asked.service][asked.method];
const limits = { "grpc.max_receive_message_length": asked.answer_bytes_max };
const client = new grpc.Client(asked.target, grpc.credentials.createInsecure(), limits);
const metadata = new grpc.Metadata();
for (const [name, value] of Object.entries(asked.metadata)) metadata.set(name, value);
const options = { deadline: Date.now() + asked.timeout_s * 1000 };

function tell(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function details(error) {
  const found = {};
  for (const data of error.metadata.get("grpc-status-details-bin")) {
    for (const each of definitions["google.rpc.Status"].deserialize(data).details) {
      const type = each.type_url ?? each.typeUrl;
      const name = type.slice(type.lastIndexOf("/") + 1);
      found[name] = definitions[name].deserialize(Buffer.from(each.value, "base64"));
    }
  }
  return found;
}

function refused(error) {
  process.stderr.write(JSON.stringify({ code: grpc.status[error.code], details: details(error) }));
  process.exitCode = 3;
  client.close();
}

const call = [method.path, method.requestSerialize, method.responseDeserialize, asked.request, metadata, options];
if (method.responseStream) {
  const stream = client.makeServerStreamRequest(...call);
  stream.on("data", tell);
  stream.on("error", refused);
  stream.on("end", () => client.close());
} else {
  client.makeUnaryRequest(...call, (error, answer) => {
    if (error) {
      refused(error);
    } else {
      tell(answer);
      client.close();
    }
  });
}
