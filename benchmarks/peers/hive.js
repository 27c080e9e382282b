// Composes the provider with GraphQL Mesh and prints the supergraph for Hive Gateway.
import { getComposedSchemaFromConfig } from "@graphql-mesh/compose-cli";
import { Logger } from "@graphql-hive/gateway";
import { loadJSONSchemaSubgraph } from "@omnigraph/json-schema";
import { typeDefs } from "./archera.js";

const object = (title, properties) => ({ type: "object", title, properties, additionalProperties: false });
const text = { type: "string" };
const number = { type: "number" };
const integer = { type: "integer" };
const premium = object("Breakdown", { archera_premium: number });
const financials = object("Financials", { commitment_cost: object("Cost", { breakdown: premium }) });
const row = object("Row", { id: text, year: integer, month: integer, invoice_date: text, total_cloud_bill: number });
const lineRow = object("LineRow", { id: text, commitment_id: text, commitment_financials: financials });

const graph = typeDefs.replace("type Query", "extend type Query").replace("type Invoice {", "$& year: Int month: Int");
const supergraph = await getComposedSchemaFromConfig(
  {
    subgraphs: [
      {
        sourceHandler: loadJSONSchemaSubgraph("archera", {
          endpoint: process.env.UPSTREAM.replace(/\/invoices$/, ""),
          operationHeaders: { "x-api-key": "bench" },
          operations: [
            { type: "Query", field: "rows", path: "/invoices", method: "GET", responseSchema: { type: "array", items: row } },
            {
              type: "Query",
              field: "lineRows",
              path: "/invoices/{args.year}/{args.month}/line-items",
              method: "GET",
              argTypeMap: { year: integer, month: integer },
              requiredArgs: ["year", "month"],
              responseSchema: { type: "array", items: lineRow },
            },
          ],
        }),
      },
    ],
    additionalTypeDefs: graph,
  },
  new Logger({ level: false }),
);
process.stdout.write(supergraph);
