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

  // What notebooks do with one's own data: query, replace, delete, and take it all along.
  const period = { start: at(-3600), end: at(3600) };
  // Flooding closes the gap of two seconds, and drops what has no length.
  const query = [`events = flood(query_bucket("${bucket}"));`, 'work = filter_keyvals(events, "app", ["Code"]);', 'RETURN = {"work": sum_durations(work), "apps": merge_events_by_keys(events, ["app"])};'];
  const [queried] = await client.query([period], query);
  const scratch = "aw-watcher-scratch_e2e";
  await client.ensureBucket(scratch, "unknown", "e2e");
  await client.insertEvents(scratch, [1, 2, 3].map((n) => ({ timestamp: at(-n), duration: n, data: { n } })));
  const [third] = (await client.getEvents(scratch)).slice(-1);
  await client.replaceEvent(scratch, { ...third, data: { n: "three" } });
  const replaced = (await client.getEvent(scratch, third.id)).data.n;
  await client.deleteEvent(scratch, third.id);
  const left = await client.countEvents(scratch);
  const exported = await (await fetch(`${url}/api/0/buckets/${scratch}/export`)).json();
  await client.deleteBucket(scratch);
  await fetch(`${url}/api/0/import`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(exported) });
  const back = await client.countEvents(scratch);
  await fetch(`${url}/api/0/settings/startOfDay`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '"04:00"' });
  const setting = await (await fetch(`${url}/api/0/settings/startOfDay`)).json();
  await client.deleteBucket(scratch);
  const mine = { work: queried.work, apps: queried.apps.map((e) => e.data.app).sort(), replaced, left, back, setting, gone: await client.getBuckets().then((b) => !(scratch in b)) };
  console.log(JSON.stringify({ mine, info, made, durations: events.map((e) => e.duration), count, buckets, same: one.id === events[0].id }));
}

main().catch((error) => { console.error(error.response?.status, error.response?.data ?? error); process.exit(1); });
