// Prints what the usual clients receive from a subscription and a deferred part: node streams.mjs CLIENT URL
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import WebSocket from "ws";

const [client, url] = process.argv.slice(2);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const CHANGED = `subscription { invoiceChanged(filterBy: { providers: ["fastly"] }) { kind invoice { id } } }`;
const DEFERRED = gql`
  query {
    archera: invoices(first: 2, filterBy: { providers: ["archera"] }) { nodes { id } }
    ... @defer { fastly: invoices(first: 2, filterBy: { providers: ["fastly"] }) { nodes { id } } }
  }
`;

async function subscribed(subscriber) {
  for await (const { data, errors } of subscriber.iterate({ query: CHANGED })) {
    say(errors ?? data.invoiceChanged);
    break;
  }
  await subscriber.dispose();
}

async function deferred(incrementalHandler) {
  const apollo = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache(), incrementalHandler });
  await new Promise((resolve, reject) => {
    apollo.watchQuery({ query: DEFERRED }).subscribe({
      error: reject,
      next: ({ data, dataState }) => {
        if (data?.archera) say(["archera", "fastly"].filter((name) => data[name]));
        if (dataState === "complete") resolve();
      },
    });
  });
  apollo.stop();
}

const clients = {
  "graphql-ws": () =>
    subscribed(createWsClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, lazy: true })),
  "graphql-sse": () => subscribed(createSseClient({ url })),
  "apollo, current format": () => deferred(new GraphQL17Alpha9Handler()),
  "apollo, older format": () => deferred(new Defer20220824Handler()),
};
await clients[client]();
