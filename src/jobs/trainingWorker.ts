import { setPriority } from 'node:os';
import { serveJobs } from './serveJobs.ts';
import { measureTrainingJob, trainJob } from './trainJob.ts';

// Entry of the process that trains a model for the editor and ends. It works for minutes: whoever labels meanwhile goes first.
try {
  setPriority(10);
} catch {
  // Where the system does not let it, it trains all the same.
}
serveJobs({ train: trainJob, measureTraining: measureTrainingJob });
