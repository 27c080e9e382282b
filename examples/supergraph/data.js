// The company's own data. The ids are those of Invoicegraph's sandboxes.
const PALETTE = "spectrocloud/sandbox-palette";
const FASTLY = "fastly/sandbox-fastly";

const project = (native) => ({ id: `${PALETTE}/project/${native}` });

export const teams = [
  {
    id: "team:shop",
    name: "Shop",
    budget: { amount: "2000", currency: "USD" },
    projects: [project("5fbbf026c2d8c993e69c52d2"), project("5fbbf04ed32e127f0362eeb3")],
    accounts: [],
  },
  {
    id: "team:data",
    name: "Data",
    budget: { amount: "900", currency: "USD" },
    projects: [project("5fbbf037f20faf72be6b11e5")],
    accounts: [],
  },
  {
    id: "team:platform",
    name: "Platform",
    budget: { amount: "8000.50", currency: "USD" },
    projects: [project("5fbbf0a9206561fc62a76e09"), project("5fbbf0cd2bcaa3b4ea8a3b2a")],
    accounts: [{ id: PALETTE }, { id: FASTLY }],
  },
];

// For each month: Palette's invoice, one of its grants, Fastly's invoice, its first line.
const months = [
  ["6a4459b7f305fd63a24e74fd", "65a1dff27189dfb299dd16b7/1", "INV-317150", "0e01fbeb39c43bc4-1"],
  ["6a1cccb732df26a6ad0e930c", "65a1dff27189dfb299dd16b7/1", "INV-316111", "a8473f835b3bb98e-1"],
  ["69f3ee370ee8fb33abcb8e82", "65a1dff27189dfb299dd16b7/1", "INV-315123", "f14346e2b107886c-1"],
  ["69cc61373c3a9169dbbdce5c", "65a1dff27189dfb299dd16b7/1", "INV-314168", "37c9714b816ea62f-1"],
  ["69a382b7fe004100a14852b4", "65a1dff27189dfb299dd16b7/1", "INV-313198", "b8254b2f37ee269e-1"],
  ["697e98b7c901bcd0980179ac", "65a1dff27189dfb299dd16b7/1", "INV-312177", "047bb141703b7b43-1"],
  ["6955ba378d57eabf9d620696", "65a131e6b606400e491de0d2/1", "INV-311164", "9a19ede8a51b95bf-1"],
  ["692cdbb7fcfe01953dc470f5", "65a131e6b606400e491de0d2/1", "INV-310105", "3fd3cc991ecf112f-1"],
  ["69054eb7e6e1c207f9820dd6", "65a131e6b606400e491de0d2/1", "INV-309126", "fa7fb050104a8f74-1"],
  ["68dc70372bfc2edc8839cbe3", "65a131e6b606400e491de0d2/1", "INV-308184", "fedf7366680f65a6-1"],
];

const ofProjects = (invoice, grant) =>
  teams.flatMap((team) =>
    team.projects.map((project) => ({
      team,
      provider: { id: "spectrocloud" },
      account: { id: PALETTE },
      invoice: { id: `${PALETTE}/invoice/${invoice}` },
      credit: { id: `${PALETTE}/credit/${invoice}/${grant}` },
      project,
    })),
  );

const ofFastly = (invoice, line) => ({
  team: teams.find((team) => team.accounts.some((account) => account.id === FASTLY)),
  provider: { id: "fastly" },
  account: { id: FASTLY },
  invoice: { id: `${FASTLY}/invoice/${invoice}` },
  lineItem: { id: `${FASTLY}/line-item/${invoice}/${line}` },
});

export const bookings = months
  .flatMap(([palette, grant, fastly, line]) => [...ofProjects(palette, grant), ofFastly(fastly, line)])
  .map((booking, place) => ({ id: `booking:${place}`, ...booking }));
