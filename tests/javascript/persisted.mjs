// Sends the same query twice with Apollo Client and with urql, both with persisted queries, and prints the HTTP requests.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

const [url, accounts, providers] = process.argv.slice(2);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const requests = [];
const watched = async (input, options) => {
  const response = await fetch(input, options);
  const parameters = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(input).searchParams);
  requests.push([options.method ?? "GET", "query" in parameters, response.status]);
  return response;
};

const apollo = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
    new HttpLink({ uri: url, fetch: watched }),
  ]),
});
const urql = new Client({
  url,
  fetch: watched,
  fetchOptions: { headers: { "graphql-require-preflight": "1" } },
  preferGetMethod: false,
  exchanges: [
    persistedExchange({ generateHash: async (text) => sha256(text), preferGetForPersistedQueries: true }),
    fetchExchange,
  ],
});

const answers = [];
for (const ask of [
  () => apollo.query({ query: gql(accounts), fetchPolicy: "network-only" }),
  () => urql.query(providers, {}).toPromise(),
]) {
  for (const _ of [1, 2]) {
    const { data, error } = await ask();
    answers.push({ data, error: error?.message ?? null });
  }
}
console.log(JSON.stringify({ requests, answers }));
