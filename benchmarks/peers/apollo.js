// Apollo Server on Fastify; DataLoader loads the lines. CACHE=on: its response cache.
import responseCache from "@apollo/server-plugin-response-cache";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginCacheControl } from "@apollo/server/plugin/cacheControl";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import DataLoader from "dataloader";
import Fastify from "fastify";
import { invoices, kept, lines, port, typeDefs } from "./archera.js";

const app = Fastify();
const server = new ApolloServer({
  typeDefs,
  resolvers: {
    Query: { invoices: (_, { first }) => invoices(first) },
    Invoice: { lineItems: (invoice, { first }, { lineItems }) => lineItems.load({ invoice, first }) },
  },
  plugins: [
    fastifyApolloDrainPlugin(app),
    ...(kept ? [ApolloServerPluginCacheControl({ defaultMaxAge: 300 }), responseCache()] : []),
  ],
});
await server.start();
const loader = () =>
  new DataLoader((wanted) => Promise.all(wanted.map(({ invoice, first }) => lines(invoice, first))), {
    cacheKeyFn: ({ invoice, first }) => `${invoice.year}-${invoice.month}-${first}`,
  });
await app.register(fastifyApollo(server), { context: async () => ({ lineItems: loader() }) });
await app.listen({ port, host: "127.0.0.1" });
