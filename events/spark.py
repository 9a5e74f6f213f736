"""The way to Apache Spark: one session a process, for the coding of articles and for the questions.

pyspark is an optional requirement: `pip install "pyspark>=4.0.5,<4.1"` and a Java 17 beside it (Databricks has both).
The session is the one that runs (a notebook, `spark-submit`), else one is made at the master that the environment
variable ENTENTE_SPARK names ("spark://host:7077", "yarn", "local[8]"; default: all cores of this machine). Options of
Spark's own go where Spark looks for them: `conf/spark-defaults.conf`, or the command line of `spark-submit`.

**On a cluster** every node needs what this process has: Python with `requirements.txt`, the folder of Entente at
the same path (it holds the model, so that nothing is downloaded), and, unless the store is at an object-store
address, the store's folder on a shared disk. Set PYSPARK_PYTHON to the nodes' Python.
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
    return (
        "Spark needs Java 17, and no java is found: install it (Debian: apt install openjdk-17-jre-headless)"
    )


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
