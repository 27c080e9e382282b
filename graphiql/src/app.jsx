// The page at /graphql: GraphiQL with an explorer, and with the example queries as its first tabs.
import "./workers.js";
import "./app.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import examples from "examples";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import { ofItsOwnDocument } from "./operation.js";

const address = location.pathname;
const wsClient = createClient({ url: `${location.origin.replace("http", "ws")}${address}`, retryAttempts: 0 });
const fetchOperation = createGraphiQLFetcher({ url: address, wsClient, enableIncrementalDelivery: false });
const fetcher = (params, options) => fetchOperation(...ofItsOwnDocument(params, options));
const plugins = [HISTORY_PLUGIN, explorerPlugin()];

createRoot(document.getElementById("graphiql")).render(
  // Headers may contain a token, so they are never written to the browser's storage.
  <GraphiQL fetcher={fetcher} plugins={plugins} defaultTabs={examples} shouldPersistHeaders={false}>
    <GraphiQL.Logo>
      <span className="invoicegraph-logo">Invoicegraph</span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
