"""The way to Apache Spark: one session a process, for the coding of articles and for the questions.

    pip install --group spark                                                pyspark; Java 17 beside it
    python -m events code --engine spark articles.jsonl --to store           code on Spark, into a store
    ENTENTE_ENGINE=spark python -m events export greece.csv --store store    answer on Spark (the dashboard too)

The session is the one that runs already (a notebook, `spark-submit`), else one is made at the master that the
environment variable ENTENTE_SPARK names ("spark://host:7077", "yarn"; default: the cores of this machine). Options of
Spark's own go where Spark looks for them: `spark-defaults.conf` in SPARK_CONF_DIR, or `spark-submit`.

**A cluster.** Each node needs Python 3.11 or newer with `requirements.txt` and pyspark, and the folder of Entente at
one path (it holds the model: nothing is downloaded), which PYTHONPATH names; PYSPARK_PYTHON names that Python. The
store lies at an address that all nodes reach: a shared disk, or s3://, abfss://, gs:// with Spark's connector to it
and credentials both for it and for `deltalake`. A node needs 1 GB of memory for each core that codes. The driver
reads the articles, folds reports into events and is the one writer of the store; workers write nothing.

**Databricks.** A job or a notebook on a cluster of one's own (dedicated access, a runtime with Spark 4.0; Spark
Connect and serverless are not supported): an init script puts the folder on each node (`git clone` to /opt/entente,
`pip install -r requirements.txt`) and sets PYTHONPATH=/opt/entente, and the task is the command above, in the cluster's
Python. The store's address is one in the cloud: the Delta tables can be read there as `delta` tables by anybody.

**How much.** 100 million articles of 400 words. Measured, in processor seconds on one core of a busy machine
(`make bench` tells those of yours): general news 49 articles/s with 0.34 reports
each, diplomatic copy 8 articles/s with 13 each; loading the model 1 s a worker; the way through Spark (JSON there and
back) 0.8 ms an article of 4 reports; folding into events and storing, on the driver, 0.44 ms a report in commits of
1,000 articles. Assumed: 0.05 USD a core-hour for the machine, as much again on Databricks.

    100 million articles    coding             machines     reports     driver     cores that one driver keeps busy
    general news              570 core-hours    29 USD    34 million       4 h     140
    diplomatic copy         3,500 core-hours   175 USD     1.3 billion   160 h      20

So general news takes a night on 64 cores (9 h) and costs some 30 USD (60 on Databricks). All of it grows with the
number of articles, the driver's part with that of reports: past the last column more cores wait for the driver. Then
several stores, of one period or data set each, are filled by a run each, beside each other.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import SparkError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["MASTER", "REQUIREMENT", "failures", "missing", "session"]

REQUIREMENT = "pyspark>=4.0.5,<4.1"
"""What ibis takes: it does not know 4.1 yet."""

MASTER = "ENTENTE_SPARK"
"""Environment variable that names the master."""

_guard = threading.Lock()
_seen: set[str] = set()  # the applications that are stopped when this process ends


def missing() -> str | None:
    """Return what keeps Spark from running here, as a sentence; None where nothing does."""
    try:
        import pyspark  # noqa: F401, PLC0415  optional
    except ImportError:
        return f'pyspark is not installed: pip install "{REQUIREMENT}"'
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") or (home and Path(home, "bin", "java").exists()):
        return None
    return "Spark needs Java 17, and no java is found: install it (Debian: apt install default-jre-headless)"


def failures() -> tuple[type[Exception], ...]:
    """Return what a session raises where a job fails."""
    from py4j.protocol import Py4JError  # noqa: PLC0415  optional
    from pyspark.errors import PySparkException  # noqa: PLC0415

    return PySparkException, Py4JError


def session() -> SparkSession:
    """Return this process's Spark session, made where there is none; raises SparkError where that cannot be."""
    if lacking := missing():
        raise SparkError(lacking)
    from pyspark.sql import SparkSession  # noqa: PLC0415  optional

    with _guard:
        if running := SparkSession.getActiveSession():
            return running
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        root = str(Path(__file__).resolve().parents[1])
        builder = (
            SparkSession.builder.appName("Entente")
            .config("spark.executorEnv.PYTHONPATH", root)
            .config("spark.ui.showConsoleProgress", "false")
        )
        if master := os.environ.get(MASTER):
            builder = builder.master(master)
        try:
            made = builder.getOrCreate()
        except Exception as error:  # whatever it is, it is told to whoever asked for Spark
            raise SparkError(f"Spark did not start at {master or 'its own master'}: {error}") from error
        if made.sparkContext.applicationId not in _seen:
            _seen.add(made.sparkContext.applicationId)
            made.sparkContext.setLogLevel("ERROR")  # its warnings are about its own working
            atexit.register(made.stop)  # or its executors complain that their driver is gone
        return made
