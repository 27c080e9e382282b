// The cache configuration for the schema: the key arguments of lists, and the values that are merged in their parent.
import { typePolicies } from './apollo'
import { say } from './program'
import { resolvers } from './urql'

const lists = Object.entries(typePolicies).flatMap(([type, { fields = {} }]) =>
  Object.entries(fields).map(([field, policy]) => [`${type}.${field}`, (policy as { keyArgs: string[] }).keyArgs]),
)

say(Object.fromEntries(lists))
say(Object.keys(typePolicies).filter((type) => typePolicies[type]?.merge === true))
say(Object.entries(resolvers).flatMap(([type, fields]) => Object.keys(fields).map((field) => `${type}.${field}`)))
