import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

export default defineConfig(({ mode }) => {
  const { INVOICEGRAPH_URL = 'http://127.0.0.1:8000' } = loadEnv(mode, '.', 'INVOICEGRAPH_')
  return {
    base: './',
    plugins: [react()],
    // The page sends requests to its own origin, so the service needs no CORS. In production a reverse proxy does the same.
    server: { host: '127.0.0.1', proxy: { '/graphql': { target: INVOICEGRAPH_URL, changeOrigin: false } } },
  }
})
