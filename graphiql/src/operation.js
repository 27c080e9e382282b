// Just after the user opens or edits a tab, GraphiQL still has the state of the previous document.
import { Kind, parse } from "graphql";

/** The request with its own parsed document, and without an operation name that the document does not contain. */
export function ofItsOwnDocument(params, options) {
  const documentAST = parsed(params.query);
  const named = names(documentAST).includes(params.operationName);
  return [named ? params : { ...params, operationName: undefined }, { ...options, documentAST }];
}

function parsed(query) {
  try {
    return parse(query);
  } catch {
    return undefined; // the service reports the syntax error
  }
}

function names(documentAST) {
  const operations = documentAST?.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION) ?? [];
  return operations.map((node) => node.name?.value);
}
