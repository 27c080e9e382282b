// The second subgraph: the projects and accounts of each team, its budget and its charges.
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { bookings, teams } from "./data.js";

export const typeDefs = parse(readFileSync(new URL("teams.graphql", import.meta.url), "utf8"));

const byId = ({ id }) => [...teams, ...bookings].find((thing) => thing.id === id);
const owner = (kind) => ({ id }) => teams.find((team) => team[kind].some((thing) => thing.id === id));

const resolvers = {
  Query: {
    teams: () => teams,
    bookings: (_, { first, after }) => {
      const start = after ? bookings.findIndex((booking) => booking.id === after) + 1 : 0;
      const nodes = bookings.slice(start, start + first);
      return {
        nodes,
        pageInfo: {
          hasNextPage: start + nodes.length < bookings.length,
          hasPreviousPage: start > 0,
          startCursor: nodes[0]?.id,
          endCursor: nodes.at(-1)?.id,
        },
      };
    },
    node: (_, { id }) => byId({ id }),
  },
  Node: { __resolveType: ({ id }) => (id.startsWith("team:") ? "Team" : "Booking") },
  Team: { __resolveReference: byId },
  Booking: { __resolveReference: byId },
  Project: { team: owner("projects") },
  Account: { team: owner("accounts") },
  Invoice: { bookings: ({ id }) => bookings.filter((booking) => booking.invoice.id === id) },
};

/** Starts the subgraph and returns its URL. */
export async function serveTeams(port) {
  const server = new ApolloServer({
    schema: buildSubgraphSchema({ typeDefs, resolvers }),
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  return (await startStandaloneServer(server, { listen: { port, host: "127.0.0.1" } })).url;
}
