import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv, type Plugin, type Rolldown } from 'vite'

const FIRST_LOAD = 250_000 // bytes of scripts and styles that the overview loads, compressed by gzip

/** Says how much the overview loads, and fails if it is more than the budget. */
const budget = (): Plugin => ({
  name: 'budget',
  apply: 'build',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
    const files = new Set<string>()
    const load = (chunk: Rolldown.OutputChunk | undefined) => {
      if (!chunk || files.has(chunk.fileName)) return
      files.add(chunk.fileName)
      for (const name of chunk.viteMetadata?.importedCss ?? []) files.add(name)
      for (const name of chunk.imports) load(chunks.find(({ fileName }) => fileName === name))
    }
    for (const chunk of chunks) if (chunk.isEntry || chunk.facadeModuleId?.endsWith('OverviewPage.tsx')) load(chunk)
    const contents = [...files].map((name) => bundle[name]!).map((file) => (file.type === 'chunk' ? file.code : file.source))
    const bytes = contents.reduce((sum, content) => sum + gzipSync(content).length, 0)
    const text = `The overview loads ${kilobytes(bytes)} kB at first, compressed by gzip. The budget is ${kilobytes(FIRST_LOAD)} kB.`
    if (bytes > FIRST_LOAD) this.error(text)
    this.info(text)
  },
})

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(0)

export default defineConfig(({ mode }) => {
  const { INVOICEGRAPH_URL = 'http://127.0.0.1:8000' } = loadEnv(mode, '.', 'INVOICEGRAPH_')
  const service = { target: INVOICEGRAPH_URL, changeOrigin: false }
  // The service itself serves the built page, so the page and the API have one origin. These servers do the same.
  const shared = { host: '127.0.0.1', proxy: { '/graphql': service, '/graphiql': service, '/export': service } }
  return {
    base: './', // relative, so that the page works below any path of a proxy
    plugins: [react(), ownDocuments(), budget()],
    build: {
      assetsDir: 'console',
      assetsInlineLimit: 0,
      // One file for what pages share, which loads with the frame: else the first page waits for many small files.
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', test: /\/src\/(gql|graph|lib|ui)\// }] } } },
    },
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
