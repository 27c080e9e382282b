// Prints the breaking changes between a released schema and the current one: node breaks.mjs RELEASED PRESENT TODAY
// An element may be removed from the day in its deprecation on: "Removed on 2027-01-01: use total instead".
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { pruneSchema } from "@graphql-tools/utils";
import { Kind, buildASTSchema, buildSchema, parse, visit } from "graphql";

const [released, present, today] = process.argv.slice(2);

function mayGo({ directives }) {
  const deprecation = directives?.find(({ name }) => name.value === "deprecated");
  const reason = deprecation?.arguments.find(({ name }) => name.value === "reason")?.value.value ?? "";
  const [, date] = /^Removed on (\d{4}-\d{2}-\d{2}): /.exec(reason) ?? [];
  return date <= today; // without a date it may not be removed
}

/** The part of a schema on which clients may still rely. */
function promised(sdl) {
  const leave = (node) => (mayGo(node) ? null : undefined);
  const kept = visit(parse(sdl), {
    [Kind.FIELD_DEFINITION]: leave,
    [Kind.INPUT_VALUE_DEFINITION]: leave,
    [Kind.ENUM_VALUE_DEFINITION]: leave,
  });
  return pruneSchema(buildASTSchema(kept));
}

const changes = await diff(promised(readFileSync(released, "utf8")), buildSchema(readFileSync(present, "utf8")));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
console.log(JSON.stringify(Object.fromEntries(breaking.map(({ path, message }) => [path, message]))));
