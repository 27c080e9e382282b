// Serves a supergraph with Apollo's or Hive's gateway.
import { createServer } from "node:http";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";

/** Each function returns the gateway's URL. */
export const serve = {
  async apollo(supergraphSdl, port) {
    const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl }) });
    return (await startStandaloneServer(server, { listen: { port, host: "127.0.0.1" } })).url;
  },

  async hive(supergraphSdl, port) {
    const gateway = createGatewayRuntime({ supergraph: supergraphSdl, logging: "warn" });
    const server = createServer(gateway);
    await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
    return `http://127.0.0.1:${server.address().port}/graphql`;
  },
};
