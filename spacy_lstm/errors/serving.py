"""What can be wrong with a service, and with what it is asked."""

from spacy.errors import ErrorsWithCodes


class ServingWarnings(metaclass=ErrorsWithCodes):
    LW901 = (
        "Everybody who reaches {host}:{port} can use this pipeline: there is no password and no "
        "encryption. Leave `--host` out to serve this machine alone, or put a proxy in front."
    )


class ServingErrors(metaclass=ErrorsWithCodes):
    # what is asked
    L901 = (
        "The body has more than {limit} bytes. Send fewer texts at a time, or a line for each to "
        "/v1/stream."
    )
    L902 = (
        "{where} has {length} characters, and {limit} are the most. Divide it, or start the "
        "service with a larger `{option}`."
    )
    L903 = (
        "The request has {n} texts, and {limit} are the most. Divide it, or send a line for each "
        "to /v1/stream."
    )
    L904 = "Nothing came for {seconds:g} s, but the body isn't complete. Send it again."
    L905 = (
        "There is no result after {seconds:g} s. Try again later, or with fewer or shorter texts."
    )
    L906 = "{n} texts are waiting already, and no more fit in. Try again later."
    L907 = "{n} requests are open already. Try again later."
    L908 = "The service is being shut down. Try again later."
    L909 = "The pipeline fails on this text: {reason}. What led to it is in the service's log."
    L910 = "The request can't be used: {reason}. /openapi.json describes what can."
    L911 = "There is no {path} here. /openapi.json lists what there is."
    L912 = "{path} can't be used by {method}. /openapi.json says how it can."
    L913 = "Something went wrong inside the service. What it was is in its log."
    L914 = (
        "Line {line} can't be used: {reason}. Each line must be a string in JSON, or an object "
        'with the field "text".'
    )
    L915 = "Line {line} has more than {limit} bytes. Divide its text."
    L916 = (
        "The characters {start} to {end} are no whole tokens of the text, which an entity must be. "
        'The "ents" of /v1/predict are.'
    )
    # the command
    L921 = "The service can't use {host}:{port}: {reason}. Choose another `--port` or `--host`."
    L922 = (
        "What serves pipelines is missing: {reason}. Install it: "
        "python -m pip install 'spacy-lstm[serve]'"
    )
    L923 = "`{option}` is {value}, and must be more than 0."
