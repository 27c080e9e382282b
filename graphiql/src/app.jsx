// The page at /graphql: GraphiQL with an explorer, and with the example queries as its first tabs.
import "./workers.js";
import "./app.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import examples from "examples";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createClient } from "graphql-ws";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { CredentialForm } from "./CredentialForm.jsx";
import { credentialHeaders, fetchWithCredential, setRefused } from "./credential.js";
import { ofItsOwnDocument } from "./operation.js";

const address = location.pathname;
const FORBIDDEN = 4403; // the close code of a WebSocket whose credential is refused
const wsClient = createClient({
  url: `${location.origin.replace("http", "ws")}${address}`,
  retryAttempts: 0,
  connectionParams: credentialHeaders,
  on: { closed: (event) => event.code === FORBIDDEN && setRefused(true) },
});
const fetchOperation = createGraphiQLFetcher({
  url: address,
  wsClient,
  fetch: fetchWithCredential,
  enableIncrementalDelivery: false,
});
const fetcher = (params, options) => fetchOperation(...ofItsOwnDocument(params, options));
const plugins = [HISTORY_PLUGIN, explorerPlugin()];

function Page() {
  const [session, setSession] = useState(0); // a new session reads the schema again
  return (
    <>
      <CredentialForm onEntered={() => setSession(session + 1)} />
      {/* Headers may contain a token, so they are never written to the browser's storage. */}
      <GraphiQL key={session} fetcher={fetcher} plugins={plugins} defaultTabs={examples} shouldPersistHeaders={false}>
        <GraphiQL.Logo>
          <span className="invoicegraph-logo">Invoicegraph</span>
        </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

createRoot(document.getElementById("graphiql")).render(<Page />);
