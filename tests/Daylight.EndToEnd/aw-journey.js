// Drives the agent with the real ActivityWatch client, as a watcher would; prints what it saw as JSON.
const { AWClient } = require("aw-client");

async function main() {
  const [url, start] = process.argv.slice(2);
  const client = new AWClient("daylight-e2e", { baseURL: url });
  const bucket = "aw-watcher-window_e2e";
  const at = (seconds) => new Date(new Date(start).getTime() + seconds * 1000);
  const info = await client.getInfo();
  const made = [await client.ensureBucket(bucket, "currentwindow", "e2e"), await client.ensureBucket(bucket, "currentwindow", "e2e")];
  for (let second = 0; second <= 60; second += 4) {
    await client.heartbeat(bucket, 5, { timestamp: at(second), duration: 0, data: { app: "Code", title: "SECRET-TITLE.md" } });
  }
  await client.heartbeat(bucket, 5, { timestamp: at(62), duration: 0, data: { app: "Firefox", title: "SECRET-TITLE bank" } });
  await client.insertEvent(bucket, { timestamp: at(-600), duration: 120, data: { app: "Slack", title: "SECRET-TITLE chat" } });
  const events = await client.getEvents(bucket, { limit: 10 });
  const count = await client.countEvents(bucket);
  const buckets = Object.keys(await client.getBuckets());
  const one = await client.getEvent(bucket, events[0].id);
  console.log(JSON.stringify({ info, made, durations: events.map((e) => e.duration), count, buckets, same: one.id === events[0].id }));
}

main().catch((error) => { console.error(error.response?.status, error.response?.data ?? error); process.exit(1); });
