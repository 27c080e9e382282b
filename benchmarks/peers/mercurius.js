// Mercurius with graphql-jit from the second execution of a query; a loader loads the lines. CACHE=on: mercurius-cache.
import Fastify from "fastify";
import mercurius from "mercurius";
import cache from "mercurius-cache";
import { invoices, kept, lines, port, typeDefs } from "./archera.js";

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers: { Query: { invoices: (_, { first }) => invoices(first) } },
  loaders: {
    Invoice: {
      lineItems: (queries) => Promise.all(queries.map(({ obj, params }) => lines(obj, params.first))),
    },
  },
  jit: 1,
});
if (kept) app.register(cache, { ttl: 300, policy: { Query: { invoices: true }, Invoice: { lineItems: true } } });
await app.listen({ port, host: "127.0.0.1" });
