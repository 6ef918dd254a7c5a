# spacy lstm serve in a container.
#
#     docker build -t spacy-lstm .
#     docker run -p 127.0.0.1:8000:8000 -v /path/to/model-best:/model:ro spacy-lstm
#
# Options of the command go after the name of the image: docker run … spacy-lstm --texts 64

FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 MALLOC_MMAP_THRESHOLD_=131072

WORKDIR /app
COPY constraints.txt ./
# The small build of torch, for processors.
RUN pip install -c constraints.txt --extra-index-url https://download.pytorch.org/whl/cpu torch
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY spacy_lstm ./spacy_lstm
RUN pip install -c constraints.txt ".[serve]"

RUN useradd --system --no-create-home server
USER server

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]

# Inside of a container, it is the container that decides who reaches it.
ENTRYPOINT ["python", "-m", "spacy", "lstm", "serve", "/model", "--host", "0.0.0.0", "--port", "8000"]
