// Calls the provider and maps its fields to the graph: one call for the list, one for the lines of an invoice.
import { readFileSync } from "node:fs";
import { Pool } from "undici";

const upstream = new URL(process.env.UPSTREAM);
const pool = new Pool(upstream.origin, { connections: 256 });

export const typeDefs = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");
export const kept = process.env.CACHE === "on";
export const port = Number(process.env.PORT);

async function get(path) {
  const { statusCode, body } = await pool.request({ path, method: "GET", headers: { "x-api-key": "bench" } });
  if (statusCode !== 200) throw new Error(`the provider returned ${statusCode}`);
  return body.json();
}

const usd = (amount) => ({ amount, currency: "USD" });

export const invoice = ({ id, year, month, invoice_date, total_cloud_bill }) => ({
  year,
  month,
  status: "ISSUED",
  details: { reference: id, invoiceDate: invoice_date, totalCloudBill: usd(total_cloud_bill) },
});

export const line = ({ id, commitment_id, commitment_financials }) => ({
  cost: usd(commitment_financials.commitment_cost.breakdown.archera_premium),
  details: { reference: id, commitment: commitment_id },
});

export async function invoices(first) {
  return { nodes: (await get(upstream.pathname)).slice(0, first).map(invoice) };
}

export async function lines({ year, month }, first) {
  return { nodes: (await get(`${upstream.pathname}/${year}/${month}/line-items`)).slice(0, first).map(line) };
}
