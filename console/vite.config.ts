import { readFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv, type Plugin } from 'vite'

export default defineConfig(({ mode }) => {
  const { INVOICEGRAPH_URL = 'http://127.0.0.1:8000' } = loadEnv(mode, '.', 'INVOICEGRAPH_')
  const service = { target: INVOICEGRAPH_URL, changeOrigin: false }
  // The service itself serves the built page, so the page and the API have one origin. These servers do the same.
  const shared = { host: '127.0.0.1', proxy: { '/graphql': service, '/graphiql': service, '/export': service } }
  return {
    base: './', // relative, so that the page works below any path of a proxy
    plugins: [react(), ownDocuments()],
    build: { assetsDir: 'console', assetsInlineLimit: 0 },
    server: shared,
    preview: shared,
  }
})

const GENERATED = /^export const (\w+(?:Document|FragmentDoc)) = (\{.*\}) as unknown as /gm
const CALL = /\bgraphql\(`\s*(query|mutation|subscription|fragment)\s+(\w+)[^`]*`\)/g

/**
 * Replaces each call of `graphql` by its document, so that a document loads with the code that uses it. The generated
 * function has one map of all documents, which every page would load.
 */
function ownDocuments(): Plugin {
  const documents = new Map<string, string>()
  return {
    name: 'own-documents',
    apply: 'build',
    enforce: 'pre', // before the types are removed
    buildStart() {
      for (const [, name, json] of readFileSync('src/gql/graphql.ts', 'utf8').matchAll(GENERATED)) documents.set(name!, json!)
    },
    transform: {
      filter: { id: { include: /\/src\/.*\.tsx?$/, exclude: /\/src\/gql\// }, code: 'graphql(`' },
      handler(code) {
        return code.replace(CALL, (_, kind: string, name: string) => {
          const json = documents.get(`${name}${kind === 'fragment' ? 'FragmentDoc' : 'Document'}`)
          return json ?? this.error(`No document was generated for the ${kind} ${name}.`)
        })
      },
    },
  }
}
