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
  tokens FILE                  WordPiece ids of the text column, one JSON object a record

Options of every command:
  --model DIR                  model folder; default: the built-in model
  --text NAME --label NAME --id NAME
                               columns; default: found by header
  --max-length N               most tokens read of a text; default 256
  --precision fp32|int8        default fp32, the model's exact figures; int8 is about 1.7 times as fast
  --threads N                  default: the processor's cores, at most 8
  --encoding NAME              of the file; default: detected

caselight --version prints the version.

FILE may be - for standard input. Results go to standard output, progress to standard error.
Exit status: 0, 1 with error[CODE] on standard error, 2 for wrong usage.
`;
