// Monaco's language services run in workers. Each worker is a file beside this one: no other origin and no blob URL.
const hasOwnWorker = new Set(["graphql", "json"]);

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = hasOwnWorker.has(label) ? label : "editor";
    return new Worker(new URL(`./${name}.worker.js`, import.meta.url), { type: "module" });
  },
};
