# The dashboard in a container: docker build -t entente . && docker run -p 8501:8501 -v entente:/data entente
# Everything it needs is in the image: it asks no other host at run time. The store lies in the volume /data.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/entente
COPY requirements.txt /tmp/requirements.txt
RUN /opt/entente/bin/pip install --quiet --upgrade pip \
    && /opt/entente/bin/pip install --quiet -r /tmp/requirements.txt

FROM python:3.12-slim-bookworm
ENV PATH=/opt/entente/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ENTENTE_STORE=/data/store
# Chromium makes PNG, SVG and PDF of charts; the fonts write names in scripts that IBM Plex lacks.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 entente \
    && install --directory --owner=entente --group=entente /data
COPY --from=build /opt/entente /opt/entente
WORKDIR /app
COPY LICENSE README.md dashboard.py ./
COPY .streamlit .streamlit
COPY data data
COPY events events
RUN python -m compileall -q events
USER 10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
# An empty store is filled with the bundled samples once; the address makes it reachable from outside the container.
CMD ["sh", "-c", "python -m events samples --if-empty && exec streamlit run dashboard.py --server.address=0.0.0.0 --server.port=8501 --server.headless=true"]
