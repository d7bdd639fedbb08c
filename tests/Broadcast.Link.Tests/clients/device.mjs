// A device made of MQTT.js: says "up" once it listens, answers each order with "heard <order>", and ends when that is acknowledged.
import { readFileSync } from 'node:fs';
import mqtt from 'mqtt';

const [port, caFile, device] = process.argv.slice(2);
const client = mqtt.connect(`mqtts://localhost:${port}`, {
  clientId: device,
  username: device,
  password: 'secret',
  ca: readFileSync(caFile),
  protocolVersion: 4,
  clean: true,
  reconnectPeriod: 0,
});
client.on('error', (error) => {
  console.log(`error ${error.message}`);
  process.exit(1);
});
client.on('connect', () => {
  client.subscribe(`d/${device}/down`, { qos: 1 }, (error, granted) => console.log(error ? `error ${error.message}` : `up ${granted[0].qos}`));
});
client.on('message', (topic, payload) => {
  client.publish(`d/${device}/up`, `heard ${payload}`, { qos: 1 }, (error) => {
    console.log(error ? `error ${error.message}` : 'acknowledged');
    client.end();
  });
});
