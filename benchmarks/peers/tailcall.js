// Tailcall, the newest of its builds that runs here. SHARE=on: what is under way is shared; CACHE=on: what was read is
// kept, too. Amounts stay numbers: its templates make no text of them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = ["tailcall", "tailcall-before"]
  .map((name) => new URL(`node_modules/${name}/bin/tailcall`, import.meta.url).pathname)
  .find((path) => existsSync(path) && spawnSync(path, ["--version"]).status === 0);
if (!binary) {
  console.error("no build of Tailcall runs on this machine");
  process.exit(1);
}

const kept = process.env.CACHE === "on";
const share = `, dedupe: ${kept || process.env.SHARE === "on"}`;
const keep = kept ? " @cache(maxAge: 300000)" : "";
const usd = (number) => `{amount: "{{${number}}}", currency: "USD"}`;
const config = `schema
  @server(hostname: "127.0.0.1", port: ${process.env.PORT}, enableJIT: true, showcase: false)
  @upstream(poolMaxIdlePerHost: 128, timeout: 60) {
  query: Query
}
type Query {
  rows: [Invoice!]! @http(url: "${process.env.UPSTREAM}"${share})${keep}
  wrapped: InvoiceConnection! @expr(body: {nodes: "{{.args}}"})
  invoices(first: Int, filterBy: InvoiceFilter): InvoiceConnection! @call(steps: [{query: "rows"}, {query: "wrapped"}])
}
input InvoiceFilter { accounts: [ID!] }
type InvoiceConnection { nodes: [Invoice!]! }
type Invoice {
  id: String! @modify(omit: true)
  year: Int! @modify(omit: true)
  month: Int! @modify(omit: true)
  invoice_date: String! @modify(omit: true)
  total_cloud_bill: Float! @modify(omit: true)
  status: String @expr(body: "ISSUED")
  details: ArcheraInvoiceDetails! @expr(body: {
    reference: "{{.value.id}}", invoiceDate: "{{.value.invoice_date}}", totalCloudBill: ${usd(".value.total_cloud_bill")}
  })
  lineItems(first: Int): LineItemConnection @expr(body: {year: "{{.value.year}}", month: "{{.value.month}}"})
}
type ArcheraInvoiceDetails { reference: String! invoiceDate: String totalCloudBill: Money }
type LineItemConnection {
  year: Int! @modify(omit: true)
  month: Int! @modify(omit: true)
  nodes: [LineItem!]! @http(url: "${process.env.UPSTREAM}/{{.value.year}}/{{.value.month}}/line-items"${share})${keep}
}
type LineItem {
  id: String! @modify(omit: true)
  commitment_id: String! @modify(omit: true)
  commitment_financials: Financials! @modify(omit: true)
  cost: Money @expr(body: ${usd(".value.commitment_financials.commitment_cost.breakdown.archera_premium")})
  details: ArcheraLineItemDetails! @expr(body: {reference: "{{.value.id}}", commitment: "{{.value.commitment_id}}"})
}
type Financials { commitment_cost: Cost! }
type Cost { breakdown: Breakdown! }
type Breakdown { archera_premium: Float! }
type ArcheraLineItemDetails { reference: String commitment: String }
type Money { amount: String! currency: String! }
`;
const file = join(mkdtempSync(join(tmpdir(), "tailcall-")), "config.graphql");
writeFileSync(file, config);
const server = spawn(binary, ["start", file], { stdio: "inherit", env: { ...process.env, TAILCALL_TRACKER: "false" } });
server.on("exit", (code) => process.exit(code ?? 1));
process.on("SIGTERM", () => server.kill());
