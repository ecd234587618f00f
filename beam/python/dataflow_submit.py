"""Hands one pipeline to Dataflow, by the code of Beam's SDK for Python, and ends.

Standard input: one line of JSON, {"pipeline": the pipeline's proto in base64, "options": {name: value}}, with the
options by their names in that SDK. It stays open: when it closes, whoever started this program has gone, and so
nothing more is submitted.

Standard output: one line of JSON, {"jobId": ...} or {"error": {"kind": ..., "message": ...}}. A kind is one of
"credentials", "exists", "http" (then with "status"), "staging", "other".

Standard error: what the SDK logs.

In place of the SDK's own job service for Dataflow (apache_beam.runners.dataflow.dataflow_job_service): that one
outlives its client and then submits again what failed, and turns integers among the options into floats.
"""
import base64
import json
import logging
import os
import sys
import threading


def main():
    answer_to = os.fdopen(os.dup(1), "w")
    # Nothing else may come between: libraries print.
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_launcher, daemon=True).start()
    logging.basicConfig(level=logging.WARNING)
    try:
        answer = {"jobId": submit(base64.b64decode(request["pipeline"]), request["options"])}
    except Exception as error:  # pylint: disable=broad-except
        answer = {"error": describe(error)}
    answer_to.write(json.dumps(answer) + "\n")
    answer_to.flush()
    # Clients of the SDK leave threads behind.
    os._exit(0)


def end_with_launcher():
    while os.read(0, 4096):
        pass
    os._exit(1)


def submit(pipeline, options):
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.portability.api import beam_runner_api_pb2
    from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner

    proto = beam_runner_api_pb2.Pipeline.FromString(pipeline)
    return DataflowRunner().run_pipeline(None, PipelineOptions([], **options), proto).job_id()


def describe(error):
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.exceptions import GoogleCloudError

    message = str(error).strip() or type(error).__name__
    if isinstance(error, GoogleAuthError):
        return {"kind": "credentials", "message": message}
    if type(error).__name__ == "DataflowJobAlreadyExistsError":
        return {"kind": "exists", "message": message}
    # Before the next: an error of Cloud Storage, already put into words by the SDK.
    if message.startswith("Could not upload to GCS path"):
        return {"kind": "staging", "message": message}
    if isinstance(error, (GoogleAPICallError, GoogleCloudError)):
        kind = "staging" if "storage" in str(getattr(error, "response", "")) else "http"
        return {"kind": kind, "message": error.message or message, "status": int(error.code or 0)}
    return {"kind": "other", "message": f"{type(error).__name__}: {message}"}


if __name__ == "__main__":
    main()
