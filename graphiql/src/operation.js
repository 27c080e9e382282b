// For a moment after a tab is opened GraphiQL still sends the name of the last tab's operation.
import { Kind, parse } from "graphql";

/** The request's parameters, without the name of an operation that its document does not have. */
export function ofItsOwnDocument(params) {
  return params.operationName && !names(params.query).includes(params.operationName)
    ? { ...params, operationName: undefined }
    : params;
}

function names(query) {
  try {
    const operations = parse(query).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    return operations.map((node) => node.name?.value);
  } catch {
    return []; // the service says what is wrong with it
  }
}
