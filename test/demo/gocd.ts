import { startGocd } from './gocd/start-gocd.js';
import { required, runAsChild } from './site/child.js';

await runAsChild(() =>
  startGocd({
    port: Number(required('DEMO_PORT')),
    clients: JSON.parse(required('DEMO_CLIENTS')),
    stateFile: process.env.DEMO_STATE || null,
    controlSecret: process.env.DEMO_CONTROL || null,
    oriel: { gadgetOrigin: required('DEMO_GADGET_ORIGIN'), secret: required('DEMO_HOST_SECRET') },
    mingle: required('DEMO_MINGLE'),
  }),
);
