/** What `caselight --help` prints. */
export const USAGE = `Caselight labels case narratives in CSV files with a local BERT.

Usage: caselight COMMAND [options]

  classify TEXT... [--json]    label and probabilities of each text; - reads one text a line
  predict FILE                 predicts every record
      --output FILE            default: standard output
      --format csv|jsonl       csv keeps the file and appends predicted_label and confidence
      --probabilities          csv: a column more for the probability of each label
      --logits                 csv: a column more for the logit of each label
      --escape-formulas        csv: put ' before fields that a spreadsheet would run as a formula
  evaluate FILE [--json]       compares predictions with the label column
  precision FILE               compares int8 with fp32 on a sample of the narratives
      --sample N               narratives compared; default 500
      --seed N                 decides which; default 42
      --json                   the report as JSON
  download REPO --output DIR   fetches a checkpoint, such as dmis-lab/biobert-base-cased-v1.1, from a Hugging Face hub
      --revision R             branch, tag or commit; default: main
      --endpoint URL           the hub or a mirror of it; default: HF_ENDPOINT, else https://huggingface.co
                               HF_TOKEN opens private and gated repositories; HTTPS_PROXY and NO_PROXY count
      --json                   the summary as JSON
  import DIR --output DIR2     turns a checkpoint of any supported format into a model folder
      --labels A,B,C           names of the labels, in the order of their ids
      --name NAME              of the model; default: the name of DIR2
      --seed N                 of a fresh head, where the checkpoint has none; default 42
      --json                   the summary as JSON
  train FILE --output DIR      fine-tunes a model on the labelled records; DIR is a model folder
      --base DIR               model or checkpoint to start from; default: the built-in model
      --scope full|last-N|head what is trained: everything, the last N layers and the head, or the head
      --epochs 5 --batch-size 8 --learning-rate 5e-5 --optimizer adam|adamw --dropout 0.1
      --validation 0.2         share that is held out, about; --validation-file F: held-out records of their own
      --split stratified|in-order
                               in-order holds out the end of the file
      --recipe notebook|editor editor: AdamW, warm-up, decay, clipping, balanced classes, best epoch;
                               learning rate 1e-4 for the last layers, 1e-3 for the head
      --class-weights none|balanced --keep last|best
      --engine auto|tensorflow|onnxruntime
      --name NAME --seed 42 --json
                               a run that was killed goes on when the same command is run again; Ctrl+C gives it up
  install-tensorflow           installs the native library of the TensorFlow engine, Linux on x64 only; without an option
                               the upstream archive is downloaded
      --mirror URL             the folder that the same archive lies in
      --file FILE              the libtensorflow-cpu archive (.tar.gz) or a tensorflow-cpu wheel (.whl)
      --sha256 HEX             hash of FILE, where Caselight does not know it
      --pip                    the wheel, fetched by pip of python3 from the index that it is set up for
      --force                  installs it again
      --json                   the summary as JSON
  tokens FILE                  WordPiece ids of the text column, one JSON object a record

Options of every command:
  --model DIR                  model folder; default: the built-in model
  --text NAME --label NAME --id NAME
                               columns; default: found by header
  --max-length N               most tokens read of a text; default 256
  --precision fp32|int8        default fp32, the model's exact figures; int8 is up to twice as fast
  --threads N                  default: the processor's cores, at most 8
  --encoding NAME              of the file; default: detected

caselight --version prints the version.

FILE may be - for standard input. Results go to standard output, progress to standard error.
Exit status: 0, 1 with error[CODE] on standard error, 2 for wrong usage.
`;
