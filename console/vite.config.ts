import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

export default defineConfig(({ mode }) => {
  const { INVOICEGRAPH_URL = 'http://127.0.0.1:8000' } = loadEnv(mode, '.', 'INVOICEGRAPH_')
  const service = { target: INVOICEGRAPH_URL, changeOrigin: false }
  // The service itself serves the built page, so the page and the API have one origin. These servers do the same.
  const shared = { host: '127.0.0.1', proxy: { '/graphql': service, '/graphiql': service, '/export': service } }
  return {
    base: './', // relative, so that the page works below any path of a proxy
    plugins: [react()],
    build: { assetsDir: 'console', assetsInlineLimit: 0 },
    server: shared,
    preview: shared,
  }
})
