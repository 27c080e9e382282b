// Holds a schema against the rules for Relay and those that graphql-eslint recommends, and prints what breaks one:
// node lint.mjs SCHEMA
import { readFileSync } from "node:fs";
import graphql from "@graphql-eslint/eslint-plugin";
import { Linter } from "eslint";

const values = [
  "AccountHealth",
  "BillingPeriod",
  "Coverage",
  "InvoiceChange",
  "Money",
  "MonthToDate",
  "PageInfo",
  "PaymentState",
  "PostalAddress",
  "ProductCredits",
  "ProjectCharge",
  "ProjectUsage",
  "Quantity",
  "SpectroCloudProduct",
];
const exceptions = {
  // These are nothing by themselves: they belong to the object that they stand in.
  "strict-id-in-types": { exceptions: { suffixes: ["Connection", "Details", "Edge"], types: values } },
  // Only invoices are paged backwards as well.
  "relay-arguments": { includeBoth: false },
  // `nodes` stands beside `edges`, for clients that need no cursors; and other lists are no pages.
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
