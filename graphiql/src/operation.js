// For a moment after a tab is opened, or written in, GraphiQL still speaks of the last document.
import { Kind, parse } from "graphql";

/** What is asked: without the name of an operation that the document does not have, and with the document itself. */
export function ofItsOwnDocument(params, options) {
  const documentAST = parsed(params.query);
  const named = names(documentAST).includes(params.operationName);
  return [named ? params : { ...params, operationName: undefined }, { ...options, documentAST }];
}

function parsed(query) {
  try {
    return parse(query);
  } catch {
    return undefined; // the service says what is wrong with it
  }
}

function names(documentAST) {
  const operations = documentAST?.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION) ?? [];
  return operations.map((node) => node.name?.value);
}
