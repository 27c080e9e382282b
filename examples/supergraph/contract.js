// Prints a contract variant of a supergraph: its API without the elements that have one of the given tags.
// As a command: node contract.js TAG[,TAG...] NAME=FILE...
import { composeSchemaContract } from "@theguild/federation-composition";
import { fromFiles } from "./compose.js";

const [tags, ...files] = process.argv.slice(2);
const filter = { include: new Set(), exclude: new Set(tags.split(",")) };
const { errors, publicSdl } = composeSchemaContract(fromFiles(files), filter, true);
if (errors?.length) throw new Error(errors.map(({ message }) => message).join("\n"));
console.log(publicSdl);
