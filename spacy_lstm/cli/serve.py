"""`spacy lstm serve`: predictions and explanations over HTTP, and a page."""

from typing import Annotated, Callable

import typer

from ..errors import Errors
from ..serve.limits import Limits
from .options import Code, ModelName


def serve_command(
    model: ModelName,
    host: Annotated[
        str,
        typer.Option(help="The address to listen on; by default only this machine reaches it."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 is any that is free.")
    ] = 8000,
    text_length: Annotated[
        int, typer.Option(help="The most characters of a text.")
    ] = Limits.text_length,
    explain_length: Annotated[
        int, typer.Option(help="The most characters of a text to explain, which takes longer.")
    ] = Limits.explain_length,
    texts: Annotated[int, typer.Option(help="The most texts of a request.")] = Limits.texts,
    body_bytes: Annotated[
        int, typer.Option(help="The most bytes of a request, or of a line of a stream.")
    ] = Limits.body_bytes,
    seconds: Annotated[
        float,
        typer.Option(help="How long a request waits for its result, and for parts of its body."),
    ] = Limits.seconds,
    queue_length: Annotated[
        int, typer.Option(help="The most texts that wait.")
    ] = Limits.queue_length,
    batch_size: Annotated[
        int, typer.Option(help="The most texts that are predicted at once.")
    ] = Limits.batch_size,
    requests: Annotated[
        int, typer.Option(help="The most requests that are open at once.")
    ] = Limits.requests,
    code: Code = None,
) -> None:
    """Serve a pipeline, any of spaCy's: a page at /, an API at /v1/ (/openapi.json describes it),
    /health, and /metrics for Prometheus. Ctrl+C ends it."""

    from spacy.cli._util import import_code

    from .load import load

    import_code(code)
    try:
        limits = Limits(
            text_length=text_length,
            explain_length=explain_length,
            texts=texts,
            body_bytes=body_bytes,
            seconds=seconds,
            queue_length=queue_length,
            batch_size=batch_size,
            requests=requests,
        )
        serve = _import_serve()
        serve(load(model), host, port, limits, lambda url: typer.echo(f"{model}: {url}"))
    # Limits, pipelines and addresses that can't be used are ValueErrors with a coded message.
    except ValueError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err
    except KeyboardInterrupt:  # which is how it is meant to end
        typer.echo("Ended.")


def _import_serve() -> Callable[..., None]:
    try:
        from ..serve.server import serve
    except ImportError as err:
        raise ValueError(Errors.L922.format(reason=err)) from err
    return serve
