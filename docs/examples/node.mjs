// Sends a reading as a device, and reads energy with an API key. Node 18 or newer, no packages.
// HUB, DEVICE_TOKEN, API_KEY and ORGANIZATION as in curl.sh.
const { HUB, DEVICE_TOKEN, API_KEY, ORGANIZATION } = process.env;

/** POST with a document, GET without. What failed because the hub was away is tried again. */
async function call(path, token, document) {
  for (let pause = 1; ; pause *= 2) {
    try {
      const answer = await fetch(HUB + path, {
        method: document === undefined ? "GET" : "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: document === undefined ? undefined : JSON.stringify(document),
      });
      if (answer.ok) return await answer.json();
      if (![429, 503].includes(answer.status) || pause > 8) throw new Error(`${answer.status}: ${await answer.text()}`);
    } catch (error) {
      if (!(error instanceof TypeError) || pause > 8) throw error; // a TypeError: the hub was not reached
    }
    await new Promise((go) => setTimeout(go, 1000 * pause));
  }
}

const receipt = await call("/api/v1/telemetry", DEVICE_TOKEN, {
  timestamp: new Date().toISOString(),
  metrics: { power_output: 4.2, energy_total: 18250.4 },
});
console.log(`${receipt.stored} stored, ${receipt.duplicates} were there before`);

const history = await call(`/api/v1/organizations/${ORGANIZATION}/energy-history?by=day`, API_KEY);
for (const plant of history.items) {
  for (const day of plant.periods) console.log(plant.name, day.start, day.kwh, "kWh", day.marks.join(" "));
}
