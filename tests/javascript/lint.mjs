// Checks a schema with the Relay rules and the recommended rules of graphql-eslint, and prints the violations:
// node lint.mjs SCHEMA
import { readFileSync } from "node:fs";
import graphql from "@graphql-eslint/eslint-plugin";
import { Linter } from "eslint";

const values = [
  "AccountHealth",
  "BillingPeriod",
  "Check",
  "ConvertedMoney",
  "Coverage",
  "Discrepancy",
  "ExchangeRate",
  "FocusGap",
  "FocusInvoiceDetail",
  "InvoiceChange",
  "InvoiceTotals",
  "LinesTotal",
  "Money",
  "MonthToDate",
  "PageInfo",
  "PaymentState",
  "PostalAddress",
  "ProductCredits",
  "ProjectCharge",
  "ProjectUsage",
  "Quantity",
  "Reconciliation",
  "SpectroCloudProduct",
  "Spend",
  "SpendRow",
];
const exceptions = {
  // These types have no identity: they belong to their parent object.
  "strict-id-in-types": { exceptions: { suffixes: ["Connection", "Details", "Edge"], types: values } },
  // Only invoices support backward pagination.
  "relay-arguments": { includeBoth: false },
  // Connections have `nodes` beside `edges`, for clients without cursors. Other lists are not paginated.
  "relay-edge-types": { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: true, withEdgeSuffix: true },
};

const [schema] = process.argv.slice(2);
const { configs } = graphql;
const rules = { ...configs["flat/schema-recommended"].rules, ...configs["flat/schema-relay"].rules };
for (const [rule, options] of Object.entries(exceptions)) rules[`@graphql-eslint/${rule}`] = ["error", options];

const config = {
  files: ["**/*.graphql"],
  languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
  plugins: { "@graphql-eslint": graphql },
  rules,
};
const findings = new Linter().verify(readFileSync(schema, "utf8"), config, { filename: "schema.graphql" });
console.log(JSON.stringify(findings.map(({ ruleId, message }) => [ruleId?.split("/")[1], message])));
