// Bundles GraphiQL, its workers and the example queries into dist/. The server serves it under /graphiql/.
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const assets = join(here, "dist/assets");

/** The queries in examples/ as GraphiQL tabs, in the order of their file names. */
async function readExamples() {
  const names = (await readdir(join(here, "examples"))).filter((name) => name.endsWith(".graphql")).sort();
  return Promise.all(
    names.map(async (name) => ({ query: await readFile(join(here, "examples", name), "utf8") })),
  );
}

const examples = {
  name: "examples",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^examples$/ }, () => ({ path: "examples", namespace: "examples" }));
    onLoad({ filter: /.*/, namespace: "examples" }, async () => ({
      contents: JSON.stringify(await readExamples()),
      loader: "json",
    }));
  },
};

// GraphiQL's style sheet already includes Monaco's. Without this each chunk would have a copy.
const monacoStyles = {
  name: "monaco-styles",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]monaco-editor[\\/].*\.css$/ }, () => ({ contents: "", loader: "empty" }));
  },
};

await rm(join(here, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: {
    app: "src/app.jsx",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  outdir: assets,
  bundle: true,
  format: "esm",
  splitting: true,
  minify: true,
  keepNames: true, // GraphiQL uses the function names of its icons as their titles
  target: "es2022",
  jsx: "automatic",
  // GraphiQL imports these two by their old names. Those are CommonJS, and bundling them loses the parsers.
  alias: {
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
  },
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [examples, monacoStyles],
  logLevel: "warning",
});
await cp(join(here, "src/icon.svg"), join(assets, "icon.svg"));
// Last, so that a dist/ with an index.html is complete.
await cp(join(here, "index.html"), join(here, "dist/index.html"));
