// Serves a supergraph with Apollo's or Hive's gateway. Both pass the credential of their client on to the subgraphs.
import { createServer } from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";

/** The headers that carry a credential, of those that `get` returns. */
function credentials(get) {
  return ["authorization", "x-api-key"].flatMap((name) => (get(name) ? [[name, get(name)]] : []));
}

class ForwardingDataSource extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const [name, value] of context.credentials ?? []) request.http.headers.set(name, value);
  }
}

/** Each function returns the gateway's URL. */
export const serve = {
  async apollo(supergraphSdl, port) {
    const buildService = ({ url }) => new ForwardingDataSource({ url });
    const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl, buildService }) });
    const context = async ({ req }) => ({ credentials: credentials((name) => req.headers[name]) });
    return (await startStandaloneServer(server, { context, listen: { port, host: "127.0.0.1" } })).url;
  },

  async hive(supergraphSdl, port) {
    const gateway = createGatewayRuntime({
      supergraph: supergraphSdl,
      logging: "warn",
      propagateHeaders: {
        fromClientToSubgraphs: ({ request }) => Object.fromEntries(credentials((name) => request.headers.get(name))),
      },
    });
    const server = createServer(gateway);
    await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
    return `http://127.0.0.1:${server.address().port}/graphql`;
  },
};
