import { handlers } from './handlers.ts';
import { serveJobs } from './serveJobs.ts';

// Entry of the process that does one job for the editor and ends.
serveJobs(handlers);
