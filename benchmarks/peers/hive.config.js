// Hive Gateway's configuration; CACHE=on: its response cache.
import { defineConfig } from "@graphql-hive/gateway";
import { invoice, kept, line } from "./archera.js";

const ROW = "{ id year month invoice_date total_cloud_bill }";
const LINE = "{ id commitment_id commitment_financials { commitment_cost { breakdown { archera_premium } } } }";

export const gatewayConfig = defineConfig({
  additionalResolvers: {
    Query: {
      invoices: async (root, { first }, context, info) => {
        const rows = await context.archera.Query.rows({ root, context, info, selectionSet: ROW });
        return { nodes: rows.slice(0, first).map(invoice) };
      },
    },
    Invoice: {
      lineItems: async (root, { first }, context, info) => {
        const args = { year: root.year, month: root.month };
        const rows = await context.archera.Query.lineRows({ root, args, context, info, selectionSet: LINE });
        return { nodes: rows.slice(0, first).map(line) };
      },
    },
  },
  logging: "warn",
  ...(kept ? { cache: { type: "localforage" }, responseCaching: { session: () => null, ttl: 300_000 } } : {}),
});
