// What the caches are told of the schema: lists by what tells them apart, and values that are joined in their object.
import { typePolicies } from './apollo'
import { say } from './program'
import { resolvers } from './urql'

const lists = Object.entries(typePolicies).flatMap(([type, { fields = {} }]) =>
  Object.entries(fields).map(([field, policy]) => [`${type}.${field}`, (policy as { keyArgs: string[] }).keyArgs]),
)

say(Object.fromEntries(lists))
say(Object.keys(typePolicies).filter((type) => typePolicies[type]?.merge === true))
say(Object.entries(resolvers).flatMap(([type, fields]) => Object.keys(fields).map((field) => `${type}.${field}`)))
