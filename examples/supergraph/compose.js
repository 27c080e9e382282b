// Composes several subgraphs to a supergraph, with Apollo's or Hive's composer.
// As a command, prints it: node compose.js apollo|hive NAME=FILE...
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { composeServices as composeByApollo } from "@apollo/composition";
import { composeServices as composeByHive } from "@theguild/federation-composition";
import { parse } from "graphql";

/** The SDL of the supergraph; `subgraphs` is a list of { name, url, typeDefs }. */
export const compose = {
  apollo: (subgraphs) => sdlOf(composeByApollo(subgraphs)),
  hive: (subgraphs) => sdlOf(composeByHive(subgraphs)),
};

function sdlOf({ errors, supergraphSdl }) {
  if (errors?.length) throw new Error(`The subgraphs do not compose:\n${errors.map(({ message }) => message).join("\n")}`);
  return supergraphSdl;
}

/** Reads subgraphs from files, each given as NAME=FILE. */
export const fromFiles = (files) =>
  files.map((file) => {
    const [name, path] = file.split("=");
    return { name, url: `http://${name}.invalid/`, typeDefs: parse(readFileSync(path, "utf8")) };
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [composer, ...files] = process.argv.slice(2);
  console.log(compose[composer](fromFiles(files)));
}
