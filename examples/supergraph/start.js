// Starts Invoicegraph, the teams' subgraph and both gateways. --invoicegraph URL: uses a running Invoicegraph.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse, visit } from "graphql";
import { compose } from "./compose.js";
import { serve } from "./gateways.js";
import { serveTeams, typeDefs } from "./teams.js";

const { values } = parseArgs({
  options: { invoicegraph: { type: "string" }, port: { type: "string", default: "4000" } },
});
const port = (number) => (values.port === "0" ? 0 : Number(values.port) + number); // 0: any free port

async function startInvoicegraph() {
  const command = fileURLToPath(new URL("../../.venv/bin/invoicegraph", import.meta.url));
  const service = spawn(command, ["serve", "--sandbox", "--port", String(port(3))], { stdio: ["ignore", "inherit", "pipe"] });
  service.once("exit", () => process.exit(1));
  process.once("exit", () => service.kill());
  const lines = createInterface({ input: service.stderr });
  const [said] = await once(lines, "line");
  lines.on("line", (line) => console.error(line));
  return new URL("graphql", said.match(/http:\S+/)[0]).href;
}

async function sdlOf(url) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(process.env.API_KEY && { "x-api-key": process.env.API_KEY }) },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
  });
  return (await response.json()).data._service.sdl;
}

/** The SDL without scopes: Apollo Gateway refuses a supergraph that has them. Invoicegraph enforces them by itself. */
function withoutScopes(document) {
  const names = ["authenticated", "requiresScopes"];
  return visit(document, {
    Directive: (node) => (names.includes(node.name.value) ? null : undefined),
    StringValue: (node) => (names.some((name) => node.value === `@${name}`) ? null : undefined), // an import
  });
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));

const invoicegraph = values.invoicegraph ?? (await startInvoicegraph());
const subgraphs = [
  { name: "invoicegraph", url: invoicegraph, typeDefs: withoutScopes(parse(await sdlOf(invoicegraph))) },
  { name: "teams", url: await serveTeams(port(2)), typeDefs },
];
console.log(`Subgraphs: ${subgraphs.map(({ name, url }) => `${name} at ${url}`).join(", ")}`);
console.log(`Apollo Gateway answers at ${await serve.apollo(compose.apollo(subgraphs), port(0))}`);
console.log(`Hive Gateway answers at ${await serve.hive(compose.hive(subgraphs), port(1))}`);
