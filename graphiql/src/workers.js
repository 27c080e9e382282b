// Monaco's language services run in workers: each is a file beside this one, so that no other origin and no blob is needed.
const names = { graphql: "graphql", json: "json" };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(`./${names[label] ?? "editor"}.worker.js`, import.meta.url), { type: "module" }),
};
